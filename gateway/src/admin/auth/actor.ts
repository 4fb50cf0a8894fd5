/**
 * Who asks: nobody, a session of the dashboard, or a token.
 * @module
 */
import type { Role, Session } from "../../storage/types-administration.ts";

/** Nobody, or somebody with a role. `name` is what the audit log says. */
export type Actor = Nobody | SessionActor | TokenActor | AdminTokenActor;

/** A request without a session or token. */
export interface Nobody {
  kind: "nobody";
  id: null;
  name: "nobody";
  role: null;
}
/** Logged in to the dashboard. */
export interface SessionActor {
  kind: "session";
  /** Of the operator; null: logged in with the admin token. */
  id: string | null;
  name: string;
  role: Role;
  session: Session;
}
/** A tool with a token of the store. */
export interface TokenActor {
  kind: "token";
  id: string;
  name: string;
  role: Role;
}
/** The admin token itself, as a bearer token. */
export interface AdminTokenActor {
  kind: "admin-token";
  id: null;
  name: typeof adminTokenName;
  role: "admin";
}

/** What the admin token is called where a name is needed. No operator may be called so. */
export const adminTokenName = "admin token";

/** Nobody. */
export const nobody: Nobody = { kind: "nobody", id: null, name: "nobody", role: null };
