/**
 * The one error that API calls reject with.
 * @module
 */

/** An answer that is not a success, or none at all (`status` 0, code `unreachable`). */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** HTTP status; 0: there was no answer. */
  readonly status: number;
  /** Stable: `session.invalid`. */
  readonly code: string;
  /** Where in the request the fault is: `body.name`; null: not in one place. */
  readonly field: string | null;
  /** What to do; null: nothing was said. */
  readonly next: string | null;
  /** How long to wait before asking again, milliseconds; null: not told. */
  readonly retryAfterMs: number | null;

  constructor(fields: {
    status: number;
    code: string;
    message: string;
    field?: string | null;
    next?: string | null;
    retryAfterMs?: number | null;
  }) {
    super(fields.message);
    this.status = fields.status;
    this.code = fields.code;
    this.field = fields.field ?? null;
    this.next = fields.next ?? null;
    this.retryAfterMs = fields.retryAfterMs ?? null;
  }
}

/**
 * Reads an error answer of any shape; what is not ours (a reverse proxy's page) becomes a plain text.
 * @param response an answer that is not a success
 */
export async function toApiError(response: Response): Promise<ApiError> {
  const retryAfterMs = retryAfter(response.headers.get("retry-after"));
  const text = (await response.text().catch(() => "")).slice(0, 20_000);
  const fields = errorOf(text);
  return new ApiError({
    status: response.status,
    code: stringOf(fields["code"]) ?? `http.${response.status}`,
    message: stringOf(fields["message"]) ?? `The gateway answered ${response.status} ${response.statusText}`.trim(),
    field: stringOf(fields["field"]),
    next: stringOf(fields["next"]),
    retryAfterMs,
  });
}

/** Whatever was thrown, as an ApiError. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  return new ApiError({
    status: 0,
    code: "unexpected",
    message: thrown instanceof Error ? thrown.message : "Something went wrong in this page.",
    next: "Reload the page.",
  });
}

// --- helpers ---

function errorOf(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (isRecord(parsed) && isRecord(parsed["error"])) return parsed["error"];
  } catch {
    // Not JSON: not ours.
  }
  return {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function stringOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function retryAfter(header: string | null): number | null {
  if (header === null || !/^\d{1,7}$/.test(header)) return null;
  return Number(header) * 1000;
}
