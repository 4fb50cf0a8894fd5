/**
 * The Node host: node:http in front, undici behind.
 * @module
 */
import type { AddressInfo } from "node:net";
import { assembleGateway, type AssembleOptions, type StartReport } from "./assemble.ts";
import { keepUploads } from "./kept-files/keep-uploads.ts";
import { createNodeServer } from "./server.ts";

/** A running gateway. */
export interface NodeGateway extends StartReport {
  /** `http://host:port`. */
  url: string;
  /** Stops accepting, lets open calls end (DRAIN_TIMEOUT_MS), writes everything, closes. */
  close(): Promise<void>;
}

/**
 * Starts a gateway.
 * @throws when the data directory cannot be used or the port is taken: with the cause and the place
 */
export async function startNodeGateway(options: Omit<AssembleOptions, "host">): Promise<NodeGateway> {
  const { settings } = options;
  const gateway = await assembleGateway(options);
  const { environment, logger } = gateway;
  const node = createNodeServer(gateway);
  const endKeeping = await keepUploads(environment, (target) => gateway.dispatchers.for(target));
  try {
    await new Promise<void>((resolve, reject) => {
      node.server.once("error", reject);
      node.server.listen(settings.port, settings.host, 4_096, resolve);
    });
  } catch (error) {
    await endKeeping();
    await gateway.dispose();
    throw error;
  }
  const { port } = node.server.address() as AddressInfo;
  let closing: Promise<void> | null = null;
  return {
    url: `http://${settings.host.includes(":") ? `[${settings.host}]` : settings.host}:${port}`,
    first: gateway.first,
    recovered: gateway.recovered,
    credentials: gateway.credentials,
    close: () => (closing ??= shutDown()),
  };

  async function shutDown(): Promise<void> {
    environment.draining = true;
    // Tails of the dashboard would go on as long as somebody looks.
    node.endStreams();
    const closed = new Promise<void>((resolve) => node.server.close(() => resolve()));
    const deadline = setTimeout(() => {
      logger.log("warn", "drain.timeout", { openCalls: node.shared.open.calls });
      node.server.closeAllConnections();
      node.endLive();
    }, settings.drainTimeoutMs);
    // Keep-alive connections become idle one by one as their calls end. When no call is open, what is left are
    // connections that wait for the rest of a request that was refused, or for one that never came.
    const sweep = setInterval(() => {
      if (node.shared.open.calls === 0 && node.openOwn() === 0) node.server.closeAllConnections();
      else node.server.closeIdleConnections();
    }, 25);
    await closed;
    clearTimeout(deadline);
    clearInterval(sweep);
    await endKeeping();
    await gateway.dispose();
  }
}
