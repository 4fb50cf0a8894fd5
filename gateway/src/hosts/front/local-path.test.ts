import fc from "fast-check";
import { expect, it } from "vitest";
import { isAdminPath, isLocal, pathOf } from "./local-path.ts";

const own = [
  "/",
  "/?utm=1",
  "/health",
  "/health?probe",
  "/health/detailed",
  "/ready",
  "/metrics",
  "/metrics?format=json",
  "/metrics/prometheus",
  "/stat",
  "/model_usage",
  "/api/hello",
  "/favicon.svg",
  "/robots.txt",
  "/ui",
  "/ui/",
  "/ui/pool?state=disabled",
  "/ui/assets/index-abcdefgh.js",
  "/admin/api/v1/calls",
];

it("takes the gateway's own paths, with a query too", () => {
  expect(own.filter((url) => !isLocal(url))).toEqual([]);
});

it("leaves everything else to the data path", () => {
  const data = [
    "/v1beta/models",
    "/v1/chat/completions",
    "/v1beta/models/gemini-3.8-flash:generateContent",
    "/upload/v1beta/files",
    "/download/v1beta/files/x",
    "/chat/completions",
    "/models",
    "/healthy",
    "/health/",
    "/ready/x",
    "/uix",
    "/admin",
    "/administrator/x",
    "/metricsx",
    "/%61dmin/api",
    "//admin/api",
    "/api/hello/x",
    "/stats",
    "*",
    "",
  ];
  expect(data.filter(isLocal)).toEqual([]);
});

it("decides by the path alone, whatever the query says", () => {
  fc.assert(
    fc.property(fc.constantFrom(...own.map(pathOf), "/v1/models", "/other"), fc.string(), (path, query) => {
      expect(isLocal(`${path}?${query}`)).toBe(isLocal(path));
      expect(pathOf(`${path}?${query}`)).toBe(path);
    }),
  );
});

it("tells the admin API's paths", () => {
  expect(["/admin/api/v1/calls", "/admin/x"].every(isAdminPath)).toBe(true);
  expect(["/admin", "/ui/admin/", "/"].some(isAdminPath)).toBe(false);
});
