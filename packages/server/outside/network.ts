// The door to other people's machines. Every request that Posthorn sends leaves through `exchange`: guarded against
// private addresses (STANDARDS §9), never following a redirect, never through a proxy that the environment names, and
// bounded in time, bytes and connections. How it went is a value.
import { readFileSync } from "node:fs";
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import { checkTargetUrl, hostOf, type NetworkPolicy, portOf } from "./address-guard.ts";
import { createConnections } from "./connections.ts";
import { createConnector, type Lookup, lookupName } from "./connector.ts";
import { type Destination, type Exchange, type OutgoingRequest, startExchange } from "./exchange.ts";

export type { Exchange, OutgoingRequest } from "./exchange.ts";

export interface Network {
  /** Never rejects. */
  exchange(request: OutgoingRequest): Promise<Exchange>;
  /** Ends all connections; what still runs is `aborted`. */
  close(): Promise<void>;
}

export interface NetworkOptions {
  /** More requests to one origin (scheme, host and port) wait for a connection. Default 256. */
  readonly connectionsPerOrigin?: number;
  /** Kept open for the next request, of all origins together. Default 1,024. */
  readonly idleConnections?: number;
  /** A PEM file of certificate authorities to trust beside those that Node trusts. */
  readonly caFile?: string;
  /** How names are resolved: the operating system's way if not given. */
  readonly lookup?: Lookup;
}

/** URLs come from triggers, of which there are few; a fan of odd URLs must not fill the memory. */
const maxKnownUrls = 4096;

/** Throws when `caFile` cannot be read: a start should fail then. */
export function createNetwork(policy: NetworkPolicy, options: NetworkOptions = {}): Network {
  const { connectionsPerOrigin = 256, idleConnections = 1024, lookup = lookupName } = options;
  const connect = createConnector(policy, lookup, trustedAuthorities(options.caFile));
  const connections = createConnections(connect, { connectionsPerOrigin, idleConnections });
  const findDestination = rememberDestinations(policy);
  const running = new Set<Running>();
  const watchSignal = watchSignals(running);
  let isClosed = false;

  return {
    exchange(request) {
      const { signal } = request;
      if (isClosed || signal?.aborted === true) return Promise.resolve({ kind: "aborted" });
      const destination = findDestination(request.url);
      if ("kind" in destination) return Promise.resolve(destination);
      if (signal !== undefined) watchSignal(signal);
      const lane = connections.lane(destination.origin, destination.endpoint);
      return new Promise((resolve) => {
        const run: Running = { signal, cancel: () => {} };
        running.add(run);
        run.cancel = startExchange(request, destination, lane, (exchange) => {
          running.delete(run);
          resolve(exchange);
        });
      });
    },
    async close() {
      isClosed = true;
      for (const run of [...running]) run.cancel();
      connections.close();
    },
  };
}

interface Running {
  readonly signal: AbortSignal | undefined;
  cancel: () => void;
}

/** One listener for each signal, not for each request: a node's thousand tries share the signal of its shutdown. */
function watchSignals(running: ReadonlySet<Running>): (signal: AbortSignal) => void {
  const watched = new WeakSet<AbortSignal>();
  return (signal) => {
    if (watched.has(signal)) return;
    watched.add(signal);
    const cancelAll = (): void => {
      for (const run of [...running]) if (run.signal === signal) run.cancel();
    };
    signal.addEventListener("abort", cancelAll, { once: true });
  };
}

/** The guard's answer for a URL does not change while a policy lives, so each URL is parsed and checked once. */
function rememberDestinations(
  policy: NetworkPolicy,
): (url: string) => Destination | Extract<Exchange, { kind: "refused" }> {
  const known = new Map<string, ReturnType<ReturnType<typeof rememberDestinations>>>();
  return (text) => {
    const remembered = known.get(text);
    if (remembered !== undefined) return remembered;
    const check = checkTargetUrl(text, policy);
    const found = check.ok ? toDestination(check.url) : ({ kind: "refused", detail: check.detail } as const);
    if (known.size >= maxKnownUrls) known.clear();
    known.set(text, found);
    return found;
  };
}

function toDestination(url: URL): Destination {
  return {
    origin: url.origin,
    endpoint: { secure: url.protocol === "https:", host: hostOf(url), port: portOf(url) },
    path: url.pathname + url.search,
  };
}

/** One context for all connections, since reading the authorities takes milliseconds. */
function trustedAuthorities(caFile: string | undefined): SecureContext {
  const minVersion = "TLSv1.2";
  if (caFile === undefined) return createSecureContext({ minVersion });
  return createSecureContext({ minVersion, ca: [...getCACertificates("default"), readFileSync(caFile, "utf8")] });
}
