/**
 * IP addresses: which networks a client may call from, and who stands behind a reverse proxy.
 *
 * All of it may be hostile text. IPv4 has one spelling here, four decimal numbers without leading zeros, as others
 * read `010.0.0.1` in other ways (RFC 6943 3.1.1). IPv4-mapped IPv6 (`::ffff:10.0.0.1`) is the IPv4 address in it, and
 * ranges of IPv6 hold none of IPv4: `::/0` does not let `10.0.0.1` in.
 * @module
 */

/** An address as four 32-bit numbers; IPv4: the last one. */
export interface Address {
  family: 4 | 6;
  words: readonly [number, number, number, number];
}

/** A network. */
export interface AddressRange {
  family: 4 | 6;
  /** Bits that count: up to 32 or 128. */
  bits: number;
  /** With the other bits at 0. */
  words: readonly [number, number, number, number];
}

/** Networks to look addresses up in. */
export interface AddressSet {
  readonly isEmpty: boolean;
  /** Whether the address is in one of them. At most 162 look-ups, however many networks there are. */
  has(address: Address | string): boolean;
}

/**
 * Reads an address. A zone id (`fe80::1%eth0`) is left out: it names an interface of this machine.
 * @returns null when it is none
 */
export function parseAddress(text: string): Address | null {
  if (text.length > longestAddress) return null;
  const zone = text.indexOf("%");
  if (zone >= 0 && (!/^[\w.~-]+$/.test(text.slice(zone + 1)) || !text.slice(0, zone).includes(":"))) return null;
  const plain = zone < 0 ? text : text.slice(0, zone);
  if (!plain.includes(":")) {
    const word = parseIpv4(plain);
    return word === null ? null : { family: 4, words: [0, 0, 0, word] };
  }
  const words = parseIpv6(plain);
  if (words === null) return null;
  return words[0] === 0 && words[1] === 0 && words[2] === 0xffff
    ? { family: 4, words: [0, 0, 0, words[3]] }
    : { family: 6, words };
}

/**
 * Reads a network (`10.0.0.0/8`, `2001:db8::/32`) or a single address. Bits beyond the prefix do not matter.
 * @returns null when it is neither, or names an interface
 */
export function parseRange(text: string): AddressRange | null {
  const plain = text.trim();
  const slash = plain.indexOf("/");
  const address = plain.includes("%") ? null : parseAddress(slash < 0 ? plain : plain.slice(0, slash));
  if (address === null) return null;
  const most = address.family === 4 ? 32 : 128;
  if (slash < 0) return { ...address, bits: most };
  const digits = plain.slice(slash + 1);
  if (!/^(?:0|[1-9]\d{0,2})$/.test(digits)) return null;
  // An IPv4 network in IPv6's spelling: its prefix counts the 96 bits before it.
  const mapped = address.family === 4 && plain.includes(":");
  const bits = Number(digits) - (mapped ? 96 : 0);
  if (bits < 0 || bits > most) return null;
  return { family: address.family, bits, words: masked(address, bits) };
}

/**
 * Makes a set, once for each list. What is no network is left out: of an allow-list it lets nobody in.
 * @param ranges networks and single addresses
 */
export function createAddressSet(ranges: readonly string[]): AddressSet {
  const networks = { 4: new Map<number, Set<string>>(), 6: new Map<number, Set<string>>() };
  for (const text of ranges) {
    const range = parseRange(text);
    if (range === null) continue;
    const known = networks[range.family].get(range.bits);
    if (known === undefined) networks[range.family].set(range.bits, new Set([range.words.join()]));
    else known.add(range.words.join());
  }
  return {
    isEmpty: networks[4].size + networks[6].size === 0,
    has(given) {
      const address = typeof given === "string" ? parseAddress(given) : given;
      if (address === null) return false;
      for (const [bits, words] of networks[address.family]) if (words.has(masked(address, bits).join())) return true;
      return false;
    },
  };
}

