// What the tests of the network share: policies, networks that end with the test file, requests and what is expected of
// them.
import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import type { Socket } from "node:net";
import { after } from "node:test";
import type { NetworkPolicy } from "./address-guard.ts";
import { parseAllowList } from "./allow-list.ts";
import type { Lookup } from "./connector.ts";
import { createNetwork, type Exchange, type Network, type NetworkOptions, type OutgoingRequest } from "./network.ts";
import { startHttp, startTcp, startTls, type TestServer } from "./test-servers.ts";

export const capBytes = 64 * 1024;
/** More than the buffers of a connection hold, so that sending takes a reader. */
export const longBody = { body: Buffer.alloc(32 * 1024 * 1024) };
export const toLoopback: Lookup = async () => [{ address: "127.0.0.1", family: 4 }];

export function policyOf(allowTargets: string, rest: Partial<NetworkPolicy> = {}): NetworkPolicy {
  const parsed = parseAllowList(allowTargets);
  assert.ok(parsed.ok);
  return { allowHttp: true, allow: parsed.allow, forbidden: [], ...rest };
}

const opened: { close(): Promise<void> }[] = [];
after(async () => {
  for (const one of opened.reverse()) await one.close();
});

export function networkTo(policy: NetworkPolicy | string, options: NetworkOptions = {}): Network {
  const network = createNetwork(typeof policy === "string" ? policyOf(policy) : policy, options);
  opened.push(network);
  return network;
}

async function untilEnd(starting: Promise<TestServer>): Promise<TestServer> {
  const server = await starting;
  opened.push(server);
  return server;
}

export const http = (listener: RequestListener): Promise<TestServer> => untilEnd(startHttp(listener));
export const tcp = (handle: (socket: Socket) => void): Promise<TestServer> => untilEnd(startTcp(handle));
export const tls = (certificate: "server" | "expired"): Promise<TestServer> => untilEnd(startTls(certificate));
/** Answers the first bytes of a request with `text`, as it is, and goes on with `then`. */
export const answering = (text: string, then: (socket: Socket) => void = () => {}): Promise<TestServer> =>
  tcp((socket) => socket.once("data", () => socket.write(text, () => then(socket))));

const loopback = networkTo("127.0.0.1");

export function post(
  server: TestServer | string,
  rest: Partial<OutgoingRequest> = {},
  network: Network = loopback,
): Promise<Exchange> {
  const url = typeof server === "string" ? server : `http://127.0.0.1:${server.port}/hook?a=b`;
  const request = {
    method: "POST",
    url,
    headers: {},
    body: "{}",
    timeoutMs: 10_000,
    maxResponseBytes: capBytes,
  } as const;
  return network.exchange({ ...request, ...rest });
}

export function assertAnswered(exchange: Exchange): Extract<Exchange, { readonly kind: "answered" }> {
  assert.equal(exchange.kind, "answered", JSON.stringify(exchange));
  return exchange;
}

export function assertFailed(exchange: Exchange, kind: "timeout" | "network", phase: string, words: RegExp): void {
  assert.ok(exchange.kind === kind, JSON.stringify(exchange));
  assert.equal(exchange.phase, phase);
  assert.match(exchange.detail, words);
}

export function bodyText(exchange: Exchange): string {
  return Buffer.from(assertAnswered(exchange).body).toString();
}
