/**
 * What of the settings is seen, in the address.
 * @module
 */
import { textField, wordField } from "../../lib/search.ts";

const tabNames = ["general", "prices", "operators", "tokens", "audit", "health"] as const;
export type SettingsTab = (typeof tabNames)[number];

/** Fields of the address, of all tabs. */
export const settingsShape = {
  tab: wordField(tabNames),
  /** Words, in General and Prices. */
  search: textField(100),
  /** Of the audit log. */
  action: textField(64),
  actor: textField(100),
};
