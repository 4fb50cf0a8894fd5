import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createListMerge, type ListMerge } from "./list-merge.ts";
import { parseListQuery, parsePageToken, toListTarget, toPageToken } from "./page-token.ts";

function page(merge: ListMerge, projectId: string, body: unknown, visible: "all" | readonly string[] = "all"): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const read = merge.read({ projectId, body: text });
  if (read === null) throw new Error("no list");
  read.accept(visible === "all" ? read.names : visible);
}

function answer(merge: ListMerge): Record<string, unknown> {
  return JSON.parse(merge.body()) as Record<string, unknown>;
}

describe("page tokens", () => {
  it("hold project and token, and come back as they were", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.option(fc.string({ minLength: 1 })), (projectId, token) => {
        fc.pre(!/\p{Cs}/u.test(projectId + (token ?? "")));
        const text = toPageToken({ projectId, token });
        expect(text).toMatch(/^[\w-]+$/);
        expect(parsePageToken(text)).toEqual({ projectId, token });
      }),
    );
  });

  it.each(["", "gpl1", "gpl1!!", "gpl1abc", "CAESCg", "gpl2YQ", `gpl1${"YQ".repeat(9_000)}`, "gpl1JSU", "gpl1YQ=="])(
    "%j is none of the gateway's",
    (text) => {
      expect(parsePageToken(text)).toBeNull();
    },
  );

  it("half a surrogate pair does not throw", () => {
    expect(parsePageToken(toPageToken({ projectId: "p", token: "a\ud800" }))).toEqual({
      projectId: "p",
      token: "a\ufffd",
    });
  });

  it("strangers' tokens never throw", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const found = parsePageToken(`gpl1${text}`);
        if (found !== null) expect(toPageToken(found)).toBe(`gpl1${text}`);
      }),
    );
  });
});

describe("the query", () => {
  it("is read in either spelling", () => {
    expect(parseListQuery("/v1beta/files")).toEqual({ pageSize: null, pageToken: null });
    expect(parseListQuery("/v1beta/files?page_size=7&pageToken=a%20b%2B")).toEqual({ pageSize: 7, pageToken: "a b+" });
    expect(parseListQuery("/v1beta/files?pageSize=x&pageToken=")).toEqual({ pageSize: null, pageToken: null });
    expect(parseListQuery("/v1beta/files?pageSize=0")).toEqual({ pageSize: null, pageToken: null });
  });

  it("is changed in these two parameters only", () => {
    const target = "/v1beta/files?%24fields=a,b&page%54oken=gpl1x&pageSize=9&x";
    expect(toListTarget(target, { pageSize: 3, pageToken: "A=&" })).toBe(
      "/v1beta/files?%24fields=a,b&x&pageSize=3&pageToken=A%3D%26",
    );
    expect(toListTarget(target, { pageSize: null, pageToken: null })).toBe("/v1beta/files?%24fields=a,b&pageSize=9&x");
    expect(toListTarget("/v1beta/files?pageToken=x", { pageSize: null, pageToken: null })).toBe("/v1beta/files");
  });
});

