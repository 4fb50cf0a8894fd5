/** @module The routes of Interactions (fact sheet upstream 1.8) and Decisions (1.9). */

import { admitCall, findModel, isRefusal } from "../answer/admit-call.ts";
import { answerCall } from "../answer/answer-call.ts";
import type { Content, GenerateRequest } from "../answer/gemini-types.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import type { Call, Route, RoutedPath } from "../http/call.ts";
import type { Frame, Result } from "../http/result.ts";
import { whole } from "../http/result.ts";
import { managedKind } from "../managed/managed.ts";
import { mergeParts } from "../native/encode.ts";
import { familyRoute } from "../resources/answers.ts";
import type { Resource } from "../resources/registry.ts";
import { serveDecide } from "./decisions.ts";
import { encodeInteraction, eventsAfter } from "./encode.ts";
import { interactionRefusal } from "./errors.ts";
import type { InteractionEvent, InteractionValue } from "./interaction.ts";
import { INTERACTIONS, keepInteraction, ownInteraction, toInteractionResource, withoutMedia } from "./interaction.ts";
import type { InteractionRequest } from "./request.ts";
import { parseInteraction, peekInteraction } from "./request.ts";

/** `/{v}/interactions[/{id}[/cancel]]` and `/{v}/decisions`. */
export function interactionFamily(path: RoutedPath): Route | null {
  if (path.upload) return null;
  if (path.method === "POST" && path.rest === "decisions") {
    return { ...familyRoute(path, { operation: "decisions.create", serve: serveDecide }), peek: peekInteraction };
  }
  const match = /^interactions(?:\/([^/:]+)(\/cancel)?)?$/.exec(path.rest);
  if (!match) return null;
  const [, id, cancel = ""] = match;
  if (id === undefined) {
    if (path.method !== "POST") return null;
    return { ...familyRoute(path, { operation: "interactions.create", serve: serveCreate }), peek: peekInteraction };
  }
  const served = ROUTES[`${path.method}${cancel}`];
  return served ? familyRoute(path, { ...served, resource: id, free: true }) : null;
}

// --- helpers ---

const ROUTES: Record<string, { operation: string; serve: (call: Call) => Result }> = {
  GET: { operation: "interactions.get", serve: withOwn(serveGet) },
  DELETE: { operation: "interactions.delete", serve: withOwn(serveDelete) },
  "POST/cancel": { operation: "interactions.cancel", serve: withOwn(serveCancel) },
};

/** What agents run on. */
const AGENT_MODEL = "gemini-3.8-flash";
const NOT_FOUND = apiError("NOT_FOUND", "Interaction not found.");

function withOwn(serve: (call: Call, found: Resource<InteractionValue>) => Result): (call: Call) => Result {
  return (call) => {
    const found = ownInteraction(call.world, call.route.resource ?? "", call.project.id);
    return found ? serve(call, found) : interactionRefusal(call.world, NOT_FOUND);
  };
}

function serveCreate(call: Call): Result {
  const { world, project } = call;
  const refuse = (error: ApiError): Result => interactionRefusal(world, error);
  const before = (id: string): readonly Content[] | ApiError => {
    const previous = ownInteraction(world, id, project.id);
    if (!previous) return NOT_FOUND;
    if (world.now() >= previous.value.readyTime) return previous.value.contents;
    return apiError("FAILED_PRECONDITION", "The previous interaction is still in progress.");
  };
  const asked = parseInteraction(call.body, { before });
  const name = isRefusal(asked) ? peekInteraction(call.body).model : asked.model;
  const model = findModel(call, name ?? AGENT_MODEL, "generateContent");
  if (isRefusal(model)) return refuse(isRefusal(asked) ? asked : model);
  if (isRefusal(asked)) return refuse(admitCall(call, model, 0) ?? asked);
  const missing = checkManaged(call, asked);
  if (missing) return refuse(missing);
  const request = toWholeRequest(call, asked, before);
  if (isRefusal(request)) return refuse(request);
  const answer = answerCall(call, { request, model, stream: asked.stream });
  if (isRefusal(answer)) return refuse(answer);
  const id = `v1_${Buffer.from(`${world.ids.response()}${world.ids.response()}`).toString("base64url")}`;
  const readyTime = world.now() + (asked.background ? (world.options.interactions?.backgroundMs ?? 200) : 0);
  const author = asked.agent === null ? { model: name ?? "" } : { agent: asked.agent };
  const names = { id, author, created: stamp(world.now()), updated: stamp(readyTime) };
  const unfinished = call.action.empty === "no-finish";
  const { resource, frames } = encodeInteraction(answer, names, { unfinished });
  if (asked.store) {
    const parts = mergeParts(answer);
    const said = parts.length > 0 ? [{ role: "model", parts }] : [];
    const contents = withoutMedia([...(request.contents ?? []), ...said]);
    const goesOn = resource["status"] === "requires_continuation";
    const { continuationToken: _, ...again } = request;
    const value = {
      resource,
      events: frames.map((frame) => frame.value as InteractionEvent),
      contents,
      input: asked.input ?? null,
      // With its media: a token is good for the very same request.
      request: goesOn ? again : null,
      readyTime,
      cancelled: false,
    };
    keepInteraction(world, { id, project, value });
  }
  const usage = answer.chunks.at(-1)?.usage ?? null;
  const delayMs = answer.chunks.reduce((sum, chunk) => sum + chunk.delayMs, 0);
  if (asked.stream) return { kind: "frames", framing: "events", frames, ends: !unfinished };
  if (!asked.background) return whole(resource, usage, delayMs);
  // What is done later is billed here: nobody may come back for it.
  const { id: _, status: __, usage: ___, steps: ____, ...rest } = resource;
  return whole({ id, status: "in_progress", ...rest, updated: names.created }, usage);
}

