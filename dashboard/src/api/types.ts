/**
 * Shapes of the admin API as the dashboard names them. Types only: the schemas themselves are never bundled.
 * @module
 */
import type { RouteBody, RouteOutput, RouteParams, RouteQuery } from "../../../gateway/src/admin/define-route.ts";
import type { Contract, RouteId } from "./routes.ts";

/** What a route answers. */
export type Output<Id extends RouteId> = RouteOutput<Contract[Id]>;
/** What a route takes as its body. */
export type Body<Id extends RouteId> = RouteBody<Contract[Id]>;
/** Names in a route's path. */
export type Params<Id extends RouteId> = RouteParams<Contract[Id]>;
/** What a route takes in its query; undefined ones are left out. */
export type Query<Id extends RouteId> =
  RouteQuery<Contract[Id]> extends infer Fields
    ? { [Name in keyof Fields]: (unknown extends Fields[Name] ? number | string : Fields[Name]) | undefined }
    : never;

export type Session = Output<"getSession">;
export type Call = Output<"getCall">;
export type Attempt = Call["attempts"][number];
export type Usage = NonNullable<Call["usage"]>;
export type Capture = Output<"getCapture">;
export type Captured = Capture["request"];
export type CallFilter = Query<"tailCalls">;
export type Sums = Output<"getSummary">["sums"];
export type Series = Output<"getSeries">;
export type Breakdown = Output<"getBreakdown">;
export type Dimension = Breakdown["by"];
export type Attention = Output<"getAttention">["items"][number];
export type Client = Output<"getClient">;
export type Credential = Output<"getCredential">["credential"];
export type Account = NonNullable<Credential["account"]>;
export type Quota = Output<"listQuotas">["quotas"][number];
export type Matrix = Output<"getMatrix">;
export type MatrixRow = Matrix["rows"][number];
export type Cell = MatrixRow["cells"][number];
export type Setting = Output<"listSettings">["settings"][number];
export type PriceRow = Output<"getPrices">["overrides"][number];
export type Operator = Output<"createOperator">;
export type Token = Output<"createToken">["token"];
export type AuditEntry = Output<"listAudit">["entries"][number];
