import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDuration, parseSize } from "../../../../gateway/src/settings/values.ts";
import type { PriceRow, Setting } from "../../api/types.ts";
import { emptyPriceForm, priceNotes, readPriceForm, searchPrices, toPriceForm } from "./price-form.ts";
import {
  editorOf,
  faultOf,
  isOn,
  listLines,
  listText,
  meaningOf,
  prettyBlock,
  readDuration,
  readSize,
} from "./setting-values.ts";
import { draftLines, faultsByName, groupSettings, lockReason, shownText, withChange } from "./settings-draft.ts";

const setting = (change: Partial<Setting> = {}): Setting => ({
  name: "PORT",
  group: "Server",
  kind: "integer",
  help: "Port to listen on",
  choices: null,
  default: "8787",
  value: "8787",
  secret: false,
  source: "default",
  stored: null,
  hot: false,
  readOnly: false,
  ...change,
});
const kind = (name: string): Pick<Setting, "kind" | "choices"> => ({ kind: name, choices: null });

describe("values of settings", () => {
  it("have an editor by their kind, and one for kinds to come", () => {
    expect(
      ["switch", "integer", "duration", "size", "list", "origins", "quota-limits", "path", "new"].map((name) =>
        editorOf(kind(name)),
      ),
    ).toEqual(["switch", "number", "duration", "size", "list", "list", "block", "text", "text"]);
    expect(editorOf({ kind: "choice", choices: ["a"] })).toBe("choice");
  });

  it("are told to be wrong when they plainly are", () => {
    for (const [name, wrong, right] of [
      ["integer", "many", "-1"],
      ["duration", "soon", "2m"],
      ["size", "10 bananas", "64KB"],
      ["share", "150 percent", "20%"],
      ["quota-limits", "free=10", '{"free": {"*": {"rpm": 10}}}'],
      ["aliases", "{", "fast=gemini-3.8-flash"],
    ] as const) {
      expect(faultOf(kind(name), wrong), name).not.toBeNull();
      expect(faultOf(kind(name), right), name).toBeNull();
      expect(faultOf(kind(name), ""), name).toBeNull();
    }
    expect(faultOf({ kind: "choice", choices: ["a", "b"] }, "c")).toContain("a, b");
  });

  it("durations and sizes are read as the gateway reads them", () => {
    const unit = fc.constantFrom("", "ms", "s", "m", "min", "h", "d", "KB", "kib", "mb", " GB", "x", "constructor");
    fc.assert(
      fc.property(fc.nat(100_000), fc.constantFrom("", ".5", ".25"), unit, (whole, fraction, name) => {
        const text = `${whole}${fraction}${name}`;
        expect(readDuration(text)).toBe(parseDuration(text));
        expect(readSize(text)).toBe(parseSize(text));
      }),
    );
  });

  it("mean something in plain words", () => {
    expect(meaningOf(kind("duration"), "120000")).toBe("2 min");
    expect(meaningOf(kind("duration"), "0")).toBe("off");
    expect(meaningOf(kind("size"), "64KB")).toBe("65.5 kB");
    expect(meaningOf(kind("text"), "64KB")).toBeNull();
  });

  it("switches know the gateway's words", () => {
    expect([isOn("on"), isOn("TRUE"), isOn("0"), isOn("off"), isOn("perhaps"), isOn(null)]).toEqual([
      true,
      true,
      false,
      false,
      null,
      null,
    ]);
  });

  it("lists are edited a line each and stored with commas", () => {
    expect(listLines("a, b ,,c")).toBe("a\nb\nc");
    expect(listText("a\n b\n\nc")).toBe("a, b, c");
    expect(prettyBlock('{"a":1}')).toBe('{\n  "a": 1\n}');
    expect(prettyBlock("a=b")).toBe("a=b");
  });
});

