import assert from "node:assert/strict";
import { test } from "node:test";
import { describeOutcome, type Outcome, outcomeNames } from "./outcome.ts";

const sentences: readonly (readonly [Outcome, string])[] = [
  [{ kind: "delivered", status: 202 }, "the target answered 202"],
  [{ kind: "delivered" }, "delivered"],
  [{ kind: "rejected", status: 500, gone: false }, "the target answered 500"],
  [{ kind: "rejected", status: 503, gone: false, retryAfterMs: 1_500 }, "the target answered 503 and asks to wait 2 s"],
  [{ kind: "rejected", status: 302, gone: false }, "the target answered 302; redirects are not followed"],
  [{ kind: "rejected", status: 410, gone: true }, "the target answered 410: it is gone and wants nothing more"],
  [{ kind: "timeout", phase: "tls", detail: "no TLS handshake within 5 ms" }, "no TLS handshake within 5 ms"],
  [{ kind: "network", phase: "dns", detail: "the name x does not resolve" }, "the name x does not resolve"],
  [{ kind: "refused", detail: "127.0.0.1 is a loopback address" }, "127.0.0.1 is a loopback address"],
  [{ kind: "interrupted" }, "a shutdown cut the try off; it is made again"],
];

test("every outcome has a name and a sentence", () => {
  for (const [outcome, sentence] of sentences) assert.equal(describeOutcome(outcome), sentence);
  assert.deepEqual(new Set(sentences.map(([outcome]) => outcome.kind)), new Set(outcomeNames));
});
