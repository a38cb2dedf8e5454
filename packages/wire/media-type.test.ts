import assert from "node:assert/strict";
import { test } from "node:test";
import { isJsonMediaType, isMediaType, isUtf8TextMediaType, permitsUtf8 } from "./media-type.ts";

const legal = [
  "application/json",
  "TEXT/Plain; CharSet=utf-8",
  "application/vnd.api+json;version=1 ; q=0.5",
  'multipart/form-data; boundary="a b;c\\"d"',
  "x/y",
  "text/plain;a=b;c=d",
];

const illegal = [
  "",
  "xyz",
  "/json",
  "text/",
  "text/plain;",
  "text/plain; charset",
  "text/plain; charset=",
  "text/plain; =utf-8",
  'text/plain; a="b',
  "text/plain charset=utf-8",
  "text/pl ain",
  "text/plain ",
  " text/plain",
  "text/plain\t",
  "text/plain, text/html",
  "text/é",
  'text/plain; a="é"',
  "a/b/c",
  "text/plain;a=b\n",
];

for (const text of legal) test(`${text} is a media type`, () => assert.equal(isMediaType(text), true));
for (const text of illegal) test(`${JSON.stringify(text)} is none`, () => assert.equal(isMediaType(text), false));

test("JSON is told by its subtype alone", () => {
  for (const json of ["application/json", "Text/JSON ; charset=utf-8", "application/vnd.x+JSON;a=b"])
    assert.equal(isJsonMediaType(json), true, json);
  for (const other of ["application/jsonx", "text/plain; a=x+json", "json/text", "application/json-seq"])
    assert.equal(isJsonMediaType(other), false, other);
});

test("text is UTF-8 by default or by declaration", () => {
  for (const text of ["text/csv", "application/xml", "image/svg+xml", 'application/x;Charset="UTF-8"'])
    assert.equal(isUtf8TextMediaType(text), true, text);
  for (const other of [
    "application/octet-stream",
    "text/plain;charset=iso-8859-1",
    'text/plain;x="charset=utf-8";charset=a',
  ])
    assert.equal(isUtf8TextMediaType(other), false, other);
  assert.equal(permitsUtf8("text/plain;charset=utf-16"), false);
  assert.equal(permitsUtf8("application/x"), true);
});
