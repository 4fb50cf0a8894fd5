import { expect, it } from "vitest";
import { allImplementations } from "./implementations.ts";
import { contractRoutes } from "./openapi.ts";

it("every route of the contract is implemented, and none beside", () => {
  const names = (routes: readonly { id: string }[]): string[] => routes.map(({ id }) => id).sort();
  expect(names(allImplementations.map(({ route }) => route))).toEqual(names(contractRoutes));
});
