import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import { checkTargetUrl, refuseAddress } from "./address-guard.ts";
import { policyOf } from "./test-exchanges.ts";

const strict = policyOf("");

const forbiddenSpellings = `
  127.0.0.1 127.1 127.0.1 127.0.0.1. 127.255.255.254 2130706433 0x7f000001 0x7f.1 0X7F.0.0.1 017700000001
  0177.0.0.1 0177.0x0.0.1 0x7f.0.0x0.1 00000177.1 1２7.0.0.1 127。0。0。1 127．0．0．1 %31%32%37.0.0.1 127.0.0.%31
  ①②⑦.0.0.1 0 0.0.0.0 0x0 00 0.0 [::] [::1] [0:0:0:0:0:0:0:1] [::0001] [0::1] [::ffff:127.0.0.1] [::FFFF:7F00:1]
  [0:0:0:0:0:ffff:127.0.0.1] [::127.0.0.1] [::7f00:1] [::ffff:0:127.0.0.1] [64:ff9b::127.0.0.1] [64:ff9b::a00:1]
  [64:ff9b:1::1] [2002:7f00:1::] [2002:a00:1::1] [2001:0:7f00:1::1] [fe80::1] [fc00::1] [fd00:ec2::254] [ff02::1]
  [fec0::1] [::ffff:169.254.169.254] 10.0.0.1 10.1 012.1 172.16.0.1 172.31.255.255 192.168.0.1 192.168.257
  0xc0a80001 100.64.0.1 169.254.169.254 0xa9fea9fe 2852039166 169.254.43518 0251.0376.0251.0376 168.63.129.16
  198.18.0.1 192.0.0.192 224.0.0.1 239.255.255.255 255.255.255.255 240.0.0.1 4294967295 203.0.113.7 localhost
  LOCALHOST localhost. ⓛⓞⓒⓐⓛⓗⓞⓢⓣ a.localhost a.b.localhost. metadata.google.internal metadata
  metadata.google.internal. ip-10-0-0-1.ec2.internal instance-data metadata.goog loc%61lhost local%C2%ADhost
`
  .trim()
  .split(/\s+/);

test("no spelling of a forbidden address or name passes", () => {
  for (const host of forbiddenSpellings) {
    for (const url of [`http://${host}/`, `https://${host}:8443/hook?a=b`, `HTTPS://${host}`]) {
      const check = checkTargetUrl(url, strict);
      assert.ok(!check.ok, url);
      assert.equal(check.code, "address_not_allowed", url);
      assert.match(check.detail, /POSTHORN_ALLOW_TARGETS/, url);
    }
  }
});

test("what is no host, or hides one, is no URL", () => {
  const malformed = [
    ...[
      "",
      "x",
      "//example.com",
      "/hook",
      "https://",
      "https:///",
      "http://[::1",
      "http://[::1%25lo]/",
      "http://[fe80::1%eth0]/",
    ],
    ...[
      "http://1.1.1.1.1/",
      "http://256.1.1.1/",
      "http://0x100000000/",
      "http://a b/",
      " https://example.com/",
      "https://example.com/ ",
    ],
    ...[
      "https://exam\nple.com/",
      "https://example.com\\@127.0.0.1/",
      "https:\\\\example.com",
      "https://example.com/\u0000",
      "http://%00/",
    ],
    ...["https://example.com:65536/", "https://example.com:x/", `https://example.com/${"a".repeat(2048)}`],
  ];
  for (const url of malformed) {
    const check = checkTargetUrl(url, strict);
    assert.ok(!check.ok && check.code === "invalid_url", JSON.stringify(url));
  }
});

