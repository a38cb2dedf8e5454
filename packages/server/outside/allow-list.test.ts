import assert from "node:assert/strict";
import { test } from "node:test";
import { checkTargetUrl, refuseAddress } from "./address-guard.ts";
import { parseAllowList } from "./allow-list.ts";
import { policyOf } from "./test-exchanges.ts";

test("a range in the allow list opens its addresses, in every spelling, and no name", () => {
  const policy = policyOf("127.0.0.0/8, ::1, 10.1.0.0/16");
  for (const host of ["127.0.0.1", "2130706433", "[::ffff:127.9.9.9]", "[::1]", "10.1.2.3"]) {
    assert.ok(checkTargetUrl(`http://${host}/`, policy).ok, host);
  }
  for (const host of ["10.2.0.1", "[::2]", "[2002:7f00:1::]", "localhost", "169.254.169.254"]) {
    assert.ok(!checkTargetUrl(`http://${host}/`, policy).ok, host);
  }
});

test("a name in the allow list opens whatever it resolves to, and nothing else", () => {
  const policy = policyOf("Shop.Example., *.corp.internal, localhost");
  assert.equal(refuseAddress("10.0.0.7", 443, policy, "shop.example"), undefined);
  assert.equal(refuseAddress("10.0.0.7", 443, policy, "a.b.corp.internal"), undefined);
  for (const name of ["evil.shop.example", "corp.internal", "xcorp.internal", "shop.example.evil"]) {
    assert.notEqual(refuseAddress("10.0.0.7", 443, policy, name), undefined, name);
  }
  assert.notEqual(refuseAddress("10.0.0.7", 443, policy), undefined);
  assert.ok(checkTargetUrl("http://a.corp.internal/", policy).ok);
  assert.ok(checkTargetUrl("http://LOCALHOST./", policy).ok);
  assert.ok(!checkTargetUrl("http://corp.internal/", policy).ok);
});

test("a port in the allow list opens that port only", () => {
  const policy = policyOf("10.0.0.7:8080, [::1]:9000, shop.example:443");
  assert.equal(refuseAddress("10.0.0.7", 8080, policy), undefined);
  assert.notEqual(refuseAddress("10.0.0.7", 8081, policy), undefined);
  assert.equal(refuseAddress("::1", 9000, policy), undefined);
  assert.notEqual(refuseAddress("::1", 9001, policy), undefined);
  assert.equal(refuseAddress("10.9.9.9", 443, policy, "shop.example"), undefined);
  assert.notEqual(refuseAddress("10.9.9.9", 444, policy, "shop.example"), undefined);
});

test("a bad entry of the allow list is named", () => {
  const bad = [
    "10.0.0.0/33",
    "::/129",
    "10.0.0.0/x",
    "10.0.0.0/8/8",
    "http://x",
    "a b",
    "*",
    "x*",
    "*.",
    "a:0",
    "a:65536",
    "[::1",
    "2130706433",
    "[shop]",
    "a/b",
    "::ffff:0:0/95",
  ];
  for (const entry of bad) {
    const parsed = parseAllowList(`127.0.0.1, ${entry} , example.com`);
    assert.ok(!parsed.ok && parsed.detail.includes(`"${entry}"`), entry);
  }
  assert.deepEqual(parseAllowList(" , "), { ok: true, allow: [] });
});
