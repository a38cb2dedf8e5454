import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAnswered, bodyText, http, networkTo, policyOf, post, toLoopback } from "./test-exchanges.ts";

const spellingsOfThisMachine = `
  127.0.0.1 127.1 2130706433 0x7f.1 0x7f000001 017700000001 0 0.0.0.0 127.0.0.1. １２７.0.0.1 localhost localhost.
  [::] [::1] [::ffff:127.0.0.1] [::ffff:7f00:1] [64:ff9b::7f00:1] [::127.0.0.1]
`
  .trim()
  .split(/\s+/);

test("no spelling of this machine gets a connection", async () => {
  const server = await http((_request, response) => response.end());
  const strict = networkTo("");
  for (const host of spellingsOfThisMachine) {
    const exchange = await post(`http://${host}:${server.port}/`, {}, strict);
    assert.ok(exchange.kind === "refused", host);
    assert.match(exchange.detail, /POSTHORN_ALLOW_TARGETS/);
  }
  assert.equal(server.connections(), 0);
});

test("a name is judged by what it resolves to, at every connection", async () => {
  const server = await http((_request, response) => response.setHeader("connection", "close").end("x"));
  let addresses = ["127.0.0.1"];
  let questions = 0;
  const rebinding = networkTo("127.0.0.1", {
    lookup: async () => {
      questions += 1;
      return addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    },
  });
  const url = `http://shop.example:${server.port}/`;
  assert.equal(bodyText(await post(url, {}, rebinding)), "x");
  for (const turned of ["127.0.0.2", "169.254.169.254", "::1", "::ffff:127.0.0.2", "fe80::1%lo", "64:ff9b::a00:1"]) {
    addresses = [turned];
    const exchange = await post(url, {}, rebinding);
    assert.ok(exchange.kind === "refused", turned);
    assert.ok(exchange.detail.startsWith(`shop.example resolves to ${turned}, `), exchange.detail);
  }
  addresses = ["10.0.0.7", "fd00::1", "127.0.0.1"];
  assert.equal(bodyText(await post(url, {}, rebinding)), "x");
  assert.equal(questions, 8);
});

test("a name asked for many times at once is looked up once", async () => {
  const server = await http((_request, response) => response.end());
  let questions = 0;
  const busy = networkTo("127.0.0.1", {
    lookup: (name) => {
      questions += 1;
      return toLoopback(name);
    },
  });
  const url = `http://shop.example:${server.port}/`;
  for (const exchange of await Promise.all(Array.from({ length: 20 }, () => post(url, {}, busy))))
    assertAnswered(exchange);
  assert.equal(questions, 1);
});

test("its own port stays closed to names and literals, also where loopback is allowed", async () => {
  const server = await http((_request, response) => response.end());
  const forbidden: { readonly host: string; readonly port: number }[] = [];
  const policy = policyOf("127.0.0.0/8, ::1, localhost, shop.example", { forbidden });
  const own = networkTo(policy, { lookup: toLoopback });
  forbidden.push({ host: "127.0.0.1", port: server.port });
  for (const host of ["127.0.0.1", "127.0.0.2", "2130706433", "localhost", "shop.example", "[::ffff:127.0.0.1]"]) {
    const exchange = await post(`http://${host}:${server.port}/`, {}, own);
    assert.ok(exchange.kind === "refused", host);
    assert.match(exchange.detail, /never sends there/);
  }
  assert.equal(server.connections(), 0);
});
