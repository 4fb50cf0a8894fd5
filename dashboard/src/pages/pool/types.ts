/**
 * Shapes of the pool's routes. Types only.
 * @module
 */
import type { Body, MatrixRow as ApiRow, Output, Query } from "../../api/types.ts";

export type { Account, Cell, Credential, Matrix, MatrixRow, Quota } from "../../api/types.ts";
export type CellQuota = ApiRow["cells"][number]["quotas"][number];
export type CellState = ApiRow["cells"][number]["state"];
export type CredentialKind = ApiRow["kind"];
export type AccountQuota = Output<"getAccountQuota">;
export type AddedAccount = Output<"addAccount">;
export type AccountLogin = Output<"beginAccountLogin">;
export type CredentialState = ApiRow["state"];
export type MatrixQuery = Query<"getMatrix">;
export type CellDetail = Output<"getCell">;
export type Check = Output<"checkCredential">;
export type ImportBody = Body<"importCredentials">;
export type ImportResult = Output<"importCredentials">;
export type ImportEntry = ImportResult["entries"][number];
export type BulkAction = Body<"changeCredentials">["action"];
export type BulkResult = Output<"changeCredentials">;
