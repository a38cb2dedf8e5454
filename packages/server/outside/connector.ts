// Opens one connection to a target: name, guard, TCP, guard again, TLS. This is the only place where a connection to
// somebody else's machine begins, so what the guard has not seen is not connected to (STANDARDS SS-3).
import { lookup as systemLookup } from "node:dns/promises";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type SecureContext } from "node:tls";
import { type NetworkPolicy, refuseAddress } from "./address-guard.ts";
import type { Phase } from "./failures.ts";

export interface Endpoint {
  readonly secure: boolean;
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
}

interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}
/** All addresses of a name, A and AAAA; rejects as `dns.promises.lookup` does. */
export type Lookup = (name: string) => Promise<readonly ResolvedAddress[]>;

/** How far the opening has come, for whoever must say why it failed. */
export interface Opening {
  phase: Phase;
  /** The socket to end when nobody waits for the connection any more. */
  socket: Socket | undefined;
  isAbandoned: boolean;
}

type Opened = (error: Error | null, socket: Socket | null) => void;
export type Connector = (endpoint: Endpoint, opening: Opening, opened: Opened) => void;

/** The code of errors that the guard makes; their message is the sentence for the user. */
export const refusedCode = "POSTHORN_REFUSED";

/** How long one address of several may keep silent until the next is tried (RFC 8305 in Node's simpler form). */
const attemptTimeoutMs = 250;
const keepAliveProbeMs = 60_000;

/** One connection to be opened. */
interface Order {
  readonly endpoint: Endpoint;
  /** What was resolved; `undefined` where the URL has an address. */
  readonly name: string | undefined;
  readonly policy: NetworkPolicy;
  readonly secureContext: SecureContext;
  readonly opening: Opening;
  readonly opened: Opened;
}

export function createConnector(policy: NetworkPolicy, lookup: Lookup, secureContext: SecureContext): Connector {
  const resolve = shareLookups(lookup);

  return (endpoint, opening, opened) => {
    const name = isIP(endpoint.host) === 0 ? endpoint.host : undefined;
    const order: Order = { endpoint, name, policy, secureContext, opening, opened };
    opening.phase = name === undefined ? "connect" : "dns";
    permittedAddresses(order, resolve)
      .then((addresses) => {
        if (!opening.isAbandoned) openTcp(order, addresses);
      })
      .catch((error: Error) => opened(error, null));
  };
}

/** Looks a name up with the operating system, as `/etc/hosts` and containers expect. */
export const lookupName: Lookup = (name) => systemLookup(name, { all: true, order: "verbatim" });

/**
 * One question at a time for each name: the system's lookups share four threads, and a name whose server keeps silent
 * must not take all of them.
 */
function shareLookups(lookup: Lookup): Lookup {
  const running = new Map<string, Promise<readonly ResolvedAddress[]>>();
  return (name) => {
    const known = running.get(name);
    if (known !== undefined) return known;
    const started = lookup(name).finally(() => running.delete(name));
    running.set(name, started);
    return started;
  };
}

/**
 * Rejects with the guard's sentence if there are none. Addresses in the URL are judged here too: no resolver sees them.
 */
async function permittedAddresses(
  { endpoint, name, policy }: Order,
  resolve: Lookup,
): Promise<readonly ResolvedAddress[]> {
  const { host, port } = endpoint;
  const addresses = name === undefined ? [{ address: host, family: isIP(host) }] : await resolve(name);
  const permitted = addresses.filter(({ address }) => refuseAddress(address, port, policy, name) === undefined);
  if (permitted.length > 0) return permitted;
  const [first] = addresses;
  if (first === undefined) throw failure("ENOTFOUND", "no addresses");
  throw failure(refusedCode, refuseAddress(first.address, port, policy, name));
}

function openTcp(order: Order, addresses: readonly ResolvedAddress[]): void {
  const { endpoint, name, policy, opening, opened } = order;
  const { host, port } = endpoint;
  opening.phase = "connect";
  const socket = connectTcp({
    host,
    port,
    // The name is not asked for again: between two answers it could turn to another address.
    lookup: (_name, _options, answer) => answer(null, [...addresses]),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: attemptTimeoutMs,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveProbeMs,
  });
  opening.socket = socket;
  const fail = (error: Error): void => opened(error, null);
  socket.once("error", fail);
  socket.once("connect", () => {
    const { remoteAddress } = socket;
    // Nobody is there any more where the other side has already hung up.
    if (remoteAddress === undefined) return socket.destroy(failure("ECONNRESET", "hung up"));
    const detail = refuseAddress(remoteAddress, port, policy, name);
    if (detail !== undefined) return socket.destroy(failure(refusedCode, detail));
    socket.off("error", fail);
    return endpoint.secure ? startTls(order, socket) : opened(null, socket);
  });
}

function startTls({ endpoint, name, secureContext, opening, opened }: Order, plain: Socket): void {
  opening.phase = "tls";
  plain.on("error", () => {}); // The TLS socket over it reports the same.
  const socket = connectTls({
    socket: plain,
    host: endpoint.host,
    // An address is no server name (RFC 6066); the certificate is then checked against `host`.
    ...(name === undefined ? {} : { servername: name }),
    secureContext,
    ALPNProtocols: ["http/1.1"],
    // Said here so that NODE_TLS_REJECT_UNAUTHORIZED cannot unsay it.
    rejectUnauthorized: true,
  });
  opening.socket = socket;
  // When "error" comes, the certificate is gone; "secure" comes before it is judged. (`getPeerX509Certificate` would
  // take it away from the judge: Node 24 then finds no name in it.)
  let validTo: string | undefined;
  socket.prependOnceListener("secure", () => {
    validTo = socket.getPeerCertificate().valid_to;
  });
  const fail = (error: Error): void => opened(Object.assign(error, { validTo }), null);
  socket.once("error", fail);
  socket.once("secureConnect", () => {
    socket.off("error", fail);
    opened(null, socket);
  });
}

function failure(code: string, message: string | undefined): Error {
  return Object.assign(new Error(message), { code });
}
