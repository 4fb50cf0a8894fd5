/**
 * Code Assist accounts that wait for a person: to log in again, to do what Google wants, or to set the OAuth client.
 * @module
 */
import type * as z from "zod";
import type { attentionSchema } from "../schemas/operations.ts";
import type { RowView } from "../views/credential-rows.ts";
import { outsideLink } from "../views/outside-link.ts";
import { isOwnersTrouble } from "./accounts-trouble.ts";

type AttentionItem = z.output<typeof attentionSchema>["items"][number];

/** Accounts that are told of one by one; a fault that all share would hide everything else. */
const mostShown = 5;

/**
 * One item an account, with Google's words; one for all that want the OAuth client.
 * @param facts credentials of the pool
 */
export function accountsInTrouble({ credentials }: { credentials: readonly RowView[] }): AttentionItem[] {
  const waiting = credentials.flatMap(({ id, name, state, disabled }) =>
    state === "disabled" && disabled !== null && isOwnersTrouble(disabled.reason) ? [{ id, name, disabled }] : [],
  );
  const isClients = ({ disabled }: Waiting): boolean => disabled.rule.startsWith("account.client-");
  const owners = waiting.filter((one) => !isClients(one));
  return [
    ...clientItem(waiting.filter(isClients)),
    ...owners.slice(0, mostShown).map(toItem),
    ...restItem(owners.slice(mostShown)),
  ];
}

// --- helpers ---

interface Waiting {
  id: string;
  name: string;
  disabled: NonNullable<RowView["disabled"]>;
}

function toItem({ id, name, disabled }: Waiting): AttentionItem {
  const isLogin = disabled.reason === "login-needed";
  return {
    severity: "warning",
    code: isLogin ? "accounts.login-needed" : "accounts.not-eligible",
    title: isLogin ? `Account ${name} must log in again` : `Google does not serve account ${name}`,
    detail: disabled.words,
    link: `/ui/pool?credential=${encodeURIComponent(id)}`,
    outside: outsideLink(disabled.words),
    sinceMs: disabled.sinceMs,
  };
}

function clientItem(waiting: readonly Waiting[]): AttentionItem[] {
  const [first] = waiting;
  if (first === undefined) return [];
  const count = waiting.length === 1 ? "1 account cannot" : `${waiting.length} accounts cannot`;
  return [
    {
      severity: "warning",
      code: "accounts.client",
      title: `${count} be refreshed: the OAuth client is missing or refused`,
      detail: first.disabled.words,
      link: "/ui/settings?search=CODE_ASSIST_CLIENT",
      outside: null,
      sinceMs: sinceOf(waiting),
    },
  ];
}

function restItem(waiting: readonly Waiting[]): AttentionItem[] {
  if (waiting.length === 0) return [];
  return [
    {
      severity: "warning",
      code: "accounts.more",
      title: `${waiting.length} more account${waiting.length === 1 ? " waits" : "s wait"} for a person`,
      detail: "They must log in again, or are not eligible.",
      link: "/ui/pool?kind=code-assist&state=disabled",
      outside: null,
      sinceMs: sinceOf(waiting),
    },
  ];
}

function sinceOf(waiting: readonly Waiting[]): number {
  return Math.min(...waiting.map(({ disabled }) => disabled.sinceMs));
}
