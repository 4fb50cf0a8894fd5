/**
 * What the tables behind the admin API promise, whatever database is behind them. Runs like storage/contract.ts: under
 * vitest over node:sqlite, and inside a Durable Object.
 * @module
 */
import { assertEqual, assertRejects, type ContractCase } from "../contract-assert.ts";
import type { AdminToken, AuditEntry, Operator, Session, StoredCapture } from "../types-administration.ts";

/** All promises of the administration's tables. */
export function administrationContract(): ContractCase[] {
  return [...peopleContract, ...auditContract, ...settingContract, ...captureContract];
}

// --- helpers ---

const start = 1_763_000_000_000;
const operator: Operator = {
  id: "operator_1",
  name: "Ada",
  role: "admin",
  passwordHash: "scrypt$…",
  enabled: true,
  createdAt: start,
  lastLoginAt: null,
};
const session: Session = {
  digest: "aa".repeat(32),
  operatorId: "operator_1",
  name: "Ada",
  role: "admin",
  csrfToken: "c",
  createdAt: start,
  expiresAt: start + 1000,
  seenAt: start,
};
const token: AdminToken = {
  id: "token_1",
  name: "backup",
  role: "viewer",
  digest: "bb".repeat(32),
  prefix: "ga-abcd",
  createdAt: start,
  expiresAt: null,
  lastUsedAt: null,
};
const entry = (number: number, more: Partial<AuditEntry> = {}): AuditEntry => ({
  id: `entry_${String(number).padStart(4, "0")}`,
  at: start + number,
  actor: "Ada",
  role: "admin",
  action: "clients.create",
  target: null,
  detail: null,
  address: null,
  outcome: "done",
  ...more,
});
const capture = (number: number, bytes = 10): StoredCapture => ({
  callId: `call_${number}`,
  createdAt: start + number,
  expiresAt: start + 1000 + number,
  sealed: "x".repeat(bytes),
});
const ids = (entries: readonly { id: string }[]): string[] => entries.map(({ id }) => id);