/**
 * The address that a call comes from. Without trusted proxies it is the connection's other end. Behind one, it is the
 * rightmost address of `X-Forwarded-For` that is not a trusted proxy's: what stands left of it is only what the client
 * says. When all are trusted, it is the leftmost one.
 * @param parts `peer`: the connection's other end, null: not known; `forwardedFor`: all values of the header, joined by
 *   commas, null: none; `trusted`: reverse proxies whose word is taken
 * @returns the address as it stands there, without port and brackets; null: it cannot be told
 */
export function clientAddress(parts: {
  peer: string | null;
  forwardedFor: string | null;
  trusted: AddressSet;
}): string | null {
  const { peer, forwardedFor, trusted } = parts;
  if (trusted.isEmpty || peer === null || forwardedFor === null || !trusted.has(peer)) return peer;
  let client: string | null = null;
  let end = forwardedFor.length;
  for (let hop = 0; hop < mostHops && end >= 0; hop++) {
    const comma = end === 0 ? -1 : forwardedFor.lastIndexOf(",", end - 1);
    // Only what an address could be is looked at, however long the text between two commas is.
    const entry = end - comma - 1 > longestEntry ? "?" : forwardedFor.slice(comma + 1, end).trim();
    end = comma;
    if (entry === "") continue;
    const bare = withoutPort(entry);
    const address = parseAddress(bare);
    // `unknown`, or rubbish: nobody vouches for what stands left of it.
    if (address === null) return null;
    client = bare;
    if (!trusted.has(address)) return client;
  }
  if (end >= 0) return null;
  return client ?? peer;
}

// --- helpers ---

/** 45 characters of an address and a zone id. */
const longestAddress = 110;
/** With brackets, a port and blanks. */
const longestEntry = 160;
/** Proxies that a call may have passed. */
const mostHops = 32;

function parseIpv4(text: string): number | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return null;
  let word = 0;
  for (let index = 1; index <= 4; index++) {
    const digits = match[index] as string;
    if ((digits.length > 1 && digits.startsWith("0")) || Number(digits) > 255) return null;
    word = word * 256 + Number(digits);
  }
  return word;
}

/** RFC 4291 2.2: groups, `::` once at most, the last 32 bits perhaps as IPv4. */
function parseIpv6(text: string): [number, number, number, number] | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const head = groupsOf(halves[0] as string, halves.length === 1);
  const tail = halves.length === 1 ? [] : groupsOf(halves[1] as string, true);
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  const groups = [...head, ...Array<number>(missing).fill(0), ...tail];
  const wordAt = (index: number): number => (groups[index] as number) * 65_536 + (groups[index + 1] as number);
  return [wordAt(0), wordAt(2), wordAt(4), wordAt(6)];
}

/** 16-bit groups of one side of `::`; at the address' end the last may be an IPv4 address. */
function groupsOf(text: string, isEnd: boolean): number[] | null {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":", 9);
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else {
      const word = isEnd && index === parts.length - 1 ? parseIpv4(part) : null;
      if (word === null) return null;
      groups.push(Math.floor(word / 65_536), word % 65_536);
    }
  }
  return groups.length > 8 ? null : groups;
}

/** The address with only its first bits; of IPv4, those of its one number. */
function masked(address: Address, bits: number): [number, number, number, number] {
  const before = address.family === 4 ? bits + 96 : bits;
  const word = (index: number): number => {
    const kept = Math.min(32, Math.max(0, before - index * 32));
    const value = address.words[index] as number;
    // Shifts of 32 are none in JavaScript.
    return kept === 0 ? 0 : kept === 32 ? value : value - (value % 2 ** (32 - kept));
  };
  return [word(0), word(1), word(2), word(3)];
}

function withoutPort(entry: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(entry);
  if (bracketed !== null) return bracketed[1] as string;
  // One colon only: IPv4 with a port. With more it is IPv6.
  return entry.indexOf(":") === entry.lastIndexOf(":") ? entry.replace(/:\d{1,5}$/, "") : entry;
}
