/**
 * Bun.serve over the fetch host.
 * @module
 */
import { writeError } from "../../dialects/gemini/write-error.ts";
import { FetchCallHost, type FetchPlatform } from "../fetch/fetch-call-host.ts";
import { localUrlOf, toFrontRequest, toResponse } from "../fetch/front-response.ts";
import { refuseUpgrade } from "../fetch/refused-upgrade.ts";
import { isAdminPath, isLocal } from "../front/local-path.ts";
import { toRequestInfo } from "../front/request-info.ts";
import { assembleGateway, type AssembledGateway, type AssembleOptions } from "../node/assemble.ts";
import type { NodeGateway } from "../node/start.ts";

/** The part of Bun that is used; typed structurally, so that its types are not needed to build. */
interface BunRuntime {
  serve(options: {
    hostname: string;
    port: number;
    idleTimeout: number;
    maxRequestBodySize: number;
    development: boolean;
    error(error: Error): Response;
    fetch(request: Request, server: BunServer): Promise<Response> | Response;
  }): BunServer;
}

interface BunServer {
  port: number;
  stop(force?: boolean): Promise<void>;
  pendingRequests: number;
  requestIP(request: Request): { address: string } | null;
}

const platform: FetchPlatform = { fetch: (url, init) => fetch(url, init), keepAlive: () => undefined };

/** Starts a gateway on Bun. */
export async function startBunGateway(options: Omit<AssembleOptions, "host">): Promise<NodeGateway> {
  const { settings } = options;
  const gateway = await assembleGateway({ ...options, host: "bun" });
  const bun = (globalThis as unknown as { Bun: BunRuntime }).Bun;
  const server = bun.serve({
    hostname: settings.host,
    port: settings.port,
    // Seconds, 255 at most; 0: none. Silence of the upstream has its own limit (IDLE_TIMEOUT_MS).
    idleTimeout: 0,
    maxRequestBodySize: Math.max(settings.maxBodyBytes, settings.maxUploadBytes) + 1,
    // Bun's own error page shows sources.
    development: false,
    error(error) {
      gateway.logger.log("error", "local.failed", { cause: error.message });
      const answer = writeError({ code: "internal", requestId: gateway.environment.newId(Date.now()) });
      return new Response(answer.body, {
        status: answer.status,
        headers: { "content-type": "application/json; charset=UTF-8" },
      });
    },
    fetch(request, running) {
      if (isLocal(localUrlOf(request.url))) return answerOwn(gateway, request, running);
      const refused = refuseUpgrade(request);
      if (refused !== null) return refused;
      const host = new FetchCallHost(gateway.environment, platform, request);
      host.call.begin();
      return host.response;
    },
  });
  let closing: Promise<void> | null = null;
  return {
    url: `http://${settings.host.includes(":") ? `[${settings.host}]` : settings.host}:${server.port}`,
    first: gateway.first,
    recovered: gateway.recovered,
    credentials: gateway.credentials,
    close: () => (closing ??= shutDown()),
  };

  async function shutDown(): Promise<void> {
    gateway.environment.draining = true;
    gateway.admin.endStreams();
    const deadline = Date.now() + settings.drainTimeoutMs;
    // A call ends when its last byte is handed on; its request, when the client has it.
    while ((gateway.environment.open.calls > 0 || server.pendingRequests > 0) && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 25));
    await server.stop(true);
    await gateway.dispose();
  }
}

// --- helpers ---

async function answerOwn(gateway: AssembledGateway, request: Request, server: BunServer): Promise<Response> {
  const { front, admin, environment } = gateway;
  const asked = toFrontRequest(request);
  if (!isAdminPath(asked.url)) return toResponse(await front.answer(asked), request.method);
  const peer = server.requestIP(request)?.address ?? null;
  return admin.fetch(
    request,
    toRequestInfo({ peer, encrypted: request.url.startsWith("https:"), header: asked.header }, environment.settings),
  );
}