describe("the draft", () => {
  it("holds what differs from what is stored, and nothing else", () => {
    const port = setting({ stored: "9000" });
    const draft = withChange({}, { setting: port, text: "9001" });
    expect(draft).toEqual({ PORT: "9001" });
    expect(withChange(draft, { setting: port, text: "9000" })).toEqual({});
    expect(withChange(draft, { setting: port, text: " " })).toEqual({ PORT: null });
    expect(withChange({}, { setting: setting(), text: "" })).toEqual({});
  });

  it("shows the draft, then what is stored, then what is in force", () => {
    const port = setting({ stored: "9000", value: "1", source: "environment" });
    expect(shownText(port, { PORT: "9001" })).toBe("9001");
    expect(shownText(port, { PORT: null })).toBe("8787");
    expect(shownText(port, {})).toBe("9000");
    expect(shownText(setting({ value: "1" }), {})).toBe("1");
  });

  it("says for each change what it was, will be and when it holds", () => {
    const settings = [
      setting(),
      setting({ name: "DEBUG", kind: "switch", hot: true, default: "off", value: "off" }),
      setting({ name: "LIVE", kind: "switch", hot: true, source: "environment", value: "on", stored: "off" }),
    ];
    const lines = draftLines(settings, { PORT: "x", DEBUG: "on", LIVE: null });
    expect(lines.map((line) => [line.name, line.when, line.fault !== null])).toEqual([
      ["PORT", "after a restart", true],
      ["DEBUG", "at once", false],
      ["LIVE", "no effect while it is outranked", false],
    ]);
    expect(lines[0]).toMatchObject({ before: "8787 (default)", after: "x" });
    expect(lines[2]).toMatchObject({ before: "off", after: "8787 (default)" });
  });

  it("locks secrets and what the gateway needs before it can read the store", () => {
    expect(lockReason(setting({ secret: true }))).toContain("Secrets");
    expect(lockReason(setting({ readOnly: true }))).toContain("environment");
    expect(lockReason(setting())).toBeNull();
  });

  it("finds settings by name, help, heading or value, under their headings", () => {
    const all = [setting(), setting({ name: "LIVE", group: "Resources", help: "Live sessions", value: "on" })];
    expect(groupSettings(all, "").map((group) => group.name)).toEqual(["Server", "Resources"]);
    expect(groupSettings(all, "sessions").map((group) => group.name)).toEqual(["Resources"]);
    expect(groupSettings(all, "nothing")).toEqual([]);
  });

  it("gives each fault of the gateway to its setting", () => {
    const names = ["PORT", "API_PORT", "LOG_LEVEL"];
    expect(faultsByName({ message: "no", field: "body.changes.PORT" }, names)).toEqual({ PORT: "no" });
    expect(
      faultsByName({ message: "API_PORT: expected a number; LOG_LEVEL: expected a word", field: null }, names),
    ).toEqual({ API_PORT: "expected a number", LOG_LEVEL: "expected a word" });
    expect(faultsByName({ message: "no", field: null }, ["PORT"])).toEqual({ PORT: "no" });
    expect(faultsByName({ message: "no", field: null }, names)).toEqual({});
  });
});

describe("price rows", () => {
  const row: PriceRow = { models: ["gemini-3.8-flash"], input: 0.3, output: 2.5, cached: null };

  it("go through the form and back without a change, with what the form has no field for", () => {
    const dollars = fc.integer({ min: 0, max: 1e6 }).map((cents) => cents / 1000);
    const cached = fc.option(dollars, { nil: null });
    const rates = { input: dollars, output: dollars, cached };
    fc.assert(
      fc.property(
        fc.record(
          {
            models: fc.array(fc.stringMatching(/^[a-z][a-z0-9.-]{0,12}\*?$/), { minLength: 1, maxLength: 3 }),
            ...rates,
            from: fc.constant("2026-12-01"),
            inputBy: fc.constant({ AUDIO: 1 }),
            long: fc.record({ above: fc.integer({ min: 1, max: 1e6 }), ...rates }),
          },
          { requiredKeys: ["models", "input", "output", "cached"] },
        ),
        (price) => {
          expect(readPriceForm(toPriceForm(price))).toEqual({ ok: true, row: price });
        },
      ),
    );
  });

  it("name the field that is wrong", () => {
    const form = toPriceForm(row);
    expect(readPriceForm(emptyPriceForm())).toMatchObject({ field: "models" });
    expect(readPriceForm({ ...form, models: "a*b" })).toMatchObject({ field: "models" });
    expect(readPriceForm({ ...form, from: "soon" })).toMatchObject({ field: "from" });
    expect(readPriceForm({ ...form, input: "" })).toMatchObject({ field: "input" });
    expect(readPriceForm({ ...form, output: "-1" })).toMatchObject({ field: "output" });
    expect(readPriceForm({ ...form, longAbove: "200k" })).toMatchObject({ field: "longAbove" });
    expect(readPriceForm({ ...form, longAbove: "200000" })).toMatchObject({ field: "longInput" });
    expect(readPriceForm({ ...form, input: "$0.5" })).toMatchObject({ ok: true, row: { input: 0.5 } });
  });

  it("are found by model and say what else they hold", () => {
    expect(searchPrices([row, { ...row, models: ["gemini-4-*"] }], "4-").map((one) => one.models)).toEqual([
      ["gemini-4-*"],
    ]);
    expect(
      priceNotes({ ...row, inputBy: { AUDIO: 1 }, long: { above: 200_000, input: 1, output: 2, cached: null } }),
    ).toEqual(["above 200,000 tokens: 1 in, 2 out", "audio in: 1"]);
  });
});