/** The request with all that went before; a continuation asks again what was asked then. */
function toWholeRequest(
  { world, project }: Call,
  asked: InteractionRequest,
  before: (id: string) => readonly Content[] | ApiError,
): GenerateRequest | ApiError {
  const { previousId, continuationToken, request } = asked;
  if (continuationToken !== null) {
    const previous = previousId === null ? undefined : ownInteraction(world, previousId, project.id);
    if (!previous?.value.request) {
      return apiError("INVALID_ARGUMENT", "'continuation_token' requires the interaction that it came from.");
    }
    return { ...previous.value.request, continuationToken };
  }
  const earlier = previousId === null ? [] : before(previousId);
  if (isRefusal(earlier)) return earlier;
  return { ...request, contents: joinRoles([...earlier, ...(request.contents ?? [])]) };
}

/** Agents and environments belong to projects too. */
function checkManaged({ world, project }: Call, { agent, environment }: InteractionRequest): ApiError | null {
  const owns = (kind: "agents" | "environments", name: string): boolean =>
    world.resources.of(managedKind(kind)).own(name.startsWith(`${kind}/`) ? name : `${kind}/${name}`, project.id) !==
    undefined;
  if (agent !== null && !agent.startsWith("deep-research-") && !owns("agents", agent)) {
    return apiError("NOT_FOUND", `Agent not found: ${agent}`);
  }
  if (environment !== null && environment !== "remote" && !owns("environments", environment)) {
    return apiError("NOT_FOUND", "Environment not found.");
  }
  return null;
}

function serveGet(call: Call, found: Resource<InteractionValue>): Result {
  const { query, world } = call;
  const { value } = found;
  if (query.get("stream") === "true" || query.get("alt") === "sse") {
    const rest = eventsAfter(value.events, query.get("last_event_id"));
    if (!rest) return interactionRefusal(world, apiError("INVALID_ARGUMENT", "Unknown 'last_event_id'."));
    // What is still at work is told when it is done.
    const delayMs = Math.max(0, value.readyTime - world.now());
    const frames = rest.map((event, index): Frame => ({
      value: event,
      usage: null,
      delayMs: index === 0 ? delayMs : 0,
    }));
    return { kind: "frames", framing: "events", frames, ends: true };
  }
  const resource = toInteractionResource(world, found);
  return whole(query.get("include_input") === "true" ? { ...resource, input: value.input } : resource);
}

function serveCancel({ world }: Call, found: Resource<InteractionValue>): Result {
  if (world.now() >= found.value.readyTime || found.value.cancelled) {
    return interactionRefusal(world, apiError("FAILED_PRECONDITION", "The interaction is not in progress."));
  }
  found.value.cancelled = true;
  return whole(toInteractionResource(world, found));
}

function serveDelete({ world }: Call, found: Resource<InteractionValue>): Result {
  world.resources.of(INTERACTIONS).remove(found.name);
  return whole({});
}

function joinRoles(contents: readonly Content[]): Content[] {
  const joined: Content[] = [];
  for (const { role, parts = [] } of contents) {
    const last = joined.at(-1);
    if (last && last.role === role) last.parts = [...(last.parts ?? []), ...parts];
    else joined.push({ ...(role === undefined ? {} : { role }), parts });
  }
  return joined;
}

function stamp(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}
