/**
 * The gateway's own paths: the dashboard, liveness and readiness, the probe of Claude Code, numbers for monitors. One
 * definition for all hosts. `/admin/…` is the admin API's (admin/app.ts), which hosts ask themselves: its answers stream.
 * @module
 */
import type { Settings } from "../../settings/types.ts";
import { fileUnknown, type Pages } from "../static/pages.ts";
import { errorAnswer, jsonAnswer, redirectAnswer, textAnswer, type FrontAnswer, type FrontRequest } from "./answer.ts";
import type { Guard } from "./guard.ts";
import { pathOf } from "./local-path.ts";

type Awaitable<Value> = Value | Promise<Value>;

/** What the paths tell. */
export interface FrontParts {
  settings: Pick<Settings, "dashboard">;
  guard: Guard;
  pages: Pages;
  /** For anybody. Cheap; no writes. */
  health(): Awaitable<{ status: number; body: unknown }>;
  ready(): Awaitable<boolean>;
  /** For whoever holds a token. */
  healthInDetail(): Awaitable<{ status: number; body: unknown }>;
  /** Text of Prometheus with its content type. */
  prometheus(): Awaitable<{ text: string; contentType: string }>;
  /** The same numbers. */
  metrics(): Awaitable<unknown>;
  modelUsage(): Awaitable<unknown>;
}

/** Answers them. */
export interface Front {
  /**
   * @param request of a path for which `isLocal` holds and that is not the admin API's
   * @throws what the parts throw: the host answers 500
   */
  answer(request: FrontRequest): Awaitable<FrontAnswer>;
}

/** Makes the front of a host. */
export function createFront(parts: FrontParts): Front {
  const { pages, guard, settings } = parts;

  async function guarded(
    request: FrontRequest,
    kind: Parameters<Guard["allows"]>[1],
    answer: () => Awaitable<FrontAnswer>,
  ): Promise<FrontAnswer> {
    if (await guard.allows(request.header("authorization"), kind)) return answer();
    return errorAnswer("token_invalid", { headers: ["www-authenticate", "Bearer"] });
  }

  const metrics = async (request: FrontRequest, path: string): Promise<FrontAnswer> => {
    // At one address both kinds of askers of earlier proxies: scrapers, and scripts that read JSON.
    const vary = ["vary", "accept"];
    if (path === "/metrics" && wantsJson(request)) return jsonAnswer(200, await parts.metrics(), vary);
    const { text, contentType } = await parts.prometheus();
    return textAnswer(200, text, ["content-type", contentType, ...vary]);
  };

  return {
    answer(request) {
      const { method } = request;
      if (method !== "GET" && method !== "HEAD")
        return errorAnswer("method_not_allowed", { headers: ["allow", "GET, HEAD"] });
      const path = pathOf(request.url);
      switch (path) {
        case "/":
          return settings.dashboard && wantsPage(request) ? indexAtRoot(pages, request) : hello();
        case "/api/hello":
          return hello();
        case "/health":
          return answerHealth(parts.health());
        case "/ready":
          return answerReady(parts);
        case "/health/detailed":
          return guarded(request, "numbers", () => answerHealth(parts.healthInDetail()));
        case "/model_usage":
          return guarded(request, "numbers", async () => jsonAnswer(200, await parts.modelUsage()));
        case "/metrics":
        case "/metrics/prometheus":
          return guarded(request, "metrics", () => metrics(request, path));
        case "/robots.txt":
          return textAnswer(200, "User-agent: *\nDisallow: /\n", ["content-type", "text/plain; charset=utf-8"]);
        case "/stat":
          return settings.dashboard ? redirectAnswer("/ui/pool") : dashboardOff();
        case "/favicon.svg":
          return icon(pages, request);
        case "/ui":
          return settings.dashboard ? redirectAnswer("/ui/") : dashboardOff();
      }
      if (!path.startsWith(pagePrefix)) return errorAnswer("path_unknown");
      return settings.dashboard ? pages.below(path.slice(pagePrefix.length), request) : dashboardOff();
    },
  };
}

// --- helpers ---

const pagePrefix = "/ui/";

/** What Claude Code and API clients look at; nothing of it says more than that this is the gateway. */
function hello(): FrontAnswer {
  return jsonAnswer(200, { name: "gemini-proxy" }, ["vary", "accept"]);
}

/** The same address answers tools with JSON. */
async function indexAtRoot(pages: Pages, request: FrontRequest): Promise<FrontAnswer> {
  const answer = await pages.index(request);
  return { ...answer, headers: [...answer.headers, "vary", "accept"] };
}

async function answerHealth(health: ReturnType<FrontParts["health"]>): Promise<FrontAnswer> {
  const { status, body } = await health;
  return jsonAnswer(status, body);
}

async function answerReady(parts: FrontParts): Promise<FrontAnswer> {
  const ready = await parts.ready();
  return jsonAnswer(ready ? 200 : 503, { ready });
}

async function icon(pages: Pages, request: FrontRequest): Promise<FrontAnswer> {
  return (await pages.file("favicon.svg", request)) ?? (await pages.file("icon.svg", request)) ?? fileUnknown();
}

function dashboardOff(): FrontAnswer {
  return errorAnswer("path_unknown", { message: "The dashboard is switched off (DASHBOARD=off)." });
}

/** Browsers name `text/html`; tools send nothing, a star or `application/json`. */
function wantsPage(request: FrontRequest): boolean {
  return /(?:^|[,\s])text\/html(?:[\s;,]|$)/i.test(request.header("accept") ?? "");
}

/** `?format=` decides; without it JSON is for those who name it and nothing of text, as no scraper does. */
function wantsJson(request: FrontRequest): boolean {
  const format = formatOf(request.url);
  if (format !== null) return format === "json";
  const accept = request.header("accept") ?? "";
  return /\bapplication\/json\b/i.test(accept) && !/\btext\/|openmetrics|protobuf/i.test(accept);
}

function formatOf(url: string): string | null {
  return new URLSearchParams(url.slice(pathOf(url).length)).get("format");
}
