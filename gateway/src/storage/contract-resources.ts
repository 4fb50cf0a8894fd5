/**
 * The storage contract's part on resources and their owners.
 * @module
 */
import type { ResourceBinding } from "../core/resources.ts";
import { assertEqual, assertRejects, type ContractCase } from "./contract-assert.ts";

const now = 1_763_000_000_000;

/** A binding with every field filled. */
const sampleBinding: ResourceBinding = {
  name: "files/abc-123",
  kind: "file",
  credentialId: "cred_1",
  projectId: "project-1",
  clientId: "client_1",
  createdAt: now,
  expiresAt: now + 48 * 3_600_000,
  detail: "sealed text",
};
const lasting: ResourceBinding = {
  ...sampleBinding,
  name: "models/gemini-3.8-flash/operations/o1",
  kind: "operation",
  clientId: null,
  createdAt: now + 1,
  expiresAt: null,
  detail: null,
};

/** Promises of `store.resources`. */
export const resourceContract: ContractCase[] = [
  {
    name: "resources come back as they were bound, the newest first, and renewed ones with their last owner",
    async run({ resources }) {
      assertEqual(await resources.list(now, 10), [], "at first");
      await resources.write({ bind: [sampleBinding, lasting], forget: [] });
      assertEqual(await resources.list(now, 10), [lasting, sampleBinding], "two");
      const older = { ...sampleBinding, name: "files/older", createdAt: now - 1 };
      await resources.write({ bind: [older], forget: [] });
      assertEqual(await resources.list(now, 1), [lasting, sampleBinding], "at most one of each kind");
      await resources.write({ bind: [], forget: [older.name] });
      const renewed: ResourceBinding = {
        ...sampleBinding,
        kind: "upload",
        credentialId: "cred_2",
        projectId: "project-2",
        clientId: null,
        createdAt: now + 2,
        expiresAt: null,
        detail: null,
      };
      await resources.write({ bind: [renewed], forget: [] });
      assertEqual(await resources.list(now, 10), [renewed, lasting], "renewed");
    },
  },
  {
    name: "forgotten resources are gone, and one that is forgotten and bound at once is bound",
    async run({ resources }) {
      await resources.write({ bind: [sampleBinding, lasting], forget: [] });
      await resources.write({ bind: [], forget: [sampleBinding.name, "files/never-seen"] });
      assertEqual(await resources.list(now, 10), [lasting], "one left");
      await resources.write({ bind: [lasting], forget: [lasting.name] });
      await resources.write({ bind: [], forget: [] });
      assertEqual(await resources.list(now, 10), [lasting], "made again");
    },
  },
  {
    name: "expired resources are not listed, and are deleted a few at a time",
    async run({ resources }) {
      const expiring = [1, 2, 3, 4, 5].map((number) => ({
        ...sampleBinding,
        name: `files/${number}`,
        expiresAt: now + number,
      }));
      await resources.write({ bind: [...expiring, lasting], forget: [] });
      assertEqual(
        (await resources.list(now + 3, 10)).map(({ name }) => name),
        [lasting.name, "files/5", "files/4"],
        "later than now only",
      );
      assertEqual(await resources.prune(now + 4, 3, 100), 3, "three of four");
      assertEqual(await resources.prune(now + 4, 3, 100), 1, "the last of them");
      assertEqual(await resources.prune(now + 4, 3, 100), 0, "none left");
      assertEqual(
        (await resources.list(0, 10)).map(({ name }) => name),
        [lasting.name, "files/5"],
        "what is left",
      );
    },
  },
  {
    name: "of a kind of which there are too many, the oldest are deleted, a few at a time",
    async run({ resources }) {
      const files = [1, 2, 3, 4, 5, 6].map((number) => ({
        ...sampleBinding,
        name: `files/${number}`,
        createdAt: now + number,
      }));
      await resources.write({ bind: [...files, lasting], forget: [] });
      assertEqual(await resources.prune(now, 3, 2), 3, "three of four");
      assertEqual(await resources.prune(now, 3, 2), 1, "the last of them");
      assertEqual(await resources.prune(now, 3, 2), 0, "none too many");
      assertEqual(
        (await resources.list(now, 10)).map(({ name }) => name),
        ["files/6", "files/5", lasting.name],
        "the newest, and other kinds",
      );
    },
  },
  {
    name: "many resources are written at once, all or none",
    async run({ resources }) {
      // More parameters than any driver takes in one statement of all rows.
      const many = Array.from({ length: 1_500 }, (_, number) => ({ ...sampleBinding, name: `files/${number}` }));
      await resources.write({ bind: many, forget: [] });
      assertEqual((await resources.list(now, 5_000)).length, 1_500, "all");
      const broken = { ...sampleBinding, name: "files/broken", projectId: null as unknown as string };
      await assertRejects(
        resources.write({ bind: [lasting, broken], forget: many.map(({ name }) => name) }),
        "a row that the table refuses",
      );
      const kept = await resources.list(now, 5_000);
      assertEqual([kept.length, kept.some(({ name }) => name === lasting.name)], [1_500, false], "as it was");
    },
  },
];