const peopleContract: ContractCase[] = [
  {
    name: "an operator comes back as it was added, once for each name and id",
    async run({ administration: { operators } }) {
      assertEqual(await operators.list(), [], "empty");
      assertEqual(await operators.add(operator), true, "added");
      assertEqual(await operators.add({ ...operator, id: "operator_2" }), false, "same name");
      assertEqual(await operators.add({ ...operator, name: "Grace" }), false, "same id");
      const other: Operator = {
        ...operator,
        id: "operator_0",
        name: "'); drop table operators;--",
        role: "viewer",
        enabled: false,
        createdAt: start + 1,
        lastLoginAt: 5,
      };
      assertEqual(await operators.add(other), true, "another");
      assertEqual(await operators.list(), [operator, other], "in the order of creation");
    },
  },
  {
    name: "an operator's change touches only what is named",
    async run({ administration: { operators } }) {
      await operators.add(operator);
      assertEqual(await operators.update(operator.id, { enabled: false, lastLoginAt: 7 }), true, "changed");
      assertEqual(await operators.list(), [{ ...operator, enabled: false, lastLoginAt: 7 }], "two fields");
      assertEqual(await operators.update(operator.id, { role: "viewer", passwordHash: "h" }), true, "changed");
      const changed = { ...operator, enabled: false, lastLoginAt: 7, role: "viewer", passwordHash: "h" };
      assertEqual(await operators.list(), [changed], "four fields");
      assertEqual(await operators.update(operator.id, { lastLoginAt: null, enabled: true }), true, "back");
      assertEqual(await operators.update("nobody", { enabled: true }), false, "not there");
      assertEqual(await operators.remove(operator.id), true, "removed");
      assertEqual(await operators.remove(operator.id), false, "gone already");
      assertEqual(await operators.list(), [], "empty");
    },
  },
  {
    name: "a session comes back by its digest, is seen, lengthened and removed",
    async run({ administration: { sessions } }) {
      assertEqual(await sessions.get(session.digest), null, "not there");
      await sessions.add(session);
      assertEqual(await sessions.get(session.digest), session, "as it was added");
      await sessions.seen(session.digest, start + 5);
      assertEqual(await sessions.get(session.digest), { ...session, seenAt: start + 5 }, "seen");
      await sessions.seen(session.digest, start + 6, start + 2000);
      const longer = { ...session, seenAt: start + 6, expiresAt: start + 2000 };
      assertEqual(await sessions.get(session.digest), longer, "lengthened");
      await sessions.seen("nobody", 1);
      await assertRejects(sessions.add({ ...session, name: "twice" }), "the same digest");
      await sessions.remove(session.digest);
      await sessions.remove(session.digest);
      assertEqual(await sessions.get(session.digest), null, "removed");
    },
  },
  {
    name: "an operator's sessions end together, those of others and of the admin token stay",
    async run({ administration: { sessions } }) {
      await sessions.add(session);
      await sessions.add({ ...session, digest: "2" });
      await sessions.add({ ...session, digest: "3", operatorId: "operator_2" });
      await sessions.add({ ...session, digest: "4", operatorId: null });
      await sessions.removeOf("operator_1");
      const left = await Promise.all([session.digest, "2", "3", "4"].map((digest) => sessions.get(digest)));
      assertEqual(
        left.map((each) => each?.digest ?? null),
        [null, null, "3", "4"],
        "what is left",
      );
      await sessions.removeOf(null);
      assertEqual(await sessions.get("4"), null, "of the admin token");
      assertEqual((await sessions.get("3"))?.digest, "3", "of another");
    },
  },
  {
    name: "an owner's oldest sessions make room, and nobody else's",
    async run({ administration: { sessions } }) {
      for (let number = 0; number < 4; number++) {
        await sessions.add({ ...session, digest: `o${number}`, createdAt: start + number });
        await sessions.add({ ...session, digest: `t${number}`, createdAt: start + number, operatorId: null });
      }
      assertEqual(await sessions.keepNewest("operator_1", 4), 0, "nothing to do");
      assertEqual(await sessions.keepNewest("operator_1", 1), 3, "all but the newest");
      assertEqual((await sessions.get("o3"))?.digest, "o3", "the newest");
      assertEqual(await sessions.keepNewest(null, 3), 1, "of the admin token");
      assertEqual(await sessions.get("t0"), null, "its oldest");
      assertEqual(await sessions.keepNewest("nobody", 0), 0, "who has none");
    },
  },
  {
    name: "pruning sessions takes the expired ones, then the oldest above the bound",
    async run({ administration: { sessions } }) {
      for (let number = 0; number < 6; number++) {
        const createdAt = start + number;
        await sessions.add({ ...session, digest: `d${number}`, createdAt, expiresAt: start + (number < 2 ? 10 : 99) });
      }
      assertEqual(await sessions.prune(start + 9, 100), 0, "nothing to do");
      assertEqual(await sessions.prune(start + 10, 3), 3, "two expired and one above the bound");
      assertEqual(await sessions.get("d2"), null, "the oldest");
      assertEqual((await sessions.get("d3"))?.digest, "d3", "a newer one");
    },
  },
  {
    name: "a token comes back as it was made, is used and removed",
    async run({ administration: { tokens } }) {
      await tokens.add(token);
      const other: AdminToken = { ...token, id: "token_0", digest: "c", role: "admin", createdAt: 1, expiresAt: 9 };
      await tokens.add(other);
      await assertRejects(tokens.add({ ...token, id: "token_2" }), "the same digest");
      await tokens.used(token.id, start + 3);
      assertEqual(await tokens.list(), [other, { ...token, lastUsedAt: start + 3 }], "in the order of creation");
      assertEqual(await tokens.remove(token.id), true, "removed");
      assertEqual(await tokens.remove(token.id), false, "gone already");
      assertEqual(await tokens.list(), [other], "one left");
    },
  },
];

