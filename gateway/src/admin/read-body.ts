/**
 * Reads a JSON body of a bounded size.
 * @module
 */
import { AdminError } from "./admin-errors.ts";

/** Of a body, unless its route says otherwise. */
export const mostBodyBytes = 1_000_000;
/** Of a body that anybody may send. */
export const mostPublicBodyBytes = 16_384;

/**
 * Reads it.
 * @param most bytes
 * @throws AdminError `body_type_unsupported`, `body_too_large`, `body_invalid`
 */
export async function readJsonBody(request: Request, most: number): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  // A page of another origin cannot send this type without being allowed to (Fetch, CORS-safelisted request headers).
  if (!/^application\/json\s*(;\s*charset=("?)utf-8\2\s*)?$/i.test(type)) throw new AdminError("body_type_unsupported");
  if (!/^(identity)?$/i.test(request.headers.get("content-encoding") ?? ""))
    throw new AdminError("body_type_unsupported");
  const text = await readText(request, most);
  try {
    return JSON.parse(text, refuseProto) as unknown;
  } catch (error) {
    if (error instanceof AdminError) throw error;
    // The parser's words quote the body.
    throw new AdminError("body_invalid", { message: "The body is not valid JSON.", field: "body" });
  }
}

// --- helpers ---

async function readText(request: Request, most: number): Promise<string> {
  const tooLarge = (): AdminError =>
    new AdminError("body_too_large", { message: `A body may have ${most} bytes here.` });
  if (Number(request.headers.get("content-length") ?? 0) > most) throw tooLarge();
  const reader = request.body?.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (reader !== undefined) {
    const { done, value } = await reader.read().catch(() => {
      throw new AdminError("body_invalid", { message: "The body broke off.", field: "body" });
    });
    if (done) break;
    length += value.length;
    if (length > most) {
      await reader.cancel().catch(() => undefined);
      throw tooLarge();
    }
    chunks.push(value);
  }
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("") + decoder.decode();
  } catch {
    throw new AdminError("body_invalid", { message: "The body is not valid UTF-8.", field: "body" });
  }
}

/** JSON.parse makes it an ordinary field; whoever copies such an object with `=` would set a prototype. */
function refuseProto(name: string, value: unknown): unknown {
  if (name === "__proto__")
    throw new AdminError("body_invalid", { message: "A field may not be called so.", field: "body.__proto__" });
  return value;
}
