/**
 * `gemini-proxy logs show`
 * @module
 */
import type { AttemptRecord } from "../../core/records.ts";
import type { Usage } from "../../core/usage.ts";
import { defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { CliFailure } from "../failure.ts";
import { toByteText, toDollars, toLatency, toLocalTime } from "../moments.ts";
import { loadNames } from "../names.ts";
import { toPlainLine } from "../output.ts";
import type { Output } from "../output.ts";
import { withWorkspace } from "../workspace.ts";
import { callShape, toCallJson, toUsd } from "./call-views.ts";

/** Shows one call with its attempts. */
export const command: CliCommand = defineCliCommand({
  name: "logs show",
  description: "Show one call with every attempt",
  args: {
    id: {
      type: "positional",
      required: true,
      valueHint: "call id",
      description: "Id of the call: the answer's x-gproxy-request-id header",
    },
  },
  notes: [...callShape],
  async run({ args, output, configuration }) {
    await withWorkspace(configuration, { write: false }, async (workspace) => {
      const call = await workspace.store.ledger.get(args.id);
      if (call === null)
        throw new CliFailure(`There is no call with the id '${args.id}'.`, {
          place: configuration.settings.dataDir,
          next: "'gemini-proxy logs list' shows the newest calls. A call is recorded when it ends; old ones are deleted after RETENTION_DAYS.",
        });
      if (output.json(toCallJson(call))) return;
      const names = await loadNames(workspace, configuration);
      const { record } = call;
      printFields(output, [
        ["Call", record.id],
        ["Time", toLocalTime(record.startedAt)],
        ["Request", `${record.method} ${record.path} (${toByteText(record.requestBytes)})`],
        ["Operation", `${record.operation}, ${record.dialect}${record.stream ? ", streamed" : ""}`],
        ["Client", names.client(record.clientId)],
        [
          "Model",
          record.modelAsked === record.modelServed
            ? record.modelAsked
            : `${record.modelAsked ?? "-"}, served by ${record.modelServed ?? "-"}`,
        ],
        [
          "Outcome",
          `${record.outcome}, status ${record.status}${record.errorCode === null ? "" : `, ${record.errorCode}`}`,
        ],
        ["Finish reason", record.finishReason],
        ["Answer", toByteText(record.responseBytes)],
        ["Tokens", toTokenText(record.usage)],
        ["Cost", toDollars(toUsd(call.costNanoUsd)) ?? "unknown"],
        ["First byte", record.firstByteMicros === null ? null : toLatency(record.firstByteMicros)],
        ["Total", `${toLatency(record.totalMicros)}, of it the gateway's own ${toLatency(record.overheadMicros)}`],
      ]);
      output.line("");
      if (record.attempts.length === 0) return output.line("No attempt was made.");
      output.table<AttemptRecord>(record.attempts, [
        { title: "TRY", of: (attempt) => attempt.number, align: "right" },
        { title: "KEY", of: (attempt) => names.credential(attempt.credentialId), limit: 28 },
        { title: "STATUS", of: (attempt) => attempt.status, align: "right" },
        { title: "RULE", of: (attempt) => attempt.rule },
        { title: "FAULT", of: (attempt) => attempt.fault },
        { title: "AT", of: (attempt) => toLatency(attempt.offsetMicros), align: "right" },
        { title: "TOOK", of: (attempt) => toLatency(attempt.durationMicros), align: "right" },
        { title: "TOKENS", of: (attempt) => attempt.usage?.totalTokens ?? null, align: "right" },
      ]);
      for (const attempt of record.attempts)
        if (attempt.words !== null) output.line(`\nTry ${attempt.number}: ${toPlainLine(attempt.words)}`);
    });
  },
});

// --- helpers ---

function printFields(output: Output, fields: readonly (readonly [string, string | null])[]): void {
  const width = Math.max(...fields.map(([title]) => title.length));
  for (const [title, value] of fields)
    if (value !== null) output.line(`${output.style("dim", title.padEnd(width))}  ${toPlainLine(value)}`);
}

function toTokenText(usage: Usage | null): string {
  if (usage === null) return "unknown";
  const parts: [string, number][] = [
    ["prompt", usage.promptTokens],
    ["of it cached", usage.cachedTokens],
    ["output", usage.outputTokens],
    ["thoughts", usage.thoughtsTokens],
    ["tool use", usage.toolUseTokens],
  ];
  return `${usage.totalTokens} (${parts
    .filter(([, count], index) => count > 0 || index === 0 || index === 2)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ")})`;
}
