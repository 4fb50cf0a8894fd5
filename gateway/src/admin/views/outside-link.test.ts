import * as fc from "fast-check";
import { expect, it } from "vitest";
import { outsideLink } from "./outside-link.ts";

it("finds the address that Google's words name, without what ends their sentence", () => {
  for (const [words, link] of [
    ["Its owner must open https://accounts.google.com/v?x=1&y=2. Then check.", "https://accounts.google.com/v?x=1&y=2"],
    ["(more: https://support.google.com/a)", "https://support.google.com/a"],
    ["Enable it: https://console.cloud.google.com/apis", "https://console.cloud.google.com/apis"],
    ["nothing to open", null],
    ["http://accounts.google.com/plain", null],
    ["javascript:alert(1) or https:///", null],
    ["https://accounts.google.com@evil.example/", null],
    ["https://localhost/admin", null],
    ["https://accounts.google.com/?token=[redacted]", null],
  ] as const)
    expect([words, outsideLink(words)]).toEqual([words, link]);
  expect(outsideLink(null)).toBeNull();
});

it("an address that may have lost its end is none", () => {
  const long = `${"x".repeat(470)} https://accounts.google.com/abc`;
  expect(outsideLink(long)).toBeNull();
  expect(outsideLink(`${long}…`)).toBeNull();
  expect(outsideLink(`${long} now`)).toBe("https://accounts.google.com/abc");
});

it("whatever the words are, a link is https, names a host plainly, and stands in them", () => {
  const pieces = fc.constantFrom(
    "https://",
    "http://",
    "a.example",
    "@",
    "/p?q=1",
    " ",
    ".",
    "\\",
    "\n",
    "javascript:",
    "é",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces).map((all) => all.join("")),
      ),
      (words) => {
        const link = outsideLink(words);
        if (link === null) return;
        const { protocol, username, password, hostname } = new URL(link);
        expect([protocol, username, password]).toEqual(["https:", "", ""]);
        expect(hostname).toContain(".");
        expect(words).toContain(link);
      },
    ),
  );
});
