/** @module What else the programs of Code Assist ask for: admin controls, quota left, experiments, settings, metrics (fact sheet upstream 7.2). */

import { isRefusal } from "../answer/admit-call.ts";
import type { ApiError } from "../errors/api-error.ts";
import type { Call } from "../http/call.ts";
import type { Result } from "../http/result.ts";
import { parseMessage } from "../native/parse-message.ts";
import { reply } from "../resources/answers.ts";
import { nextPacificMidnight } from "../state/pacific.ts";
import { limitsOf } from "../state/projects.ts";
import { accountOf, checkProject } from "./caller.ts";

/** Serves `:fetchAdminControls`: nothing is forbidden. */
export function serveAdminControls(call: Call): Result {
  const message = readOwn(call, "FetchAdminControlsRequest");
  if (isRefusal(message)) return reply(message);
  return reply({
    adminControlsApplicable: true,
    strictModeDisabled: true,
    mcpSetting: { mcpEnabled: true },
    cliFeatureSetting: { extensionsSetting: { extensionsEnabled: true }, unmanagedCapabilitiesEnabled: true },
  });
}

/** Serves `:retrieveUserQuota`: what is left of the day, by the same counters that refuse. */
export function serveUserQuota(call: Call): Result {
  const message = readOwn(call, "RetrieveUserQuotaRequest");
  if (isRefusal(message)) return reply(message);
  const { world, project } = call;
  const now = world.now();
  const resetTime = new Date(nextPacificMidnight(now)).toISOString().replace(/\.\d+Z$/, "Z");
  const buckets = [...world.models.values()].flatMap((model) => {
    const limit = limitsOf(project, model).requestsPerDay;
    if (limit == null || !model.methods.includes("generateContent")) return [];
    const left = Math.max(0, limit - world.quotas.usedToday({ project: project.id, model: model.id, now }));
    return [
      {
        remainingAmount: String(left),
        remainingFraction: limit === 0 ? 0 : left / limit,
        resetTime,
        tokenType: "REQUESTS",
        modelId: model.id,
      },
    ];
  });
  return reply({ buckets });
}

/** Serves `:listExperiments`. */
export function serveExperiments(call: Call): Result {
  const message = readOwn(call, "ListExperimentsRequest");
  return reply(isRefusal(message) ? message : { experimentIds: [], flags: [] });
}

/** Serves `:recordCodeAssistMetrics`. */
export function serveMetrics(call: Call): Result {
  const message = readOwn(call, "RecordCodeAssistMetricsRequest");
  return reply(isRefusal(message) ? message : {});
}

/** Serves `GET :getCodeAssistGlobalUserSetting`. */
export function serveGetSetting(call: Call): Result {
  return reply(settingOf(call));
}

/** Serves `:setCodeAssistGlobalUserSetting`. */
export function serveSetSetting(call: Call): Result {
  const message = readOwn(call, "SetCodeAssistGlobalUserSettingRequest");
  if (isRefusal(message)) return reply(message);
  call.world.userSettings.set(accountOf(call).email, message["freeTierDataCollectionOptin"] === true);
  return reply(settingOf(call));
}

// --- helpers ---

// A project that is named must be the account's.
function readOwn(call: Call, name: string): Record<string, unknown> | ApiError {
  const message = parseMessage(call.body, name);
  if (isRefusal(message)) return message;
  const project = message["project"] ?? message["cloudaicompanionProject"];
  const refused = typeof project === "string" ? checkProject(accountOf(call), project) : null;
  return refused ?? message;
}

function settingOf(call: Call): Record<string, unknown> {
  const account = accountOf(call);
  return {
    cloudaicompanionProject: account.project,
    freeTierDataCollectionOptin: call.world.userSettings.get(account.email) ?? false,
  };
}
