/**
 * Waits on this machine for the browser to come back with the code of a log-in.
 * @module
 */
import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { toLine } from "../../accounts/failures.ts";
import { redact } from "../../vault/redact.ts";
import { CliFailure, wordsOf } from "../failure.ts";

/** Path that the browser is sent to. */
const path = "/oauth2callback";

/** A server that waits. */
export interface CallbackServer {
  redirectUri: string;
  /** @throws CliFailure when the log-in was refused, or nobody came in time */
  code: Promise<string>;
  close(): void;
}

/**
 * Opens it, on this machine only.
 * @param options `port`: 0 for a free one; `state`: what only our own log-in carries
 * @throws CliFailure when the port cannot be had
 */
export async function openCallbackServer(options: {
  port: number;
  state: string;
  timeoutMs: number;
}): Promise<CallbackServer> {
  const { state, timeoutMs } = options;
  let settle: { resolve(code: string): void; reject(error: Error): void } = { resolve: ignore, reject: ignore };
  const code = new Promise<string>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // Whoever leaves before it is awaited must not end the process.
  code.catch(ignore);
  let isOver = false;
  const server = createServer((request, response) => {
    const url = addressOf(request);
    if (request.method !== "GET" || url?.pathname !== path) return answer(response, 404, "Nothing is here.");
    // Another page of the browser may call, too: it does not know the state, and changes nothing.
    if (!isSame(url.searchParams.get("state") ?? "", state))
      return answer(response, 400, "This is not the log-in that the command waits for.");
    if (isOver) return answer(response, 409, "The log-in is over. You can close this page.");
    isOver = true;
    const error = url.searchParams.get("error");
    const found = url.searchParams.get("code");
    if (error !== null || found === null || found === "") {
      answer(response, 200, "The log-in was refused. You can close this page.");
      return settle.reject(
        new CliFailure(`The log-in was refused: ${toLine(redact(error ?? "no code came")).slice(0, 200)}.`, {
          next: "Try again.",
        }),
      );
    }
    answer(response, 200, "The code has arrived. The command says what became of it; you can close this page.");
    settle.resolve(found);
  });
  server.maxHeadersCount = 100;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  }).catch((error: unknown) => {
    throw new CliFailure(`The log-in cannot wait on this machine: ${wordsOf(error)}`, {
      place: "--port",
      next: "Take another port, or log in with --no-browser.",
    });
  });
  const timer = setTimeout(
    () =>
      settle.reject(
        new CliFailure(`Nobody has logged in within ${Math.round(timeoutMs / 60_000)} minutes.`, {
          next: "Start the command again; where no browser can reach this machine, with --no-browser.",
        }),
      ),
    timeoutMs,
  );
  const { port } = server.address() as AddressInfo;
  return {
    redirectUri: `http://127.0.0.1:${port}${path}`,
    code,
    close() {
      clearTimeout(timer);
      server.close();
      server.closeAllConnections();
    },
  };
}

// --- helpers ---

function ignore(): void {}

/** Where the browser wants to be; null: not here, or nowhere. A page that has bent its own name to this machine is not meant. */
function addressOf({ url = "", headers, socket }: IncomingMessage): URL | null {
  const origin = `http://${headers.host ?? ""}`;
  if (!url.startsWith("/") || !URL.canParse(origin) || !URL.canParse(`${origin}${url}`)) return null;
  const address = new URL(`${origin}${url}`);
  const isHere = ["127.0.0.1", "localhost"].includes(address.hostname);
  return isHere && Number(address.port || 80) === socket.localPort ? address : null;
}

function isSame(given: string, wanted: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(wanted)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    // The address has the code in it.
    "referrer-policy": "no-referrer",
    connection: "close",
  });
  response.end(`${text}\n`);
}
