import assert from "node:assert/strict";
import { test } from "node:test";
import { answering, assertFailed, bodyText, post, tcp } from "./test-exchanges.ts";

test("informational answers are passed over, in whatever pieces they come", async () => {
  const early = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
  const final = "HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\nHTTP/1.1 100";
  const go = "HTTP/1.1 100 Continue\r\n\r\n";
  for (const pieces of [
    [`${go}${early}${final}`],
    [go, final],
    [go.slice(0, 5), `${go.slice(5)}${go}${final}`],
    [`${go}HT`, final.slice(2)],
    [early, early, final],
  ]) {
    let rest = pieces;
    const server = await tcp((socket) => {
      socket.setNoDelay(true);
      const next = (): void => {
        const [piece, ...others] = rest;
        rest = others;
        if (piece !== undefined) socket.write(piece, () => setImmediate(next));
      };
      socket.once("data", next);
    });
    assert.equal(bodyText(await post(server)), "HTTP/1.1 100");
  }
});

test("an informational answer without end is not kept to its end", async () => {
  let sent = 0;
  const server = await answering("HTTP/1.1 100 ", (socket) => {
    const next = (): void => {
      sent += 1024;
      socket.write("a".repeat(1024), (error) => error || setImmediate(next));
    };
    next();
  });
  assertFailed(await post(server), "network", "headers", /exceed 16 KiB/);
  assert.ok(sent < 1024 * 1024, `${sent}`);
});
