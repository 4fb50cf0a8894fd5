import { describe, expect, it } from "vitest";
import { administrationContract } from "./administration-contract.ts";
import { openNodeSqlite } from "../drivers/open-node.ts";

describe("administration store on node:sqlite", () => {
  it.each(administrationContract())("$name", async ({ run }) => {
    const store = await openNodeSqlite({ path: ":memory:" });
    await expect(run(store)).resolves.toBeUndefined();
    await store.close();
  });
});
