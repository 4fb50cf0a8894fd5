/**
 * What the admin API keeps: operators, sessions, tokens, audit log, stored settings, captured bodies.
 * @module
 */

/** `viewer` reads; `admin` does everything. */
export type Role = "viewer" | "admin";

/** A person who may log in. */
export interface Operator {
  id: string;
  name: string;
  role: Role;
  /** Text of the password port: algorithm, parameters, salt, hash. */
  passwordHash: string;
  enabled: boolean;
  createdAt: number;
  lastLoginAt: number | null;
}

/** A log-in of the dashboard. */
export interface Session {
  /** SHA-256 of the cookie's value, hex. */
  digest: string;
  /** Null: with the admin token. */
  operatorId: string | null;
  name: string;
  role: Role;
  csrfToken: string;
  createdAt: number;
  expiresAt: number;
  seenAt: number;
}

/** A token of a tool. */
export interface AdminToken {
  id: string;
  name: string;
  role: Role;
  /** SHA-256 of the token, hex. */
  digest: string;
  prefix: string;
  createdAt: number;
  expiresAt: number | null;
  lastUsedAt: number | null;
}

/** One line of the audit log. */
export interface AuditEntry {
  /** Sorts by time. */
  id: string;
  at: number;
  actor: string;
  role: string;
  action: string;
  target: string | null;
  /** Redacted JSON text. */
  detail: string | null;
  address: string | null;
  outcome: "done" | "refused" | "failed";
}

/** A captured call, sealed. */
export interface StoredCapture {
  callId: string;
  createdAt: number;
  expiresAt: number;
  sealed: string;
}

/** The tables behind the admin API. Every method rejects on I/O failure and leaves the store as it was. */
export interface AdministrationStore {
  operators: {
    list(): Promise<Operator[]>;
    /** @returns false when the name is taken */
    add(operator: Operator): Promise<boolean>;
    update(
      id: string,
      change: Partial<Pick<Operator, "role" | "passwordHash" | "enabled" | "lastLoginAt">>,
    ): Promise<boolean>;
    remove(id: string): Promise<boolean>;
  };
  sessions: {
    /** Null: unknown. Expired ones are given, too: the caller looks. */
    get(digest: string): Promise<Session | null>;
    add(session: Session): Promise<void>;
    /** @param expiresAt its new end; left out: as before */
    seen(digest: string, at: number, expiresAt?: number): Promise<void>;
    remove(digest: string): Promise<void>;
    /** All of an operator; null: those of the admin token. */
    removeOf(operatorId: string | null): Promise<void>;
    /** Deletes the oldest of one owner (null: the admin token) above `most`; gives back how many. */
    keepNewest(operatorId: string | null, most: number): Promise<number>;
    /** Deletes expired ones, and the oldest above `most`; gives back how many. */
    prune(now: number, most: number): Promise<number>;
  };
  tokens: {
    list(): Promise<AdminToken[]>;
    add(token: AdminToken): Promise<void>;
    used(id: string, at: number): Promise<void>;
    remove(id: string): Promise<boolean>;
  };
  audit: {
    add(entry: AuditEntry): Promise<void>;
    /** The newest first. */
    list(filter: { limit: number; before?: string; action?: string; actor?: string }): Promise<AuditEntry[]>;
    /**
     * Deletes entries older than the time, and what is above `most`: first the oldest that were refused or are of who is
     * no admin, so that nobody can push out what admins did. At most `limit`; gives back how many.
     */
    prune(olderThanMs: number, most: number, limit: number): Promise<number>;
  };
  settings: {
    list(): Promise<Record<string, string>>;
    /** Null deletes. All or nothing. */
    write(changes: Readonly<Record<string, string | null>>): Promise<void>;
  };
  captures: {
    /** Replaces. */
    write(captures: readonly StoredCapture[]): Promise<void>;
    get(callId: string): Promise<StoredCapture | null>;
    /** Deletes what has expired, and the oldest while all together take more than `mostBytes`; at most `limit` rows. */
    prune(now: number, mostBytes: number, limit: number): Promise<number>;
  };
}
