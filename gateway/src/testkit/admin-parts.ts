/**
 * Parts of the admin world that a host brings otherwise: settings and prices over the store, passwords, a hub of calls.
 * @module
 */
import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
import { SettingsRefused } from "../admin/settings-refused.ts";
import type { CallHub, Passwords, PricesControl, SettingsControl, SettingState } from "../admin/services.ts";
import type { CallRecord } from "../core/records.ts";
import { parsePriceRows } from "../ledger/price-overrides.ts";
import { priceTable } from "../ledger/price-table.ts";
import type { PriceRow } from "../ledger/price-usage.ts";
import { createPrices, priceCall } from "../ledger/prices.ts";
import { createCallHub } from "../observe/hub.ts";
import { parseSettings } from "../settings/parse.ts";
import { settingsTable } from "../settings/table.ts";
import type { Store } from "../storage/types.ts";

/** scrypt at a cost that lets tests log in a thousand times. */
export const quickPasswords: Passwords = {
  hash: async (password) => {
    const salt = randomBytes(16);
    return `scrypt$${salt.toString("hex")}$${scryptSync(password, salt, 32, quick).toString("hex")}`;
  },
  verify: async (password, hash) => {
    const [kind, salt, digest] = hash.split("$");
    if (kind !== "scrypt" || salt === undefined || digest === undefined) return false;
    const made = scryptSync(password, Buffer.from(salt, "hex"), 32, quick);
    return timingSafeEqual(made, Buffer.from(digest, "hex"));
  },
};

/** A hub with a handle to end calls. */
export interface TestHub extends CallHub {
  emit(record: CallRecord): void;
  /** How many listen. */
  readonly listeners: number;
}

/** Nobody listens. */
export function createTestHub(): TestHub {
  const { listen, endedSince, publish, size } = createCallHub();
  return {
    listen,
    endedSince,
    emit: publish,
    get listeners() {
      return size();
    },
  };
}

/** Settings by the real table and parser, stored in the real table; every one counts as hot. */
export function createTestSettings(
  environment: Readonly<Record<string, string>>,
  store: Pick<Store, "administration">,
): SettingsControl {
  const { settings: current, problems } = parseSettings(environment);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join(" "));
  let stored: Record<string, string> = {};
  return {
    current,
    list: () =>
      settingsTable.map((row): SettingState => {
        const given = environment[row.name] ?? stored[row.name] ?? row.default;
        const source = row.name in environment ? "environment" : row.name in stored ? "stored" : "default";
        const shown = row.secret && given !== null ? "set" : given;
        const { name, group, kind, help, secret } = row;
        return {
          name,
          group,
          kind,
          help,
          secret,
          source,
          hot: true,
          readOnly: secret,
          value: shown,
          choices: row.choices ?? null,
          default: row.default,
          stored: stored[name] ?? null,
        };
      }),
    async change(changes, dryRun) {
      const refused = Object.keys(changes).flatMap((name) => {
        const row = settingsTable.find((each) => each.name === name);
        if (row === undefined) return [{ name, message: `There is no setting ${name}.` }];
        return row.secret ? [{ name, message: `${name} may not be stored.` }] : [];
      });
      const next = { ...stored };
      for (const [name, value] of Object.entries(changes)) {
        if (value === null) delete next[name];
        else next[name] = value;
      }
      const parsed = parseSettings({ ...next, ...environment });
      refused.push(...parsed.problems.map(({ variable, message }) => ({ name: variable, message })));
      if (refused.length > 0) throw new SettingsRefused(refused);
      const changed = Object.keys(changes);
      const outranked = changed.filter((name) => name in environment);
      if (!dryRun) {
        await store.administration.settings.write(changes);
        stored = next;
        Object.assign(current, parsed.settings);
      }
      return { changed, afterRestart: [], outranked };
    },
  };
}

/** Real prices; a re-pricing that tells one slice for each entry of `slices` and waits for `go` before each. */
export function createTestPrices(): PricesControl & { slices: number[]; go: () => void } {
  let own: readonly PriceRow[] = [];
  let prices = createPrices();
  let waiting: (() => void)[] = [];
  const control = {
    slices: [] as number[],
    go(): void {
      for (const resolve of waiting.splice(0)) resolve();
      waiting = [];
    },
    overrides: () => own,
    file: () => [],
    table: () => priceTable,
    async setOverrides(rows: readonly unknown[]) {
      const next = parsePriceRows(JSON.stringify(rows));
      prices = createPrices(next);
      own = next;
    },
    price: (record: CallRecord) => priceCall(prices, record),
    async reprice(...[, onSlice]: Parameters<PricesControl["reprice"]>) {
      let looked = 0;
      for (const slice of control.slices) {
        await new Promise<void>((resolve) => waiting.push(resolve));
        if (slice < 0) throw new RangeError("the disk is full of secrets");
        looked += slice;
        onSlice({ looked, changed: looked, differenceNanoUsd: looked * 1e9 });
      }
    },
  };
  return control;
}

// --- helpers ---

const quick = { N: 16, r: 1, p: 1 };
