import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { assertAnswered, bodyText, capBytes, http, post } from "./test-exchanges.ts";

test("compressed answers are kept readable", async () => {
  const plain = JSON.stringify({ hello: "wörld".repeat(100) });
  const encodings: Readonly<Record<string, Buffer>> = {
    gzip: gzipSync(plain),
    "X-GZIP": gzipSync(plain),
    deflate: deflateSync(plain),
    "deflate ": deflateRawSync(plain),
    br: brotliCompressSync(plain),
    zstd: zstdCompressSync(plain),
  };
  for (const [encoding, body] of Object.entries(encodings)) {
    const server = await http((_request, response) => response.setHeader("content-encoding", encoding).end(body));
    const answer = await post(server);
    assert.equal(bodyText(answer), plain, encoding);
    assert.equal(assertAnswered(answer).truncated, false);
  }
});

test("a compressed bomb fills the record and goes no further", async () => {
  const zeros = Buffer.alloc(40 * 1024 * 1024);
  for (const [encoding, bomb] of [
    ["gzip", gzipSync(zeros)],
    ["br", brotliCompressSync(zeros)],
    ["zstd", zstdCompressSync(zeros)],
  ] as const) {
    const server = await http((_request, response) => response.setHeader("content-encoding", encoding).end(bomb));
    const answer = assertAnswered(await post(server));
    assert.deepEqual([answer.body.length, answer.truncated], [capBytes, true], encoding);
  }
});

test("what does not decode is kept as it came, and the delivery stands", async () => {
  const damaged = gzipSync("x".repeat(100_000)).subarray(0, 60);
  for (const [encoding, body, kept] of [
    ["gzip", "not gzip", "not gzip"],
    ["rot13", "uryyb", "uryyb"],
    ["__proto__", "plain", "plain"],
    ["constructor", "plain", "plain"],
    ["gzip, br", "plain", "plain"],
    ["identity", "plain", "plain"],
    ["gzip", damaged, undefined],
  ] as const) {
    const server = await http((_request, response) => response.setHeader("content-encoding", encoding).end(body));
    const answer = assertAnswered(await post(server));
    assert.equal(answer.status, 200);
    if (kept !== undefined) assert.equal(bodyText(answer), kept);
    else assert.ok(answer.truncated);
  }
});
