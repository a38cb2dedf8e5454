// The little HTTP server behind `posthorn listen`: it takes whatever arrives whole, and answers with a status.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import type { MessageHeaders } from "@posthorn/wire/cloudevents";

export interface Arrival {
  readonly method: string;
  readonly path: string;
  readonly headers: MessageHeaders;
  readonly body: Uint8Array;
}

export interface Receiver {
  readonly port: number;
  close(): Promise<void>;
}

/** `answer` says the status for each arrival; `answered` is told once that status is on its way. Rejects when it cannot listen. */
export async function openReceiver(
  address: { readonly host: string; readonly port: number },
  answer: (arrival: Arrival) => Promise<number>,
  answered: () => void,
): Promise<Receiver> {
  const server = createServer((request, response) => {
    receive(request, response, answer).then(answered, () => response.destroy());
  });
  await listening(server, address);
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : address.port;
  return { port, close: () => closing(server) };
}

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (arrival: Arrival) => Promise<number>,
): Promise<void> {
  const body = await buffer(request);
  const { method = "", url = "", headers } = request;
  response.statusCode = await answer({ method, path: url, headers, body });
  await new Promise<void>((resolve) => response.end(resolve));
}

function listening(server: Server, address: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(address, resolve);
  });
}

function closing(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
