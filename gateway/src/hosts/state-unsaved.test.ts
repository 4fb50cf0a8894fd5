import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createUnsaved, type Unsaved } from "./state-unsaved.ts";

interface Change {
  subject: string;
  value: number;
}
const unsavedOf = (options: { capacity?: number; most?: number } = {}): Unsaved<Change> =>
  createUnsaved<Change>({ subjectOf: ({ subject }) => subject, ...options });

describe("changes that are not saved", () => {
  it("are written once a subject, in batches, and not again", async () => {
    const unsaved = unsavedOf({ most: 2 });
    for (const subject of ["a", "b", "a", "c", "b"]) unsaved.add({ subject, value: unsaved.size() });
    const batches: string[][] = [];
    const write = async (changes: readonly Change[]): Promise<void> =>
      void batches.push(changes.map(({ subject, value }) => `${subject}${value}`));
    await unsaved.save(write);
    await unsaved.save(write);
    expect(batches).toEqual([["a2", "b3"], ["c2"]]);
  });

  it("count as unsaved until they are written", async () => {
    const unsaved = unsavedOf();
    unsaved.add({ subject: "a", value: 1 });
    await unsaved.save(async () => {
      expect([unsaved.has("a"), unsaved.has("b")]).toEqual([true, false]);
    });
    expect([unsaved.has("a"), unsaved.size()]).toEqual([false, 0]);
  });

  it("are dropped beyond the capacity, but known subjects are still renewed", async () => {
    const unsaved = unsavedOf({ capacity: 2 });
    for (const [subject, value] of [
      ["a", 1],
      ["b", 1],
      ["c", 1],
      ["a", 2],
    ] as const)
      unsaved.add({ subject, value });
    const written: Change[] = [];
    await unsaved.save(async (changes) => void written.push(...changes));
    expect(written).toEqual([
      { subject: "a", value: 2 },
      { subject: "b", value: 1 },
    ]);
  });

  it("all arrive with their newest value, whatever fails and whatever comes while they are written", async () => {
    const step = fc.oneof(
      fc.record({ add: fc.constantFrom("a", "b", "c", "d"), during: fc.boolean() }),
      fc.record({ save: fc.nat(3) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const unsaved = unsavedOf({ most: 1 });
        const [newest, stored] = [new Map<string, number>(), new Map<string, number>()];
        let [number, late]: [number, string[]] = [0, []];
        const add = (subject: string): void => {
          newest.set(subject, ++number);
          unsaved.add({ subject, value: number });
        };
        const save = async (failAfter: number): Promise<void> => {
          let count = 0;
          const work = unsaved.save(async (changes) => {
            if (count++ === failAfter) throw new Error("disk full");
            for (const subject of late.splice(0)) add(subject);
            for (const { subject, value } of changes) stored.set(subject, value);
          });
          await work.catch(() => undefined);
        };
        for (const one of steps) {
          if ("save" in one) await save(one.save);
          else if (one.during) late.push(one.add);
          else add(one.add);
        }
        late = [];
        await save(-1);
        expect(Object.fromEntries(stored)).toEqual(Object.fromEntries(newest));
      }),
    );
  });
});
