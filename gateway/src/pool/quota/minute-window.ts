/**
 * Uses of the last minute. Google's minutes may slide, be calendar minutes or leak like a bucket (fact sheet upstream
 * 4.4); whoever never takes more than the limit in any 60 seconds is right with the first two.
 *
 * Uses of one second share an entry, and an entry counts until its last use has left the window: never too few, too many
 * for a second at most. Entries exist only for seconds with uses, so a bucket of ten requests a minute is some 200 bytes.
 * A class: two hundred thousand of them must share their methods.
 * @module
 */

/**
 * How long a use counts. A second more than Google's minute: requests travel for unequal times, so that two sent 60 s apart
 * may arrive less than that apart.
 */
export const minuteWindowMs = 61_000;

const spanMs = 1_000;
const stride = 3;
/** Firsts are a span apart and lasts at most a window and a span old, so 63 entries are alive at most. */
const mostEntries = 64;
const largest = 0xffff_ffff;

/** Requests and tokens of the last minute. Times never decrease from call to call, except by `turnBack`. */
export class MinuteWindow {
  requests = 0;
  tokens = 0;
  /** Entries in order of time: last use (milliseconds after `base`), requests, tokens. A ring of 4, 8, …, 64 entries. */
  private ring = new Uint32Array(4 * stride);
  /** Entries that the ring can hold, less one. */
  private mask = 3;
  private head = 0;
  private size = 0;
  private base: number;
  /** When the newest entry was begun. */
  private begun: number;
  /** Uses up to this time are not in here, or no longer. */
  private outside: number;

  /** @param now epoch milliseconds */
  constructor(now: number) {
    this.base = now;
    this.begun = now;
    this.outside = now - 1;
  }

  /** Forgets what has left the window. */
  expire(now: number): void {
    const { ring } = this;
    while (this.size > 0) {
      const index = this.head * stride;
      const last = this.base + (ring[index] as number);
      if (last + minuteWindowMs > now) return;
      if (last > this.outside) this.outside = last;
      this.requests -= ring[index + 1] as number;
      this.tokens -= ring[index + 2] as number;
      this.head = (this.head + 1) & this.mask;
      this.size--;
    }
  }

  /** Counts whole numbers, not negative. */
  add(requests: number, tokens: number, now: number): void {
    if (this.size === 0) this.base = now;
    else if (now - this.base > largest) this.rebase();
    if (this.size === 0 || (now - this.begun >= spanMs && this.size < mostEntries)) this.begin(now);
    const index = this.indexOf(this.size - 1);
    this.ring[index] = Math.ceil(now - this.base);
    this.change(index, requests, tokens);
  }

  /**
   * Corrects what was counted at a time.
   * @param change.taken when it was counted
   * @param change.requests how many more (or, negative, fewer); tokens alike
   */
  correct({ taken, requests, tokens }: { taken: number; requests: number; tokens: number }, now: number): void {
    const index = taken <= this.outside ? -1 : this.find(taken);
    if (index >= 0) this.change(index, requests, tokens);
    else if (taken + minuteWindowMs > now && (requests > 0 || tokens > 0))
      this.add(Math.max(requests, 0), Math.max(tokens, 0), now);
  }

  /**
   * @param most how many may be in the window then
   * @returns epoch milliseconds at which no more are left
   */
  freeAt(metric: "requests" | "tokens", most: number): number {
    const offset = metric === "requests" ? 1 : 2;
    let left = this[metric];
    for (let entry = 0; entry < this.size; entry++) {
      const index = this.indexOf(entry);
      left -= this.ring[index + offset] as number;
      if (left <= most) return this.base + (this.ring[index] as number) + minuteWindowMs;
    }
    return Infinity;
  }

  /** The clock went back: everything keeps its age. */
  turnBack(milliseconds: number): void {
    this.base -= milliseconds;
    this.begun -= milliseconds;
    this.outside -= milliseconds;
  }

  /** Adds another window's uses. An entry may span two seconds then, and counts until its last use has left. */
  absorb(other: MinuteWindow, now: number): void {
    const entries = [...this.entries(), ...other.entries()].sort((left, right) => left.last - right.last);
    this.head = 0;
    this.size = 0;
    this.requests = 0;
    this.tokens = 0;
    this.outside = Math.max(this.outside, other.outside);
    this.base = entries[0]?.last ?? now;
    for (const { last, requests, tokens } of entries) {
      if (this.size === 0 || last - this.begun >= spanMs) this.begin(last);
      const index = this.indexOf(this.size - 1);
      this.ring[index] = last - this.base;
      this.change(index, requests, tokens);
    }
    this.expire(now);
  }

  private *entries(): Generator<{ last: number; requests: number; tokens: number }> {
    for (let entry = 0; entry < this.size; entry++) {
      const [last = 0, requests = 0, tokens = 0] = this.ring.subarray(
        this.indexOf(entry),
        this.indexOf(entry) + stride,
      );
      yield { last: this.base + last, requests, tokens };
    }
  }

  /** A new, empty entry at the end. */
  private begin(now: number): void {
    if (this.size > this.mask) {
      const grown = new Uint32Array(2 * this.ring.length);
      const cut = this.head * stride;
      grown.set(this.ring.subarray(cut));
      grown.set(this.ring.subarray(0, cut), this.ring.length - cut);
      this.ring = grown;
      this.mask = 2 * this.mask + 1;
      this.head = 0;
    }
    this.begun = now;
    const index = this.indexOf(this.size++);
    this.ring[index] = 0;
    this.ring[index + 1] = 0;
    this.ring[index + 2] = 0;
  }

  private change(index: number, requests: number, tokens: number): void {
    this.requests += this.changeOne(index + 1, requests);
    this.tokens += this.changeOne(index + 2, tokens);
  }

  /** @returns by how much it truly changed: an entry is neither negative nor beyond its bits */
  private changeOne(index: number, by: number): number {
    const before = this.ring[index] as number;
    const after = Math.min(Math.max(before + by, 0), largest);
    this.ring[index] = after;
    return after - before;
  }

  /**
   * The first entry whose last use is not before: the use's own, or after `absorb` one before it. Neither what is added
   * there leaves the window too early, nor does what is given back there. -1: none.
   */
  private find(taken: number): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.base + (this.ring[this.indexOf(middle)] as number) < taken) low = middle + 1;
      else high = middle;
    }
    return low < this.size ? this.indexOf(low) : -1;
  }

  private indexOf(entry: number): number {
    return ((this.head + entry) & this.mask) * stride;
  }

  /** After 49 days without a quiet minute. */
  private rebase(): void {
    const by = this.ring[this.indexOf(0)] as number;
    for (let entry = 0; entry < this.size; entry++) {
      const index = this.indexOf(entry);
      this.ring[index] = (this.ring[index] as number) - by;
    }
    this.base += by;
  }
}
