/**
 * What a path says about resources.
 * @module
 */
import type { ResourceKind, ResourceName } from "../../core/resources.ts";

/** What the path is about. `model-operation`: `models/m/operations/…`, and what starts one. */
export type ResourceFamily = ResourceKind | "model-operation";

/** What is done. `act`: a method of a resource that is none of the others. */
export type ResourceAction =
  | "upload-start"
  | "upload-whole"
  | "upload-chunk"
  | "create"
  | "list"
  | "get"
  | "update"
  | "delete"
  | "cancel"
  | "download"
  | "act";

/** A request to a resource or a collection of them. */
export interface ResourceRoute {
  family: ResourceFamily;
  kind: ResourceKind;
  action: ResourceAction;
  /** Canonical names that the path itself names; at most one. */
  names: readonly ResourceName[];
  /** A good answer tells of something new that stays in its project. */
  creates: boolean;
  /** Gone once this was answered well; null: nothing (also when only a part of a parent is deleted). */
  forgets: ResourceName | null;
  /** JSON field of the answer that holds a list's items; null: no list. */
  listField: string | null;
  /** The list is one project's own, so all projects that have something are asked. */
  fanOut: boolean;
  /**
   * The list cannot be had for one client alone: its items cannot be told apart by name, or there is no such list at
   * Google. To be answered by the gateway; never relayed.
   */
  unlistable: boolean;
  /**
   * The path may mean a resource whose owner cannot be told: it is too long, names a parent by `-`, has `.` or `..` in it,
   * or stands below a collection without an id that is one. Never to be relayed; nothing else of the route counts.
   */
  refused: boolean;
  /** The body may name a model (or an agent) that runs, or will. */
  usesModel: boolean;
}
