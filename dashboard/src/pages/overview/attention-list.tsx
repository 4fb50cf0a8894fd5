/**
 * What needs a person now, the most urgent first.
 * @module
 */
import { type ReactNode, useState } from "react";
import { useApi } from "../../api/queries.ts";
import type { Attention } from "../../api/types.ts";
import { StateBadge } from "../../ui/badge.tsx";
import { Button, Link } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { OutsideLink } from "../../ui/outside-link.tsx";
import { ErrorState } from "../../ui/states.tsx";
import { Time } from "../../ui/values.tsx";
import { attentionDetail } from "./attention-words.ts";

/** The list; nothing at all when nothing needs anybody. */
export function AttentionList(): ReactNode {
  const attention = useApi("getAttention", {}, { refetchMs: 30_000 });
  const [all, setAll] = useState(false);
  if (attention.error !== null && attention.data === undefined)
    return <ErrorState error={attention.error} onRetry={() => void attention.refetch()} />;
  const items = attention.data?.items ?? [];
  if (items.length === 0) return null;
  const shown = all ? items : items.slice(0, fewest);
  return (
    <div id="attention" className="scroll-mt-16">
      <Card title="Needs attention" flush>
        <ul>
          {shown.map((item) => (
            <Row key={`${item.code} ${item.title} ${item.link}`} item={item} />
          ))}
        </ul>
        {items.length > fewest && (
          <div className="border-t border-line px-3 py-2 sm:px-4">
            <Button kind="quiet" size="small" onClick={() => setAll(!all)} aria-expanded={all}>
              {all ? "Show fewer" : `Show all ${items.length}`}
            </Button>
          </div>
        )}
      </Card>
    </div>
  );
}

// --- helpers ---

const fewest = 4;

function Row({ item }: { item: Attention }): ReactNode {
  return (
    <li className="flex flex-wrap items-start gap-x-3 gap-y-1 border-t border-line px-3 py-2.5 sm:px-4">
      <span className="w-20 shrink-0">
        <StateBadge state={item.severity} />
      </span>
      <div className="min-w-0 flex-1 basis-56">
        <p className="font-medium break-words">{item.title}</p>
        <p className="text-ink-soft break-words">{attentionDetail(item)}</p>
        {item.outside !== null && (
          <p className="text-sm">
            <OutsideLink address={item.outside} />
          </p>
        )}
      </div>
      <div className="flex items-center gap-3 text-xs text-ink-faint">
        {item.sinceMs !== null && <Time at={item.sinceMs} style="ago" />}
        {item.link !== null && (
          <Link to={item.link} className="text-sm" aria-label={`Look: ${item.title}`}>
            Look
          </Link>
        )}
      </div>
    </li>
  );
}
