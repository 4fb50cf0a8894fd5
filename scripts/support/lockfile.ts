/**
 * What a package-lock.json may hold. Addresses are left out on purpose (`omit-lockfile-registry-resolved`): the lock then
 * works with every registry, and integrity hashes decide what is installed.
 * @module
 */

/**
 * Looks for addresses and for packages without a hash.
 * @param text the file
 * @returns one line a problem; empty when it is fine
 * @throws SyntaxError when it is not JSON
 */
export function checkLockfile(text: string): string[] {
  const lock = JSON.parse(text) as { lockfileVersion?: number; packages?: Record<string, LockedPackage> };
  const problems: string[] = [];
  if (lock.lockfileVersion !== 3) problems.push(`lockfileVersion is ${lock.lockfileVersion ?? "missing"}, not 3`);
  for (const [path, locked] of Object.entries(lock.packages ?? {})) {
    // Authors' words: a funding link, a note on what replaces a package.
    const { funding: _funding, deprecated: _deprecated, ...rest } = locked;
    if (/(?:https?|git\+ssh|git\+https|ssh|git):\/\//.test(JSON.stringify(rest)))
      problems.push(`${path}: holds an address`);
    const fromRegistry = path.includes("node_modules/") && locked.link !== true && locked.inBundle !== true;
    if (fromRegistry && locked.integrity === undefined) problems.push(`${path}: has no integrity hash`);
  }
  return problems;
}

/**
 * Compares the lock file that was checked out with the one that `npm install` left. `npm ci` cannot be used everywhere:
 * it refuses a lock that lacks builds for other platforms, which registries do not always have.
 * @returns one line a difference; builds for other platforms that were added are none
 */
export function compareLockfiles(before: string, after: string): string[] {
  const [old, now] = [packagesOf(before), packagesOf(after)];
  const paths = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((path) =>
    path.includes("node_modules/"),
  );
  return paths.flatMap((path) => {
    const [was, is] = [old[path], now[path]];
    if (was === undefined) return is?.optional === true ? [] : [`${path}: was not locked`];
    if (is === undefined) return [`${path}: is locked, but nothing needs it`];
    return was.version === is.version && was.integrity === is.integrity
      ? []
      : [`${path}: was locked at another version`];
  });
}

// --- helpers ---

function packagesOf(text: string): Record<string, LockedPackage> {
  return (JSON.parse(text) as { packages?: Record<string, LockedPackage> }).packages ?? {};
}

interface LockedPackage {
  version?: string;
  optional?: boolean;
  link?: boolean;
  inBundle?: boolean;
  integrity?: string;
  funding?: unknown;
  deprecated?: unknown;
}
