import fc from "fast-check";
import { BlockList, isIP } from "node:net";
import { expect, test } from "vitest";
import { clientAddress, createAddressSet, parseAddress, parseRange } from "./addresses.ts";

test("networks and single addresses hold what they should, and nothing else", () => {
  const set = createAddressSet(["10.0.0.0/8", " 192.168.1.7 ", "2001:db8::/32", "::1", "::ffff:172.16.0.0/108"]);
  const inside = ["10.0.0.0", "10.255.255.255", "192.168.1.7", "2001:db8::", "2001:DB8:ffff:ffff:ffff:ffff:ffff:ffff"];
  inside.push("::1", "0:0:0:0:0:0:0:1", "::ffff:10.1.2.3", "::ffff:a01:203", "172.31.255.255", "2001:db8::1%eth0");
  const outside = ["11.0.0.0", "9.255.255.255", "192.168.1.8", "2001:db9::", "::2", "172.32.0.0", "::10.1.2.3", ""];
  expect([...inside, ...outside].filter((address) => set.has(address))).toEqual(inside);
  expect(set.isEmpty).toBe(false);
  expect(createAddressSet([]).isEmpty).toBe(true);
});

test("a network of all IPv6 lets no IPv4 in, and the other way round", () => {
  expect(createAddressSet(["::/0"]).has("10.0.0.1")).toBe(false);
  expect(createAddressSet(["::/0"]).has("::ffff:10.0.0.1")).toBe(false);
  expect(createAddressSet(["::/0"]).has("fe80::1")).toBe(true);
  expect(createAddressSet(["0.0.0.0/0"]).has("fe80::1")).toBe(false);
  expect(createAddressSet(["0.0.0.0/0"]).has("::ffff:255.1.2.3")).toBe(true);
  expect(createAddressSet(["::ffff:0:0/96"]).has("255.1.2.3")).toBe(true);
});

test("spellings that others read in another way are no addresses", () => {
  const wrong = ["010.0.0.1", "10.0.1", "0x0a.0.0.1", "167772161", "10.0.0.256", "10.0.0.1.", "1.2.3.4:80", "[::1]"];
  wrong.push(":::", "1::2::3", "12345::", "::1%", "::1%e th0", "10.0.0.1%eth0", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7");
  wrong.push(
    "1:2:3:4:5:6:7::8:9",
    "::1.2.3",
    "1.2.3.4::",
    "::g",
    " ::1",
    "::1\u0000",
    "１.2.3.4",
    `::1%${"a".repeat(200)}`,
  );
  for (const text of wrong) expect(parseAddress(text)).toBeNull();
});

test("what is no network is none", () => {
  const wrong = [
    "10.0.0.0/33",
    "::/129",
    "10.0.0.0/-1",
    "10.0.0.0/08",
    "10.0.0.0/",
    "/8",
    "10.0.0.0/8/8",
    "fe80::1%eth0/64",
  ];
  wrong.push("fe80::1%eth0", "::ffff:10.0.0.0/64", "localhost", "*", "", "10.0.0.0/1e1", "10.*.0.0");
  for (const text of wrong) expect(parseRange(text)).toBeNull();
  expect(createAddressSet(wrong).isEmpty).toBe(true);
  expect(parseRange("10.1.2.3/8")).toEqual({ family: 4, bits: 8, words: [0, 0, 0, 0x0a000000] });
});

test("sets say what Node's block list says", () => {
  const v4 = fc.ipV4();
  const v6 = fc.ipV6();
  fc.assert(
    fc.property(v4, fc.nat(32), v4, (network, bits, address) => {
      const list = new BlockList();
      list.addSubnet(network, bits, "ipv4");
      const set = createAddressSet([`${network}/${bits}`]);
      expect(set.has(address)).toBe(list.check(address, "ipv4"));
      expect(set.has(network)).toBe(true);
    }),
  );
  fc.assert(
    fc.property(v6, fc.nat(128), v6, (network, bits, address) => {
      if (parseAddress(network)?.family === 4 || parseAddress(address)?.family === 4) return;
      const list = new BlockList();
      list.addSubnet(network, bits, "ipv6");
      const set = createAddressSet([`${network}/${bits}`]);
      expect(set.has(address)).toBe(list.check(address, "ipv6"));
      expect(set.has(network)).toBe(true);
    }),
  );
});

test("reads what Node takes for an address, and hostile text without harm", () => {
  const piece = fc.constantFrom(
    "1",
    "255",
    "0",
    "ffff",
    ":",
    "::",
    ".",
    "%",
    "/",
    "10.0.0.1",
    "g",
    "[",
    "]",
    " ",
    "٣",
    "\0",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((pieces) => pieces.join("")),
        fc.ipV4(),
        fc.ipV6(),
      ),
      (text) => {
        const plain = text.split("%")[0] as string;
        if (parseAddress(text) !== null) expect(isIP(plain)).not.toBe(0);
        else if (!text.includes("%")) expect(isIP(text)).toBe(0);
        parseRange(text);
      },
    ),
    { numRuns: 2_000 },
  );
});

