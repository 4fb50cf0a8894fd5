/**
 * Passwords by scrypt of node:crypto, which Node, Bun and workerd (nodejs_compat) have.
 * @module
 */
import { Buffer } from "node:buffer";
import { scrypt, timingSafeEqual } from "node:crypto";
import { AdminError } from "../../admin/admin-errors.ts";
import type { Passwords } from "../../admin/services.ts";
import type { Random } from "../../core/ports.ts";

/** Cost of a hash: `logN` is log2 of scrypt's N. Memory: 128 * N * r bytes. */
interface Cost {
  logN: number;
  r: number;
  p: number;
}

/**
 * N = 2^15, r = 8, p = 3: one of OWASP's minimum configurations, with 32 MB
 * (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html). A Worker's isolate has 128 MB.
 */
const currentCost: Cost = { logN: 15, r: 8, p: 3 };
/** Hashes at once: each holds its memory. */
const mostAtOnce = 2;
/** Further ones wait; beyond these they are refused. */
const mostWaiting = 32;
const saltBytes = 16;
const keyBytes = 32;

/**
 * Makes the port. A hash is `$scrypt$ln=15,r=8,p=3$<salt>$<hash>` (base64 without padding), so that old ones verify when
 * the cost is raised.
 * @param random for salts
 */
export function createPasswords(random: Random): Passwords {
  const inTurn = createGate();
  return {
    async hash(password) {
      const salt = random.bytes(saltBytes);
      const key = await inTurn(() => derive(password, salt, keyBytes, currentCost));
      const { logN, r, p } = currentCost;
      return `$scrypt$ln=${logN},r=${r},p=${p}$${toText(salt)}$${toText(key)}`;
    },
    async verify(password, hash) {
      const parsed = parseHash(hash);
      if (parsed === null) return false;
      const key = await inTurn(() => derive(password, parsed.salt, parsed.key.length, parsed.cost));
      return timingSafeEqual(key, parsed.key);
    },
  };
}

// --- helpers ---

function derive(password: string, salt: Uint8Array, length: number, { logN, r, p }: Cost): Promise<Buffer> {
  const cost = 2 ** logN;
  return new Promise((resolve, reject) => {
    // Composed first: the same letters come from keyboards in several spellings (NIST SP 800-63B 3.1.1.2).
    const options = { N: cost, r, p, maxmem: 128 * cost * r + 128 * r * p + 1_048_576 };
    scrypt(password.normalize("NFC"), salt, length, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

/** Null: of no known form, or dearer than this would ever have made it. */
function parseHash(hash: string): { cost: Cost; salt: Buffer; key: Buffer } | null {
  const match = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/]{16,64})\$([\w+/]{32,128})$/.exec(hash);
  if (match === null) return null;
  const [logN, r, p] = match.slice(1, 4).map(Number) as [number, number, number];
  if (logN < 10 || logN > 17 || r < 1 || r > 16 || p < 1 || p > 16) return null;
  return {
    cost: { logN, r, p },
    salt: Buffer.from(match[4] as string, "base64"),
    key: Buffer.from(match[5] as string, "base64"),
  };
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}

/** Lets so many run at once. */
function createGate(): <Value>(work: () => Promise<Value>) => Promise<Value> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= mostAtOnce) {
      if (waiting.length >= mostWaiting)
        throw new AdminError("unavailable", { message: "Too many passwords are being checked.", retryAfterSeconds: 2 });
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The place is handed on, not given up.
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
