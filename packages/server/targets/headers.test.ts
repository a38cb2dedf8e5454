import assert from "node:assert/strict";
import { test } from "node:test";
import { checkTargetHeaders, maskCredentials } from "./headers.ts";

test("legal headers pass, with their names in lower case", () => {
  assert.deepEqual(
    checkTargetHeaders({
      Authorization: "Bearer x",
      "X-Shop": "Ladén\t1",
      "user-agent": "shop/1",
      "!#$%&'*+-.^_`|~0": "",
    }),
    {
      ok: true,
      headers: { authorization: "Bearer x", "x-shop": "Ladén\t1", "user-agent": "shop/1", "!#$%&'*+-.^_`|~0": "" },
    },
  );
});

test("names that the platform writes are reserved", () => {
  const reserved = [
    ...[
      "Content-Type",
      "content-length",
      "Content-Encoding",
      "HOST",
      "connection",
      "Keep-Alive",
      "transfer-encoding",
      "te",
    ],
    ...[
      "Trailer",
      "upgrade",
      "expect",
      "proxy-connection",
      "accept-encoding",
      "Webhook-Id",
      "webhook-signature",
      "ce-id",
      "CE-x",
    ],
  ];
  for (const name of reserved) {
    const check = checkTargetHeaders({ "x-a": "1", [name]: "1" });
    assert.ok(!check.ok && check.name === name && /is reserved/.test(check.detail), name);
  }
});

test("names and values that could break the message are refused", () => {
  for (const name of ["", " x", "x ", "x y", "x:", "x\r\ny", "ü", "x\u0000", '"x"', "x/y"]) {
    const check = checkTargetHeaders({ [name]: "1" });
    assert.ok(!check.ok && check.name === name && /not a legal name/.test(check.detail), JSON.stringify(name));
  }
  for (const value of ["a\r\nb", "a\nb", "a\rb", "a\u0000b", "€", "a\u007fb", "\u2028"]) {
    const check = checkTargetHeaders({ "x-a": value });
    assert.ok(!check.ok && check.name === "x-a" && /one line/.test(check.detail), JSON.stringify(value));
  }
  const twice = checkTargetHeaders({ "x-a": "1", "X-A": "2" });
  assert.ok(!twice.ok && twice.name === "X-A" && /given twice/.test(twice.detail));
});

test("there are limits of number and size, and the last that fits passes", () => {
  const many = (count: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, ""]));
  assert.ok(checkTargetHeaders(many(32)).ok);
  assert.ok(!checkTargetHeaders(many(33)).ok);
  assert.ok(checkTargetHeaders({ "x-a": "b".repeat(8_189) }).ok);
  assert.ok(!checkTargetHeaders({ "x-a": "b".repeat(8_190) }).ok);
});

test("what may be a credential is masked, by its name", () => {
  const secrets = [
    "authorization",
    "Proxy-Authorization",
    "cookie",
    "x-api-key",
    "x-auth-token",
    "client-secret",
    "x-password-2",
  ];
  const open = ["x-shop", "user-agent", "x-authorization-kind", "set-cookie-not"];
  const masked = maskCredentials(Object.fromEntries([...secrets, ...open].map((name) => [name, "value"])));
  assert.deepEqual(
    masked,
    Object.fromEntries([...secrets.map((name) => [name, "***"]), ...open.map((name) => [name, "value"])]),
  );
});
