/**
 * The process behind a port, for looking at its memory.
 * @module
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Megabytes that the process which listens on the URL's port holds in memory. Linux only. */
export function residentMegabytes(url: string): number {
  const status = readFileSync(`/proc/${pidListeningOn(Number(new URL(url).port))}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

/** The process that listens on a port of this machine. Linux only. @throws Error when there is none */
export function pidListeningOn(port: number): string {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const line = readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .find((one) => one.includes(`0100007F:${hex} 00000000:0000 0A`));
  const inode = line?.trim().split(/\s+/)[9];
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      for (const file of readdirSync(`/proc/${pid}/fd`))
        if (readlinkSync(`/proc/${pid}/fd/${file}`) === `socket:[${inode}]`) return pid;
    } catch {
      // Processes end while one looks.
    }
  }
  throw new Error(`nobody listens on ${port}`);
}
