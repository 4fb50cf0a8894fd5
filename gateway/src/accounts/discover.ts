/**
 * Finds the cloud project of an account, and onboards it when it is new.
 * @module
 */
import type { AccountAnswer, AccountQuestion } from "./ask.ts";
import { failed, type AccountFailure, type AccountResult } from "./failures.ts";
import { changeFacts, wantedProject, type HeldAccount } from "./held-account.ts";
import { askFor, causeOf, tellFailure, type AccountTools } from "./refresh.ts";
import { createSetup, type AccountSetup, type SetupStep } from "./setup.ts";
import type { KeptAccount } from "./shelf.ts";

/** Questions of one set-up: more are a circle. */
const mostSteps = 20;
/** When Google cannot be asked, a project that is known is believed this much longer. */
const extensionMs = 5 * 60_000;

/** `refresh`: the token is refused. */
export type Discovery = AccountResult<null> | { ok: false; failure: null };

/**
 * Discovers. A passing fault does not matter when a project is known from before, or by setting. Never rejects.
 * @param held an account with an access token
 */
export async function discoverProject(held: HeldAccount, tools: AccountTools): Promise<Discovery> {
  const { shelf, clock, logger, settings } = tools;
  const { facts } = held.kept as KeptAccount;
  const wanted = wantedProject(facts, settings);
  const found = await runSetup(held, tools, wanted);
  const now = clock.now();
  if (found.ok) {
    const { cloudProject, tier } = found.value;
    if (cloudProject !== facts.cloudProject || tier !== facts.tier)
      logger.log("info", "account.project-found", {
        credential: held.id,
        name: held.name,
        project: cloudProject,
        tier,
      });
    held.foundFor = wanted;
    const changed = changeFacts(held, { cloudProject, tier, projectFoundAt: now, lastError: null });
    await shelf.note(held.id, { facts: changed, was: held.kept?.sealed ?? "" }).catch((error: unknown) =>
      // It is asked again after the next start.
      logger.log("warn", "account.unnoted", { credential: held.id, cause: causeOf(error) }),
    );
    return { ok: true, value: null };
  }
  const { failure } = found;
  if (failure === null) return { ok: false, failure: null };
  const known = facts.cloudProject ?? wanted;
  if (failure.kind !== "passing" || known === null) return tellFailure(held, tools, failure);
  logger.log("warn", "account.project-kept", {
    credential: held.id,
    name: held.name,
    project: known,
    words: failure.words,
  });
  held.foundFor = wanted;
  changeFacts(held, { cloudProject: known, projectFoundAt: now - settings.projectCacheMs + extensionMs });
  return { ok: true, value: null };
}

// --- helpers ---

type Found = { ok: true; value: AccountSetup } | { ok: false; failure: AccountFailure | null };

async function runSetup(held: HeldAccount, tools: AccountTools, wanted: string | null): Promise<Found> {
  const { settings, agent, wait } = tools;
  const { accessToken } = (held.kept as KeptAccount).tokens;
  const machine = createSetup({ base: settings.codeAssistBaseUrl, accessToken, agent, wanted });
  let step: SetupStep = machine.begin();
  for (let number = 0; number < mostSteps; number++) {
    if (step.do === "done") return { ok: true, value: step.setup };
    if (step.do === "failed") return { ok: false, failure: step.failure };
    if (step.do === "refresh") return { ok: false, failure: null };
    if (step.afterMs > 0 && !(await wait(step.afterMs))) break;
    const answer = await askOnce(held, tools, step.question);
    if (!answer.ok) return answer;
    step = machine.told(answer.value);
  }
  return failed("passing", "account.setup-unfinished", "Setting the account up did not come to an end.");
}

async function askOnce(
  held: HeldAccount,
  tools: AccountTools,
  question: AccountQuestion,
): Promise<AccountResult<AccountAnswer>> {
  try {
    return { ok: true, value: await askFor(held, tools, question) };
  } catch (error) {
    return failed("passing", "account.code-assist-unreachable", `Code Assist cannot be reached: ${causeOf(error)}`);
  }
}
