// Just enough HTTP/1.1 to take messages off a connection: the head, and a body of a stated length. The bench's generator
// and receiver share two cores with what they measure, so they spend as little as they can.
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";

const headEnd = "\r\n\r\n";
const nothing = Buffer.alloc(0);

/** Calls `take` for each whole message with the bytes it stands in: from `start`, the body from `bodyStart` to `end`. */
export function readMessages(
  socket: Socket,
  take: (bytes: Buffer, start: number, bodyStart: number, end: number) => void,
): void {
  let kept: Buffer = nothing;
  socket.on("data", (chunk: Buffer) => {
    const bytes = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
    let start = 0;
    while (start < bytes.length) {
      const headStop = bytes.indexOf(headEnd, start);
      if (headStop < 0) break;
      const bodyStart = headStop + headEnd.length;
      const end = bodyStart + bodyLength(bytes.toString("latin1", start, headStop));
      if (end > bytes.length) break;
      take(bytes, start, bodyStart, end);
      start = end;
    }
    kept = start === bytes.length ? nothing : bytes.subarray(start);
  });
}

const contentLength = /\r\ncontent-length: *(\d+)/i;

function bodyLength(head: string): number {
  return Number(contentLength.exec(head)?.[1] ?? 0);
}
