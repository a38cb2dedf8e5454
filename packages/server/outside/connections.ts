// Keeps the connections to targets: opened when needed, used by one request at a time, kept for the next one, bounded
// in number. undici's own pool is not used because a request that waits in it cannot leave, and because a connection
// that is still being opened for a request whose time is over cannot be ended.
import { Client } from "undici";
import type { Connector, Endpoint, Opening } from "./connector.ts";
import { skipContinue } from "./interim-answers.ts";

export interface Connection extends Opening {
  readonly client: Client;
  /** To be called when a request goes out. */
  expectAnswer: () => void;
}

/** Somebody who needs a connection. */
export interface Seeker {
  take(connection: Connection): void;
}

/** The connections to one origin. */
export interface Lane {
  /** `seeker.take` is called at once, or when a connection is free. */
  seek(seeker: Seeker): void;
  /** The seeker does not want to wait any longer. */
  leave(seeker: Seeker): void;
  /** The request is over and the connection fit for the next one. */
  release(connection: Connection): void;
  /** The request failed, or nobody knows what the connection's next bytes mean: it is ended. */
  discard(connection: Connection): void;
}

interface ConnectionLimits {
  readonly connectionsPerOrigin: number;
  /** Of all origins together; the one that was idle longest goes first. */
  readonly idleConnections: number;
}

interface Connections {
  lane(origin: string, endpoint: Endpoint): Lane;
  /** Ends all of them. */
  close(): void;
}

/** A server's own hint (Keep-Alive) may shorten the first or lengthen it up to the second. */
const keepAliveMs = 4_000;
const longestKeepAliveMs = 60_000;
const maxHeaderBytes = 16 * 1024;

export function createConnections(connect: Connector, limits: ConnectionLimits): Connections {
  const lanes = new Map<string, Lane>();
  const open = new Set<Connection>();
  const idle = createIdle(limits.idleConnections);

  return {
    lane(origin, endpoint) {
      const known = lanes.get(origin);
      if (known !== undefined) return known;
      const lane = createLane({
        limit: limits.connectionsPerOrigin,
        idle,
        open(onGone) {
          const connection = openConnection(origin, endpoint, connect, onGone);
          open.add(connection);
          return connection;
        },
        end(connection) {
          open.delete(connection);
          end(connection);
        },
        onEmpty: () => lanes.delete(origin),
      });
      lanes.set(origin, lane);
      return lane;
    },
    close() {
      for (const connection of open) end(connection);
      open.clear();
    },
  };
}

/** The idle connections of all lanes, in the order in which they fell idle, each with what lets it go. */
type Idle = ReturnType<typeof createIdle>;

function createIdle(limit: number) {
  const waiting = new Map<Connection, () => void>();
  return {
    add(connection: Connection, letGo: () => void): void {
      waiting.set(connection, letGo);
      if (waiting.size > limit) waiting.values().next().value?.();
    },
    /** False where it was not idle. */
    remove: (connection: Connection): boolean => waiting.delete(connection),
  };
}

interface LaneParts {
  readonly limit: number;
  readonly idle: Idle;
  /** `onGone` is called when the connection was closed from the other side. */
  open(onGone: (connection: Connection) => void): Connection;
  end(connection: Connection): void;
  onEmpty(): void;
}

function createLane({ limit, idle, open, end, onEmpty }: LaneParts): Lane {
  const free: Connection[] = [];
  const seekers = new Set<Seeker>();
  let count = 0;

  const openFor = (seeker: Seeker): void => {
    count += 1;
    seeker.take(open(letGoIfIdle));
  };
  const takeSeeker = (): Seeker | undefined => {
    const [seeker] = seekers;
    if (seeker !== undefined) seekers.delete(seeker);
    return seeker;
  };
  const drop = (connection: Connection): void => {
    end(connection);
    count -= 1;
    const seeker = takeSeeker();
    if (seeker !== undefined) openFor(seeker);
    else if (count === 0) onEmpty();
  };
  const letGoIfIdle = (connection: Connection): void => {
    // In use it mends itself: undici opens it again for a request that was not sent yet, and fails one that was.
    if (!idle.remove(connection)) return;
    free.splice(free.indexOf(connection), 1);
    drop(connection);
  };

  return {
    seek(seeker) {
      const connection = free.pop();
      if (connection !== undefined) {
        idle.remove(connection);
        seeker.take(connection);
      } else if (count < limit) openFor(seeker);
      else seekers.add(seeker);
    },
    leave: (seeker) => void seekers.delete(seeker),
    release(connection) {
      const seeker = takeSeeker();
      if (seeker === undefined) {
        free.push(connection);
        idle.add(connection, () => letGoIfIdle(connection));
        return;
      }
      // Not at once: undici is still busy with the end of the answer.
      queueMicrotask(() => seeker.take(connection));
    },
    discard: drop,
  };
}

function openConnection(
  origin: string,
  endpoint: Endpoint,
  connect: Connector,
  onGone: (connection: Connection) => void,
): Connection {
  const client = new Client(origin, {
    connect: (_options, opened) =>
      connect(endpoint, connection, (error, socket) => {
        if (socket === null) {
          opened(error ?? new Error("no connection"), null);
          return;
        }
        connection.phase = "send";
        connection.expectAnswer = skipContinue(socket);
        opened(null, socket);
      }),
    pipelining: 1,
    allowH2: false,
    maxHeaderSize: maxHeaderBytes,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: longestKeepAliveMs,
    // One deadline covers the whole exchange; these would be a second and a third one.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const connection: Connection = {
    client,
    phase: "connect",
    socket: undefined,
    isAbandoned: false,
    expectAnswer: () => {},
  };
  client.on("disconnect", () => onGone(connection));
  return connection;
}

function end(connection: Connection): void {
  connection.isAbandoned = true;
  connection.client.destroy(() => {});
  // undici does not know of a socket that is still connecting.
  connection.socket?.destroy();
}
