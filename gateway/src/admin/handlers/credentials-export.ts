/**
 * Keys as a file: masked for comparing, or encrypted for another gateway. Never readable: that is for the command line on
 * the machine itself. Accounts are left out: two gateways that refresh the same tokens would end each other's log-in, where
 * Google gives a new refresh token with each refresh.
 * @module
 */
import { sealExportFile, toExportFile } from "../../vault/export-file.ts";
import type { ExportedKey } from "../../vault/export-file.ts";
import { AdminError } from "../admin-errors.ts";
import type { RouteBody, RouteOutput } from "../define-route.ts";
import type { exportCredentials } from "../contract/credentials.ts";
import type { AdminServices } from "../services.ts";
import { factsOf, readRows } from "../views/credential-rows.ts";
import { eachOf, openProxy, openSecret } from "../views/masked-keys.ts";

/** What came of it. */
export type ExportOutcome = RouteOutput<typeof exportCredentials>;

/**
 * Makes the file.
 * @param wanted validated
 * @throws AdminError `body_invalid`, or `conflict` when there are keys that no configured master key opens
 */
export async function exportKeys(
  wanted: RouteBody<typeof exportCredentials>,
  services: AdminServices,
): Promise<ExportOutcome> {
  const { mode, passphrase } = wanted;
  if (mode === "encrypted" && passphrase === undefined)
    throw new AdminError("body_invalid", {
      message: "An encrypted export needs a passphrase of 16 characters or more.",
      field: "body.passphrase",
    });
  const ids = wanted.ids === undefined ? null : new Set(wanted.ids);
  const chosen = (await readRows(services)).filter((row) => ids === null || ids.has(row.view.id));
  const rows = chosen.filter(({ kind }) => kind === "api-key");
  const opened = new Map<string, ExportedKey>();
  await eachOf(rows, services, async (row) => {
    const { view } = row;
    const secret = await openSecret(row, services);
    const proxy = await openProxy(row, services);
    const isLost = secret === null || (proxy === null && (row.stored?.sealedProxy ?? null) !== null);
    if (!isLost) opened.set(view.id, { ...factsOf(row), name: view.name, secret, proxy });
  });
  const lost = rows.length - opened.size;
  if (mode === "encrypted" && lost > 0)
    throw new AdminError("conflict", {
      message: `${lost} of ${rows.length} keys cannot be opened with the configured master key.`,
      next: "Set ENCRYPTION_KEY to the key that sealed them, remove them, or export others by 'ids'.",
    });
  const keys = rows.flatMap((row) => opened.get(row.view.id) ?? []);
  const exportedAt = new Date(services.clock.now()).toISOString();
  const file = toExportFile(keys, { masked: mode === "masked", exportedAt });
  const value = mode === "masked" ? file : await sealExportFile(file, passphrase ?? "", services.random);
  return {
    fileName: `gemini-proxy-keys-${mode}-${exportedAt.slice(0, 10)}.json`,
    text: `${JSON.stringify(value, null, 2)}\n`,
    count: keys.length,
    accountsLeftOut: chosen.length - rows.length,
  };
}