describe("a list of several projects", () => {
  it("is one list, each item as it came, and the first page's other fields", () => {
    const merge = createListMerge({ field: "files", target: "/v1beta/files" });
    expect(merge.after).toBeNull();
    expect(merge.empty).toBe(true);
    page(merge, "p1", '{"files":[{"name":"files/a","sizeBytes":"64657027", "n":1.50}],"extra":"x"}');
    expect(merge.after).toBe("p1");
    page(merge, "p2", '{"files": [ {"name" : "files/b"}], "extra": 2}');
    page(merge, "p3", "{}");
    expect(merge.full).toBe(false);
    expect(merge.body()).toContain('{"name":"files/a","sizeBytes":"64657027", "n":1.50}');
    expect(answer(merge)).toEqual({
      files: [{ name: "files/a", sizeBytes: "64657027", n: 1.5 }, { name: "files/b" }],
      extra: "x",
    });
  });

  it("of nothing is an empty object, as Google answers", () => {
    const merge = createListMerge({ field: "files", target: "/v1beta/files" });
    expect(answer(merge)).toEqual({});
  });

  it("shows only what the client may see", () => {
    const merge = createListMerge({ field: "operations", target: "/v1beta/batches" });
    const body = { operations: [{ name: "batches/a" }, { name: "batches/b" }, { noName: 1 }, { name: "models/m" }] };
    const read = merge.read({ projectId: "p1", body: JSON.stringify(body) });
    expect(read?.names).toEqual(["batches/a", "batches/b"]);
    read?.accept(["batches/b"]);
    expect(answer(merge)).toEqual({ operations: [{ name: "batches/b" }] });
  });

  it("hides items whose names a mask took, and what else may hold items", () => {
    const merge = createListMerge({ field: "files", target: "/v1beta/files?fields=files(uri)" });
    const files = [{ uri: "https://generativelanguage.googleapis.com/v1beta/files/a" }, {}, "files/a", [1], null];
    const read = merge.read({ projectId: "p1", body: JSON.stringify({ files, items: files, more: { files } }) });
    expect(read?.names).toEqual([]);
    read?.accept(["files/a"]);
    expect(answer(merge)).toEqual({});
  });

  it("of operations and interactions shows the client's own", () => {
    const operations = createListMerge({ field: "operations", target: "/v1beta/models/m/operations" });
    page(operations, "p1", { operations: [{ name: "models/m/operations/a" }, { name: "models/m/operations/b" }] }, [
      "models/m/operations/a",
    ]);
    expect(answer(operations)).toEqual({ operations: [{ name: "models/m/operations/a" }] });
    const interactions = createListMerge({ field: "interactions", target: "/v1beta/interactions" });
    page(interactions, "p1", { interactions: [{ id: "v1_a" }, { id: "v1_b" }] }, ["interactions/v1_a"]);
    expect(answer(interactions)).toEqual({ interactions: [{ id: "v1_a" }] });
  });

  it("asks each project for what is still missing, and is full then", () => {
    const merge = createListMerge({ field: "files", target: "/v1beta/files?pageSize=3" });
    expect(merge.target("p1")).toBe("/v1beta/files?pageSize=3");
    page(merge, "p1", { files: [{ name: "files/a" }, { name: "files/b" }] });
    expect(merge.full).toBe(false);
    expect(merge.target("p2")).toBe("/v1beta/files?pageSize=1");
    page(merge, "p2", { files: [{ name: "files/c" }], nextPageToken: "up" });
    expect(merge.full).toBe(true);
    const token = answer(merge)["nextPageToken"] as string;
    expect(parsePageToken(token)).toEqual({ projectId: "p2", token: "up" });
  });

  it("goes on where it was: in the same project with its token, or after it", () => {
    const on = (token: string | null): ListMerge =>
      createListMerge({
        field: "files",
        target: `/v1beta/files?pageSize=3&pageToken=${toPageToken({ projectId: "p2", token })}`,
      });
    const same = on("up");
    expect(same.refused).toBe(false);
    expect("p2" > (same.after as string)).toBe(true);
    for (const earlier of ["p1", "p19", "p1\uffee", "o", ""]) expect(earlier > (same.after as string)).toBe(false);
    expect(same.target("p2")).toBe("/v1beta/files?pageSize=3&pageToken=up");
    expect(same.target("p3")).toBe("/v1beta/files?pageSize=3");
    const next = on(null);
    expect(next.after).toBe("p2");
    expect(next.target("p3")).toBe("/v1beta/files?pageSize=3");
  });

  it("asks a project again whose page was hidden", () => {
    const merge = createListMerge({ field: "files", target: "/v1beta/files" });
    page(merge, "p1", { files: [{ name: "files/a" }], nextPageToken: "up" }, []);
    expect(merge.full).toBe(false);
    expect("p1" > (merge.after as string)).toBe(true);
    expect(merge.target("p1")).toBe("/v1beta/files?pageToken=up");
  });

  it("without a size, a page that the upstream found full is full", () => {
    const merge = createListMerge({ field: "files", target: "/v1beta/files" });
    page(merge, "p1", { files: [{ name: "files/a" }], nextPageToken: "up" });
    expect(merge.full).toBe(true);
  });

  it("asks forty times at most, then the client goes on", () => {
    const merge = createListMerge({ field: "files", target: "/v1beta/files?pageSize=100" });
    for (let index = 0; index < 40; index += 1) {
      expect(merge.full).toBe(false);
      page(merge, `p${String(index).padStart(3, "0")}`, {});
    }
    expect(merge.full).toBe(true);
    expect(parsePageToken(answer(merge)["nextPageToken"] as string)).toEqual({ projectId: "p039", token: null });
  });

  it("managed resources have their own spelling, and ids for names", () => {
    const merge = createListMerge({ field: "agents", target: "/v1beta/agents?page_size=1" });
    page(merge, "p1", { agents: [{ id: "a" }], next_page_token: "up" });
    expect(answer(merge)).toMatchObject({ agents: [{ id: "a" }] });
    expect(typeof answer(merge)["next_page_token"]).toBe("string");
  });

  it("a token of Google's is refused", () => {
    expect(createListMerge({ field: "files", target: "/v1beta/files?pageToken=CAES" }).refused).toBe(true);
  });

  it.each(["", "[]", '{"files":{}}', '{"files":[', "<html>", '{"files":"x"}', "null"])("%j is no list", (body) => {
    const merge = createListMerge({ field: "files", target: "/v1beta/files" });
    expect(merge.read({ projectId: "p1", body })).toBeNull();
  });

  it("a client that pages through sees each item once, in any division", () => {
    const project = fc.tuple(fc.nat(12), fc.integer({ min: 1, max: 5 }));
    fc.assert(
      fc.property(
        fc.array(project, { maxLength: 6 }),
        fc.option(fc.integer({ min: 1, max: 7 })),
        (projects, pageSize) => {
          const ids = projects.map((_, index) => `p${index}`);
          const upstream = (projectId: string, target: string): string => {
            const [count, largest] = projects[ids.indexOf(projectId)] as [number, number];
            const query = parseListQuery(target);
            const from = query.pageToken === null ? 0 : Number(query.pageToken);
            const to = Math.min(count, from + Math.min(query.pageSize ?? 99, largest));
            const files = Array.from({ length: to - from }, (_, index) => ({
              name: `files/${projectId}-${from + index}`,
            }));
            return JSON.stringify({ files, ...(to < count ? { nextPageToken: String(to) } : {}) });
          };
          const seen: string[] = [];
          let token: string | null = null;
          for (let round = 0; round < 100; round += 1) {
            const target: string = toListTarget("/v1beta/files", { pageSize, pageToken: token });
            const merge = createListMerge({ field: "files", target });
            while (!merge.full) {
              const next = ids.find((id) => id > (merge.after ?? ""));
              if (next === undefined) break;
              const read = merge.read({ projectId: next, body: upstream(next, merge.target(next)) });
              // Every third item is another client's.
              read?.accept(read.names.filter((name) => Number(name.split("-")[1]) % 3 !== 2));
            }
            const found = answer(merge);
            for (const { name } of (found["files"] ?? []) as { name: string }[]) seen.push(name);
            if (pageSize !== null)
              expect((found["files"] as unknown[] | undefined)?.length ?? 0).toBeLessThanOrEqual(pageSize);
            token = (found["nextPageToken"] as string | undefined) ?? null;
            if (token === null) break;
          }
          const wanted = ids.flatMap((id, index) =>
            Array.from({ length: (projects[index] as [number, number])[0] }, (_, one) => one)
              .filter((one) => one % 3 !== 2)
              .map((one) => `files/${id}-${one}`),
          );
          expect(token).toBeNull();
          expect(seen).toEqual(wanted);
        },
      ),
    );
  });
});
