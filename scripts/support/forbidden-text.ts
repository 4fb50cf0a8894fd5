/**
 * What must not stand in a file of this repository: the places it was written in, registry hosts, and secrets.
 * The patterns are written so that they do not match themselves.
 * @module
 */

/** A place in a text. */
export interface Finding {
  /** From 1. */
  line: number;
  /** What is wrong; never the secret itself. */
  problem: string;
}

/** One kind of text. `spare` says which matches are fine. */
interface Pattern {
  pattern: RegExp;
  problem: string;
  spare?: (match: string) => boolean;
}

const patterns: readonly Pattern[] = [
  { pattern: /(?<![\w.@-])\/wor[k]\//g, problem: "a path of the machine it was written on" },
  { pattern: /\bshare[d]\//g, problem: "a path outside of the repository" },
  { pattern: /(?<![\w/])\.librar[y]\b/g, problem: "a path outside of the repository" },
  { pattern: /\bsub-?agent[s]?\b/gi, problem: "how it was written, not what it is" },
  { pattern: /\bDEVELOPER[S]\.md\b/g, problem: "a file outside of the repository" },
  { pattern: /\bregistr[y]\.[a-z0-9-]+\.[a-z]{2,}/gi, problem: "the host of a package registry" },
  { pattern: /\b(?:artifactor[y]|verdacci[o]|npm\.pk[g])\.[a-z0-9.-]+/gi, problem: "the host of a package registry" },
  { pattern: /AIza[0-9A-Za-z_-]{35}/g, problem: "what looks like a real API key", spare: isObviouslyFake },
  { pattern: /\bAQ\.[0-9A-Za-z_-]{40,}/g, problem: "what looks like a real API key", spare: isObviouslyFake },
  { pattern: /\bya29\.[0-9A-Za-z_-]{40,}/g, problem: "what looks like a real access token", spare: isObviouslyFake },
  { pattern: /\b1\/\/0[0-9A-Za-z_-]{60,}/g, problem: "what looks like a real refresh token", spare: isObviouslyFake },
  { pattern: /\bGOCSPX-[0-9A-Za-z_-]{28}/g, problem: "what looks like a real client secret", spare: isObviouslyFake },
  { pattern: /\b(?:ghp|gho|npm)_[0-9A-Za-z]{36}/g, problem: "what looks like a real token", spare: isObviouslyFake },
  { pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----\s*[A-Za-z0-9+/]{40}/g, problem: "what looks like a real private key" },
];

/**
 * Looks through a text.
 * @param text the file
 * @param hosts further host names that must not occur, such as the registry that is in use here
 */
export function findForbidden(text: string, hosts: readonly string[] = []): Finding[] {
  const findings: Finding[] = [];
  for (const { pattern, problem, spare } of patterns)
    for (const match of text.matchAll(pattern))
      if (spare?.(match[0]) !== true) findings.push({ line: lineOf(text, match.index), problem });
  for (const host of hosts) {
    const index = text.indexOf(host);
    if (index >= 0) findings.push({ line: lineOf(text, index), problem: "the host of a package registry" });
  }
  return findings.toSorted((a, b) => a.line - b.line);
}

/**
 * Tells a made-up secret: it says so in words, or is a run or a count that no generator gives.
 * @param secret the whole match
 */
export function isObviouslyFake(secret: string): boolean {
  const says = /fake|test|example|dummy|sample|emulat|not-?real|invalid|secret|placeholder/i.test(secret);
  const counts = /012345|123456|abcdef|ABCDEF|(.)\1{5}/.test(secret);
  const body = secret.replace(/^(AIza|AQ\.|ya29\.|1\/\/0|GOCSPX-|\w{3}_)/, "");
  return says || counts || new Set(body).size <= 8;
}

// --- helpers ---

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
