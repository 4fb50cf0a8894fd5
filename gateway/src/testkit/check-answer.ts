/**
 * What every answer of the admin API must be.
 * @module
 */
import { deepStrictEqual } from "node:assert";
import { commonHeaders } from "../admin/answer.ts";
import type { Implementation } from "../admin/implement.ts";
import { errorSchema } from "../admin/schemas/common.ts";

/**
 * Checks an answer: common headers, no CORS, the route's schema and nothing beyond it, no secret.
 * @throws naming what is wrong
 */
export function checkAnswer(parts: {
  implementations: readonly Implementation[];
  method: string;
  path: string;
  answered: { status: number; headers: Headers; text: string; body: unknown };
  secrets: ReadonlySet<string>;
}): void {
  const { method, path, answered, secrets } = parts;
  const { status, headers, text, body } = answered;
  const what = `${method} ${path} ${status}`;
  for (const [name, value] of Object.entries(commonHeaders))
    if (headers.get(name) !== value) throw new Error(`${what}: ${name} is ${headers.get(name)}`);
  for (const name of headers.keys()) if (name.startsWith("access-control-")) throw new Error(`${what}: has ${name}`);
  for (const secret of secrets) {
    if (text.includes(secret)) throw new Error(`${what}: tells a secret: ${text.slice(0, 2000)}`);
    for (const [name, value] of headers) if (value.includes(secret)) throw new Error(`${what}: ${name} tells a secret`);
  }
  if (method === "HEAD") return;
  if (status >= 400) {
    deepStrictEqual(errorSchema.strict().parse(body), body, `${what}: not the shape of an error`);
    return;
  }
  const route = routeOf(parts.implementations, method, path);
  if (route === undefined) throw new Error(`${what}: no such route`);
  if (route.response === undefined || (body === undefined && route.media !== undefined)) return;
  const expected = route.status ?? 200;
  if (status !== expected) throw new Error(`${what}: should be ${expected}`);
  // Parsing leaves out what the schema does not name: what is more than that must not be sent.
  deepStrictEqual(body, JSON.parse(JSON.stringify(route.response.parse(body))), `${what}: more than its schema names`);
}

// --- helpers ---

function routeOf(
  implementations: readonly Implementation[],
  method: string,
  path: string,
): Implementation["route"] | undefined {
  const segments = path.replace(/\?.*/, "").split("/");
  const fits = implementations.filter(({ route }) => {
    const own = route.path.split("/");
    return (
      route.method === method &&
      own.length === segments.length &&
      own.every((segment, index) => segment.startsWith(":") || segment === segments[index])
    );
  });
  return fits.sort((left, right) => left.route.path.split(":").length - right.route.path.split(":").length)[0]?.route;
}