const auditContract: ContractCase[] = [
  {
    name: "the audit log is read from its newest entry on, page by page, also by actor and action",
    async run({ administration: { audit } }) {
      const full = entry(3, {
        target: "client_1",
        detail: '{"name":"\u00fc"}',
        address: "2001:db8::1",
        outcome: "refused",
        actor: "nobody",
        role: "none",
        action: "session.create",
      });
      for (const each of [entry(1), full, entry(2)]) await audit.add(each);
      assertEqual(await audit.list({ limit: 2 }), [full, entry(2)], "the newest two");
      assertEqual(await audit.list({ limit: 2, before: entry(2).id }), [entry(1)], "what is before");
      assertEqual(await audit.list({ limit: 9, actor: "nobody" }), [full], "by actor");
      assertEqual(
        ids(await audit.list({ limit: 9, action: "clients.create" })),
        ids([entry(2), entry(1)]),
        "by action",
      );
      assertEqual(await audit.list({ limit: 9, action: "clients.create", actor: "nobody" }), [], "by both");
    },
  },
  {
    name: "pruning the audit log takes old entries and the oldest above the bound, no more than asked",
    async run({ administration: { audit } }) {
      for (let number = 0; number < 10; number++) await audit.add(entry(number));
      assertEqual(await audit.prune(start, 10, 100), 0, "nothing to do");
      assertEqual(await audit.prune(start + 4, 10, 3), 3, "three of four old ones");
      assertEqual(await audit.prune(start + 4, 10, 3), 1, "the last old one");
      assertEqual(await audit.prune(start, 3, 2), 2, "two of three above the bound");
      assertEqual(await audit.prune(start, 3, 9), 1, "the third");
      assertEqual(ids(await audit.list({ limit: 9 })), ids([entry(9), entry(8), entry(7)]), "the newest stay");
    },
  },
  {
    name: "what was refused, or is of who is no admin, makes room in the audit log before what admins did",
    async run({ administration: { audit } }) {
      await audit.add(entry(0));
      await audit.add(entry(1, { role: "none", actor: "nobody" }));
      for (let number = 2; number < 6; number++) await audit.add(entry(number, { outcome: "refused" }));
      await audit.add(entry(6, { role: "viewer" }));
      await audit.add(entry(7));
      assertEqual(await audit.prune(start, 4, 9), 4, "above the bound");
      assertEqual(
        ids(await audit.list({ limit: 9 })),
        ids([entry(7), entry(6), entry(5), entry(0)]),
        "the oldest refused",
      );
      assertEqual(await audit.prune(start, 1, 9), 3, "and then the oldest of all");
      assertEqual(ids(await audit.list({ limit: 9 })), ids([entry(7)]), "the newest stays");
    },
  },
];

const settingContract: ContractCase[] = [
  {
    name: "stored settings are set, replaced and taken away in one go",
    async run({ administration: { settings } }) {
      assertEqual(await settings.list(), {}, "empty");
      await settings.write({ A: "1", B: "two\n\u2603", C: "" });
      await settings.write({ A: null, B: "3", D: "4", E: null });
      await settings.write({});
      assertEqual(await settings.list(), { B: "3", C: "", D: "4" }, "the last words");
    },
  },
];

const captureContract: ContractCase[] = [
  {
    name: "a captured call comes back as it was written, the last writing counts",
    async run({ administration: { captures } }) {
      await captures.write([]);
      assertEqual(await captures.get("call_1"), null, "not there");
      await captures.write([capture(1), capture(2)]);
      await captures.write([capture(1, 20)]);
      assertEqual(await captures.get("call_1"), capture(1, 20), "replaced");
      assertEqual(await captures.get("call_2"), capture(2), "untouched");
    },
  },
  {
    name: "pruning captures takes expired ones, then the oldest until the rest fits, no more than asked",
    async run({ administration: { captures } }) {
      await captures.write(Array.from({ length: 10 }, (_, number) => capture(number)));
      assertEqual(await captures.prune(start, 100, 100), 0, "nothing to do");
      assertEqual(await captures.prune(start + 1002, 100, 2), 2, "two of three expired ones");
      assertEqual(await captures.prune(start + 1002, 100, 100), 1, "the third");
      assertEqual(await captures.prune(start, 45, 2), 2, "two of three that do not fit");
      assertEqual(await captures.prune(start, 45, 100), 1, "the third");
      await captures.write([capture(20, 5)]);
      assertEqual(await captures.prune(start, 45, 100), 0, "it just fits");
      await captures.write([capture(21, 1)]);
      assertEqual(await captures.prune(start, 45, 100), 1, "one too many");
      const left = await Promise.all([5, 6, 7, 8, 9, 20, 21].map((number) => captures.get(`call_${number}`)));
      assertEqual(
        left.map((each) => each !== null),
        [false, false, true, true, true, true, true],
        "the newest stay",
      );
    },
  },
];
