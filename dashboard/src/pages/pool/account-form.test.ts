import { describe, expect, it } from "vitest";
import { emptyAccountForm, leftWords, toAddBody, toCompleteBody } from "./account-form.ts";

const file = '{"refresh_token": "1//x"}';

describe("adding an account", () => {
  it("sends the file and only what was chosen", () => {
    expect(toAddBody(` ${file}\n`, emptyAccountForm)).toEqual({ ok: true, value: { text: file } });
    const form = { name: " work ", tier: "-1", weight: "0.5", cloudProject: " my-project " };
    expect(toAddBody(file, form)).toEqual({
      ok: true,
      value: { text: file, name: "work", tier: -1, weight: 0.5, cloudProject: "my-project" },
    });
  });

  it("names the field that is wrong before anything is sent", () => {
    const fieldOf = (text: string, change: Partial<typeof emptyAccountForm>): string | null => {
      const read = toAddBody(text, { ...emptyAccountForm, ...change });
      return read.ok ? null : read.field;
    };
    expect(fieldOf("", {})).toBe("text");
    expect(fieldOf(file.slice(0, -1), {})).toBe("text");
    expect(fieldOf("[]", {})).toBe("text");
    expect(fieldOf(file, { tier: "1.5" })).toBe("tier");
    expect(fieldOf(file, { weight: "0" })).toBe("weight");
    expect(fieldOf(file, { cloudProject: "123456" })).toBe("cloudProject");
    expect(fieldOf(file, { tier: "100", weight: "1000", cloudProject: "a-1" })).toBeNull();
  });
});

it("a log-in ends with a code or an address, and with nothing else", () => {
  const read = (code: string): unknown => toCompleteBody("s", code, emptyAccountForm);
  expect(read(" 4/abc \n")).toEqual({ ok: true, value: { state: "s", code: "4/abc" } });
  expect(read("http://127.0.0.1:50000/oauth2callback?code=4%2Fa&state=s")).toMatchObject({ ok: true });
  for (const wrong of ["", "  ", "two words"]) expect(read(wrong)).toMatchObject({ ok: false, field: "code" });
});

it("what is left is told as Google tells it, and never as more than it is", () => {
  expect(leftWords({ remaining: 1234, fraction: 0.999 })).toBe("1,234 left (99 %)");
  expect(leftWords({ remaining: null, fraction: 0.5 })).toBe("50 % left");
  expect(leftWords({ remaining: 0, fraction: null })).toBe("0 left");
  expect(leftWords({ remaining: null, fraction: null })).toBeNull();
});
