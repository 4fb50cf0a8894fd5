import { expect, test } from "vitest";
import { clientAddress } from "./client-address.ts";

test("the connection counts without trusted proxies, their word with them", () => {
  const proxies = ["10.0.0.0/8"];
  expect(clientAddress("10.0.0.1", "203.0.113.9", [])).toBe("10.0.0.1");
  expect(clientAddress("10.0.0.1", "203.0.113.9", proxies)).toBe("203.0.113.9");
  expect(clientAddress("10.0.0.1", "203.0.113.8", proxies)).toBe("203.0.113.8");
  expect(clientAddress("11.0.0.1", "203.0.113.9", proxies)).toBe("11.0.0.1");
  expect(clientAddress(null, "203.0.113.9", proxies)).toBeNull();
});