test("the client's address is the rightmost one that is no trusted proxy's", () => {
  const trusted = createAddressSet(["10.0.0.0/8", "::1"]);
  const of = (peer: string | null, forwardedFor: string | null): string | null =>
    clientAddress({ peer, forwardedFor, trusted });
  expect(of("10.0.0.1", "203.0.113.9")).toBe("203.0.113.9");
  expect(of("10.0.0.1", "1.1.1.1, 203.0.113.9")).toBe("203.0.113.9");
  expect(of("10.0.0.1", "1.1.1.1,203.0.113.9 , 10.0.0.2,10.9.9.9")).toBe("203.0.113.9");
  expect(of("::ffff:10.0.0.1", "2001:db8::7")).toBe("2001:db8::7");
  expect(of("::1", "[2001:db8::7]:4711")).toBe("2001:db8::7");
  expect(of("::1", "203.0.113.9:80")).toBe("203.0.113.9");
  expect(of("10.0.0.1", "10.0.0.3, 10.0.0.2")).toBe("10.0.0.3");
  expect(of("10.0.0.1", ", ,203.0.113.9,,")).toBe("203.0.113.9");
  expect(of("10.0.0.1", "")).toBe("10.0.0.1");
  expect(of("10.0.0.1", null)).toBe("10.0.0.1");
});

test("nobody becomes another by a header: not without a trusted peer, nor with rubbish in it", () => {
  const trusted = createAddressSet(["10.0.0.0/8"]);
  const of = (peer: string | null, forwardedFor: string | null): string | null =>
    clientAddress({ peer, forwardedFor, trusted });
  expect(of("203.0.113.9", "10.0.0.5")).toBe("203.0.113.9");
  expect(of(null, "10.0.0.5")).toBeNull();
  expect(of("10.0.0.1", "1.1.1.1, unknown")).toBeNull();
  expect(of("10.0.0.1", "1.1.1.1, _hidden, 10.0.0.2")).toBeNull();
  expect(of("10.0.0.1", `1.1.1.1,${"x".repeat(100_000)}`)).toBeNull();
  expect(of("10.0.0.1", `1.1.1.1,${"10.0.0.2,".repeat(1_000)}`)).toBeNull();
  expect(of("10.0.0.1", `1.1.1.1${",".repeat(1_000)}`)).toBeNull();
  const none = createAddressSet([]);
  expect(clientAddress({ peer: "10.0.0.1", forwardedFor: "1.1.1.1", trusted: none })).toBe("10.0.0.1");
});

test("what the client writes itself never decides, whatever it is", () => {
  const trusted = createAddressSet(["10.0.0.0/8"]);
  fc.assert(
    fc.property(fc.string(), fc.constantFrom("203.0.113.9", "2001:db8::7"), (lie, real) => {
      expect(clientAddress({ peer: "10.0.0.1", forwardedFor: `${lie}, ${real}, 10.0.0.7`, trusted })).toBe(real);
    }),
  );
});
