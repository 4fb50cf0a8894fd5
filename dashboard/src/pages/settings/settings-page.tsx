/**
 * Everything about the gateway itself: settings, prices, people, tokens, who changed what, health.
 * @module
 */
import type { ReactNode } from "react";
import { useIsAdmin } from "../../api/queries.ts";
import { Badge } from "../../ui/badge.tsx";
import { PageHeader } from "../../ui/page.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { useSearch } from "../../lib/use-search.ts";
import { AuditTab } from "./audit-tab.tsx";
import { GeneralTab } from "./general-tab.tsx";
import { HealthTab } from "./health-tab.tsx";
import { OperatorsTab } from "./operators-tab.tsx";
import { PricesTab } from "./prices-tab.tsx";
import { settingsShape, type SettingsTab } from "./settings-search.ts";
import { TokensTab } from "./tokens-tab.tsx";

/** The page at `/ui/settings`. */
export function SettingsPage(): ReactNode {
  const [search, change] = useSearch(settingsShape);
  const isAdmin = useIsAdmin();
  const tabs: { value: SettingsTab; label: string; panel: ReactNode }[] = [
    { value: "general", label: "General", panel: <GeneralTab /> },
    { value: "prices", label: "Prices", panel: <PricesTab /> },
    // These are an admin's business: a viewer is not even told what is in them.
    ...(isAdmin
      ? [
          { value: "operators" as const, label: "Operators", panel: <OperatorsTab /> },
          { value: "tokens" as const, label: "Tokens", panel: <TokensTab /> },
          { value: "audit" as const, label: "Audit log", panel: <AuditTab /> },
        ]
      : []),
    { value: "health", label: "Health and about", panel: <HealthTab /> },
  ];
  const asked = search.tab ?? "general";
  const shown = tabs.some(({ value }) => value === asked) ? asked : "general";
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <PageHeader title="Settings" actions={!isAdmin && <Badge>Read only: viewers cannot change settings</Badge>} />
      <Tabs label="Parts of the settings" value={shown} onChange={(tab) => change({ tab })} tabs={tabs} />
    </div>
  );
}