test("the parts of a URL that a target may not have are named", () => {
  const codes: readonly (readonly [string, string])[] = [
    ["ftp://example.com/", "scheme_not_allowed"],
    ["file:///etc/passwd", "scheme_not_allowed"],
    ["gopher://127.0.0.1:6379/_x", "scheme_not_allowed"],
    ["javascript:alert(1)", "scheme_not_allowed"],
    ["ws://example.com/", "scheme_not_allowed"],
    ["https://user@example.com/", "credentials_in_url"],
    ["https://:pass@example.com/", "credentials_in_url"],
    ["https://example.com@127.0.0.1/", "credentials_in_url"],
    ["https://example.com/#part", "fragment_in_url"],
    ["https://example.com:0/", "port_not_allowed"],
    ["https://example.com:22/", "port_not_allowed"],
    ["http://example.com:25/", "port_not_allowed"],
  ];
  for (const [url, code] of codes) {
    const check = checkTargetUrl(url, strict);
    assert.ok(!check.ok && check.code === code, url);
  }
});

test("a port of another protocol is open on hosts that are listed, port 0 nowhere", () => {
  const policy = policyOf("127.0.0.0/8, shop.example, 10.0.0.7:22");
  for (const url of ["http://127.0.0.1:1/", "http://shop.example:25/", "http://10.0.0.7:22/"]) {
    assert.ok(checkTargetUrl(url, policy).ok, url);
  }
  assert.ok(!checkTargetUrl("http://127.0.0.1:0/", policy).ok);
});

test("plain http is a setting of its own", () => {
  const check = checkTargetUrl("http://example.com/", { ...strict, allowHttp: false });
  assert.ok(!check.ok && check.code === "scheme_not_allowed");
  assert.match(check.detail, /POSTHORN_ALLOW_HTTP/);
  assert.ok(checkTargetUrl("http://example.com/", strict).ok);
});

test("public hosts pass, and the URL comes back parsed", () => {
  for (const host of [
    "example.com",
    "8.8.8.8",
    "1.1.1.1.",
    "[2606:4700::1111]",
    "[::ffff:8.8.8.8]",
    "[64:ff9b::8.8.8.8]",
    "münchen.example",
    "internal.example",
    "127.0.0.1.example.com",
  ]) {
    const check = checkTargetUrl(`https://${host}:444/a?b=c`, strict);
    assert.ok(check.ok, host);
    assert.equal(check.url.pathname, "/a");
  }
});

test("the sentence says what the address is and which setting opens it", () => {
  assert.equal(
    refuseAddress("127.0.0.1", 80, strict),
    "127.0.0.1 is a loopback address; Posthorn does not send there unless POSTHORN_ALLOW_TARGETS lists it",
  );
  assert.equal(
    refuseAddress("10.0.0.7", 443, strict, "shop.example"),
    "shop.example resolves to 10.0.0.7, a private address; Posthorn does not send there unless POSTHORN_ALLOW_TARGETS lists it",
  );
  assert.match(refuseAddress("64:ff9b::a00:1", 443, strict) ?? "", /a private address \(10\.0\.0\.1\) behind NAT64/);
});

test("its own port and its database's stay closed, whatever the allow list says", () => {
  const forbidden = [
    { host: "127.0.0.1", port: 4100 },
    { host: "db.example", port: 5432 },
    { host: "10.0.0.5", port: 5432 },
  ];
  const policy = policyOf("0.0.0.0/0, ::/0, localhost, *.localhost", { forbidden });
  const own = Object.values(networkInterfaces()).flatMap((all) => all?.map((one) => one.address) ?? []);
  for (const address of ["127.0.0.1", "127.0.0.2", "::1", "0.0.0.0", "::", "::ffff:127.0.0.1", ...own]) {
    assert.match(refuseAddress(address, 4100, policy) ?? "", /never sends there/, address);
    assert.equal(refuseAddress(address, 4101, policy), undefined, address);
  }
  assert.notEqual(refuseAddress("127.0.0.1", 4100, policy, "localhost"), undefined);
  assert.notEqual(refuseAddress("::ffff:10.0.0.5", 5432, policy), undefined);
  assert.equal(refuseAddress("10.0.0.6", 5432, policy), undefined);
  for (const url of [
    "http://localhost:4100/",
    "http://a.localhost:4100/",
    "http://2130706433:4100/",
    "http://db.example:5432/",
    "http://DB.example.:5432/",
  ]) {
    assert.ok(!checkTargetUrl(url, policy).ok, url);
  }
  assert.ok(checkTargetUrl("http://8.8.8.8:4100/", policy).ok);
});
