/**
 * How to point clients at this gateway: the exact settings, with its address filled in.
 * @module
 */
import { type ReactNode, useState } from "react";
import { useApi } from "../../api/queries.ts";
import { textField, wordField } from "../../lib/search.ts";
import { useSearch } from "../../lib/use-search.ts";
import { Badge } from "../../ui/badge.tsx";
import { Link } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { CodeBlock, CopyButton } from "../../ui/code.tsx";
import { TextField } from "../../ui/field.tsx";
import { Icon } from "../../ui/icons.tsx";
import { PageHeader } from "../../ui/page.tsx";
import { Select } from "../../ui/select.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { defaultModel, gatewayUrl, keyPlaceholder } from "./addresses.ts";
import { allApps, chooseApp } from "./all-apps.ts";
import { type ConnectApp, connectDialects, dialectNames } from "./apps.ts";
import { KeyChoice } from "./key-choice.tsx";

const shape = { app: textField(40), dialect: wordField(connectDialects), model: textField(200) };

/** The page at `/ui/connect`. */
export function ConnectPage(): ReactNode {
  const [search, change] = useSearch(shape);
  const health = useApi("getHealth", {});
  // A key is never in the address, and not kept when the page is left.
  const [typed, setTyped] = useState("");
  const { app, form } = chooseApp(search);
  const url = gatewayUrl(health.data?.url, location.origin);
  const model = search.model ?? defaultModel;
  const snippets = form.build({ url, key: typed === "" ? keyPlaceholder : typed, model });
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <PageHeader
        title="Connect"
        description="Point your clients at this gateway, in the dialect that they already speak."
      />
      <div className="grid items-start gap-4 lg:grid-cols-[14rem_minmax(0,1fr)] xl:grid-cols-[14rem_minmax(0,1fr)_20rem]">
        <Select
          className="lg:hidden"
          label="Client"
          value={app.id}
          options={allApps.map((one) => ({
            value: one.id,
            label: one.name,
            ...(one.detail === undefined ? {} : { hint: one.detail }),
          }))}
          onChange={(id) => change({ app: id, dialect: undefined })}
        />
        <AppList chosen={app} onChoose={(id) => change({ app: id, dialect: undefined })} />
        <div className="flex min-w-0 flex-col gap-4">
          <Card
            title={
              <span className="flex flex-wrap items-center gap-2">
                {app.name}
                {app.detail !== undefined && <span className="font-normal text-ink-soft">{app.detail}</span>}
                <Evidence app={app} />
              </span>
            }
          >
            <div className="flex flex-col gap-4">
              <div className="flex flex-wrap items-end justify-between gap-3">
                {app.forms.length > 1 ? (
                  <Tabs
                    label="Dialect"
                    value={form.dialect}
                    onChange={(dialect) => change({ dialect })}
                    tabs={app.forms.map(({ dialect }) => ({ value: dialect, label: dialectNames[dialect] }))}
                  />
                ) : (
                  <p className="text-sm text-ink-soft">Speaks {dialectNames[form.dialect]}.</p>
                )}
                <TextField
                  label="Model"
                  className="w-52"
                  value={search.model ?? ""}
                  placeholder={defaultModel}
                  onChange={(next) =>
                    change({ model: next.trim() === "" ? undefined : next.trim() }, { replace: true })
                  }
                />
              </div>
              {snippets.map((snippet) => (
                <div key={snippet.text} className="flex min-w-0 flex-col gap-1.5">
                  {snippet.file !== undefined && <p className="font-mono text-xs text-ink-soft">{snippet.file}</p>}
                  <CodeBlock
                    text={snippet.text}
                    language={snippet.language === "text" ? "settings" : snippet.language}
                    label={`${app.name} settings`}
                  />
                  {snippet.note !== undefined && <p className="text-xs text-ink-soft">{snippet.note}</p>}
                </div>
              ))}
            </div>
          </Card>
        </div>
        <div className="flex min-w-0 flex-col gap-4 lg:col-start-2 xl:col-start-3">
          <Addresses url={url} />
          <KeyChoice typed={typed} onType={setTyped} dialect={form.dialect} />
        </div>
      </div>
    </div>
  );
}

// --- helpers ---

function Evidence({ app }: { app: ConnectApp }): ReactNode {
  return app.evidence === "tested" ? (
    <Badge tone="ok" icon="check" title="The test suite runs this client, unmodified, against the gateway">
      tested
    </Badge>
  ) : (
    <Badge title="As its own documentation says; the test suite does not run it">by its documentation</Badge>
  );
}

function AppList({ chosen, onChoose }: { chosen: ConnectApp; onChoose: (id: string) => void }): ReactNode {
  const groups = [...new Set(allApps.map((app) => app.group))];
  return (
    <nav aria-label="Clients" className="card hidden flex-col gap-2 p-2 lg:row-span-2 lg:flex xl:row-span-1">
      {groups.map((group) => (
        <div key={group}>
          <h2 className="px-2 py-1 text-xs font-medium text-ink-faint">{group}</h2>
          <ul>
            {allApps
              .filter((app) => app.group === group)
              .map((app) => (
                <li key={app.id}>
                  <button
                    type="button"
                    aria-current={app.id === chosen.id || undefined}
                    onClick={() => onChoose(app.id)}
                    className="menu-item w-full justify-between aria-[current=true]:bg-accent-soft aria-[current=true]:text-accent"
                  >
                    <span className="min-w-0 truncate">
                      {app.name}
                      {app.detail !== undefined && <span className="ml-1.5 text-xs text-ink-faint">{app.detail}</span>}
                    </span>
                    {app.evidence === "tested" && <Icon name="check" size={12} className="text-ok" />}
                  </button>
                </li>
              ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

function Addresses({ url }: { url: string }): ReactNode {
  const rows = [
    ["Gemini clients", url, "they add /v1beta themselves"],
    ["with the version", `${url}/v1beta`, "for @ai-sdk/google, LiteLLM"],
    ["OpenAI clients", `${url}/v1`, "chat/completions, responses, embeddings, models"],
    ["Anthropic clients", url, "they add /v1/messages themselves"],
  ] as const;
  return (
    <Card title="Addresses">
      <dl className="flex flex-col gap-2 text-sm">
        {rows.map(([name, address, hint]) => (
          <div key={name}>
            <dt className="text-xs text-ink-faint">
              {name}: {hint}
            </dt>
            <dd className="flex items-center justify-between gap-2">
              <span className="min-w-0 font-mono text-xs break-all">{address}</span>
              <CopyButton text={address} iconOnly label={`Copy address for ${name}`} />
            </dd>
          </div>
        ))}
      </dl>
      <p className="mt-3 text-xs text-ink-soft">
        The key goes in <code>x-goog-api-key</code>, <code>Authorization: Bearer</code> or <code>x-api-key</code>. Try
        it in the <Link to="/playground">playground</Link>.
      </p>
    </Card>
  );
}
