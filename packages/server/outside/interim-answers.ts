// Takes "100 Continue" out of what undici reads from a connection. Some servers send it unasked, RFC 9110 §15.2 wants a
// client to read past it, and undici ends the connection instead. Other 1xx answers undici passes over by itself.
import type { Socket } from "node:net";

const interimHead = Buffer.from("HTTP/1.1 100");
const headEnd = "\r\n\r\n";
/** undici's limit for the headers of an answer, and its code for what exceeds it. */
const maxHeadBytes = 16 * 1024;
const overflowCode = "UND_ERR_HEADERS_OVERFLOW";
const nothing = Buffer.alloc(0);

/**
 * Changes `socket.read`. The answer is called when a request goes out: what is read next is the beginning of an answer.
 */
export function skipContinue(socket: Socket): () => void {
  let isAtStart = false;
  let held: Buffer = nothing;
  const read = socket.read.bind(socket);

  socket.read = (size?: number): Buffer | null => {
    const chunk: Buffer | null = read(size);
    if (!isAtStart || chunk === null) return chunk;
    let rest = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    while (startsAlike(rest)) {
      const end = rest.indexOf(headEnd);
      if (end < 0) {
        held = rest;
        if (held.length > maxHeadBytes) socket.destroy(Object.assign(new Error("too long"), { code: overflowCode }));
        return nothing;
      }
      rest = rest.subarray(end + headEnd.length);
    }
    held = nothing;
    isAtStart = rest.length === 0;
    return rest;
  };
  return () => {
    isAtStart = true;
  };
}

/** True while `bytes` may still turn out to be a "100 Continue"; not for no bytes at all. */
function startsAlike(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, interimHead.length);
  return length > 0 && bytes.compare(interimHead, 0, length, 0, length) === 0;
}
