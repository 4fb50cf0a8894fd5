/**
 * A port nobody listens on.
 * @module
 */
import { createServer } from "node:net";

/** Asks the system for a free port on 127.0.0.1 and gives it back at once: somebody else may take it in between. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === "object") resolve(address.port);
        else reject(new Error("no port was given"));
      });
    });
  });
}
