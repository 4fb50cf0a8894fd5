/**
 * Between the core's flat lists and the platform's Headers, URLs and bodies.
 * @module
 */

/** Path and query of a URL as they stand in it; the fragment is no part of either. */
export function splitUrl(url: string): { pathname: string; search: string } {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  if (start < 0) return { pathname: "/", search: "" };
  const hash = url.indexOf("#", start);
  const whole = hash < 0 ? url.slice(start) : url.slice(start, hash);
  const mark = whole.indexOf("?");
  return mark < 0 ? { pathname: whole, search: "" } : { pathname: whole.slice(0, mark), search: whole.slice(mark) };
}

/** A flat list of headers; of a body that the platform has decoded, without those that tell of the encoded one. */
export function fromHeaders(headers: Headers): string[] {
  const flat: string[] = [];
  const decoded = headers.has("content-encoding");
  headers.forEach((value, name) => {
    // The platform has decoded the body: these would be lies.
    if (decoded && (name === "content-encoding" || name === "content-length")) return;
    flat.push(name, value);
  });
  return flat;
}

/** @param dropLength the body is streamed, and the platform frames it */
export function toHeaders(flat: readonly string[], dropLength: boolean): Headers {
  const headers = new Headers();
  for (let index = 0; index < flat.length; index += 2) {
    const name = flat[index] as string;
    if (dropLength && name.toLowerCase() === "content-length") continue;
    headers.append(name, flat[index + 1] as string);
  }
  return headers;
}

/** Statuses with which a Response takes no body. */
export function hasNoBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304 || status === 101;
}
