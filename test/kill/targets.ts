// The targets of a kill run, all in one server: one that answers at once, one that takes its time, so that every kill
// finds deliveries in flight, and one that fails each first try, so that every kill finds pauses between tries.
import { EventEmitter, once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { Arrival, Ledger } from "./ledger.ts";

export const paths = ["/prompt", "/slow", "/flaky"] as const;

const slowMs = 25;

export interface Targets {
  url(path: string): string;
  /** Resolves when so many requests have arrived. */
  until(arrivals: number): Promise<void>;
  close(): Promise<void>;
}

export async function startTargets(ledger: Ledger): Promise<Targets> {
  const met = new Set<number>();
  const counter = new EventEmitter();
  let arrived = 0;

  async function reply(arrival: Arrival, response: ServerResponse): Promise<void> {
    if (arrival.path === "/slow") await pause(slowMs);
    const isFirst = arrival.path === "/flaky" && !met.has(arrival.number);
    if (isFirst) met.add(arrival.number);
    const status = isFirst ? 503 : 204;
    response.on("finish", () => {
      arrival.reply = status;
    });
    response.writeHead(status).end();
  }

  const server = createServer(async (request, response) => {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { data } = JSON.parse(Buffer.concat(chunks).toString()) as { readonly data: { readonly n: number } };
      const id = String(request.headers["webhook-id"]);
      const arrival = { path: request.url ?? "", number: data.n, id, at: performance.now(), reply: null };
      ledger.arrive(arrival);
      arrived += 1;
      counter.emit(`${arrived}`);
      await reply(arrival, response);
    } catch {
      // The node was killed while it sent: nothing has arrived.
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return {
    url: (path) => `http://127.0.0.1:${address.port}${path}`,
    async until(arrivals) {
      if (arrived < arrivals) await once(counter, `${arrivals}`);
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
