import assert from "node:assert/strict";
import { test } from "node:test";
import { isAbsoluteUri, isUriReference } from "./uri.ts";

const absolute = [
  "https://github.com/cloudevents",
  "mailto:cncf-wg-serverless@lists.cncf.io",
  "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66",
  "http://user:pass@example.com:8080/a;b=c/d?e=f&g=%20h",
  "http://[2001:db8::1]:80/",
  "http://[::]/",
  "http://[::ffff:192.0.2.1]",
  "http://[1:2:3:4:5:6:7:8]",
  "http://[v1.fe:x]/",
  "http://example.com:",
  "file:///etc/hosts",
  "a+b-c.1:x",
  "x:",
  "x://",
];

const relative = [
  "/cloudevents/spec/pull/123",
  "1-555-123-4567",
  "sc-auto-1Zs9nKZUnH4cVVWJFdzqzHbbDSF",
  "//authority/path",
  "#fragment",
  "#",
  "?q=1/2?3",
  "./a:b",
  "a/b:c",
  "..",
  "%C3%A9",
  "a#b/c?d",
  "https://example.com/#a",
];

const neither = [
  "a b",
  "é",
  "<x>",
  "a\\b",
  "a^b",
  "{x}",
  "a|b",
  '"',
  "`",
  "%",
  "%4",
  "%zz",
  "1:2",
  ":a",
  "a_b:c",
  "##",
  "a#b#c",
  "http://[::1",
  "http://[:::]",
  "http://[1:2:3:4:5:6:7:8:9]",
  "http://[1::2::3]",
  "http://[12345::]",
  "http://[::1.2.3.256]",
  "http://[1.2.3.4]",
  "http://a:b:c/",
  "http://example.com:8a/",
  "http://a@b@c/",
  "/a[b]",
  "\n",
  "a\u0000",
];

for (const text of absolute)
  test(`${text} is an absolute URI`, () => {
    assert.equal(isAbsoluteUri(text), true);
    assert.equal(isUriReference(text), true);
  });

for (const text of relative)
  test(`${text} is only a URI-reference`, () => {
    assert.equal(isAbsoluteUri(text), false);
    assert.equal(isUriReference(text), true);
  });

for (const text of neither)
  test(`${JSON.stringify(text)} is neither`, () => {
    assert.equal(isAbsoluteUri(text), false);
    assert.equal(isUriReference(text), false);
  });
