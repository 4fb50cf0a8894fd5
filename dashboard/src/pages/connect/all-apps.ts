/**
 * Every known client, in the order of the page.
 * @module
 */
import type { ConnectApp, ConnectDialect, ConnectForm } from "./apps.ts";
import { agentApps } from "./snippets-agents.ts";
import { chatApps } from "./snippets-apps.ts";
import { codeApps } from "./snippets-code.ts";
import { editorApps } from "./snippets-editors.ts";
import { vendorApps } from "./snippets-vendors.ts";

/** All of them. */
export const allApps: readonly ConnectApp[] = [...codeApps, ...vendorApps, ...agentApps, ...editorApps, ...chatApps];

/**
 * An app and the form of it that is shown.
 * @param chosen out of the address: anything
 * @returns the first app and its first form when there is none of that name
 */
export function chooseApp(chosen: { app?: string | undefined; dialect?: ConnectDialect | undefined }): {
  app: ConnectApp;
  form: ConnectForm;
} {
  const app = allApps.find((one) => one.id === chosen.app) ?? allApps[0];
  const form = app?.forms.find((one) => one.dialect === chosen.dialect) ?? app?.forms[0];
  if (app === undefined || form === undefined) throw new Error("no apps");
  return { app, form };
}
