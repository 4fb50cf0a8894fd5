import { describe, expect, it } from "vitest";
import { credentialsFile } from "../testkit/account-world.ts";
import { parseSettings } from "./parse.ts";

describe("GCP_SERVICE_ACCOUNT", () => {
  const content = credentialsFile();

  it("is the content of oauth_creds.json, the path of such a file, or a file named by …_FILE", () => {
    const readFile = (path: string): string | null => (path === "/home/ada/oauth_creds.json" ? `${content}\n` : null);
    for (const environment of [
      { GCP_SERVICE_ACCOUNT: `  ${content}  ` },
      { GCP_SERVICE_ACCOUNT: "/home/ada/oauth_creds.json" },
      { GCP_SERVICE_ACCOUNT_FILE: "/home/ada/oauth_creds.json" },
    ]) {
      const { settings, problems } = parseSettings(environment, { readFile });
      expect(problems).toEqual([]);
      expect(settings.codeAssistAccount).toBe(content);
    }
    expect(parseSettings({}).settings.codeAssistAccount).toBeNull();
  });

  it.each([
    ["a path that leads nowhere", "/nowhere", /expected the JSON content/],
    ["a service account", '{"type":"service_account","private_key":"secret-text"}', /service account/],
    ["half of the file", content.slice(0, 60), /not the JSON content/],
    ["a token alone", "ya29.secret-text", /expected the JSON content/],
  ])("%s is a problem that shows nothing of it", (_, text, message) => {
    const { problems, settings } = parseSettings({ GCP_SERVICE_ACCOUNT: text }, { readFile: () => null });
    expect(problems).toEqual([{ variable: "GCP_SERVICE_ACCOUNT", message: expect.stringMatching(message) }]);
    expect(JSON.stringify(problems)).not.toMatch(/secret-text|ya29|1\/\//);
    expect(settings.codeAssistAccount).toBeNull();
  });
});
