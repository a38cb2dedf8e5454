// The other end of a webhook, on loopback: keeps every request with its bytes and the time of its arrival, answers what
// the test has decided, and lets the test wait for what arrives instead of sleeping.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

export interface Arrival {
  /** "/orders": tests give each trigger a path of its own. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** When its last byte came, in milliseconds since 1970. */
  readonly at: number;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Answers nothing until the receiver closes or the sender gives up. */
export const silence = "silence";

export type Conduct = (arrival: Arrival) => Reply | typeof silence | Promise<Reply>;

export interface Receiver {
  /** With the path given: "http://127.0.0.1:…/orders". */
  url(path: string): string;
  /** All arrivals so far, in their order; of one path or of all. */
  arrivals(path?: string): readonly Arrival[];
  /** Resolves with the arrivals when `isEnough` of them is true. Waits for arrivals, not for time. */
  until(isEnough: (arrivals: readonly Arrival[]) => boolean, path?: string): Promise<readonly Arrival[]>;
  /** Changes how requests are answered from now on. */
  behave(conduct: Conduct): void;
  close(): Promise<void>;
}

export const accepted: Reply = { status: 204 };

export async function startReceiver(first: Conduct = () => accepted): Promise<Receiver> {
  let conduct = first;
  const all: Arrival[] = [];
  const watchers = new Set<() => void>();
  const of = (path?: string): readonly Arrival[] => all.filter((each) => path === undefined || each.path === path);
  const server = createServer(async (request, response) => {
    const arrival = await readArrival(request);
    if (arrival === null) return;
    all.push(arrival);
    for (const look of watchers) look();
    const reply = await conduct(arrival);
    if (reply !== silence) answer(response, reply);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server.address());
  return {
    url: (path) => `http://127.0.0.1:${port}${path}`,
    arrivals: of,
    until: (isEnough, path) =>
      new Promise((resolve) => {
        const look = (): void => {
          const seen = of(path);
          if (!isEnough(seen)) return;
          watchers.delete(look);
          resolve(seen);
        };
        watchers.add(look);
        look();
      }),
    behave(next) {
      conduct = next;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Null when the sender went away in the middle: nothing has arrived then. */
async function readArrival(request: IncomingMessage): Promise<Arrival | null> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
  } catch {
    return null;
  }
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  return {
    path: request.url ?? "",
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks),
    at: Date.now(),
  };
}

function answer(response: ServerResponse, { status, headers = {}, body = "" }: Reply): void {
  response.writeHead(status, headers);
  response.end(body);
}

function portOf(address: ReturnType<ReturnType<typeof createServer>["address"]>): number {
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}
