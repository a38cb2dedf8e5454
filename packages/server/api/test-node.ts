// For the tests of this room: a whole node, and a client that holds every answer against the document that the node serves.
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { Check, Errors } from "typebox/schema";
import { makeDataDir } from "../../../test/live/node-under-test.ts";
import { adminKey, settingsFor } from "../../../test/live/posthorn-process.ts";
import { type Conduct, type Receiver, startReceiver } from "../../../test/live/receiver.ts";
import { startNode } from "../compose.ts";
import { loadConfig } from "../config.ts";
import type { Fact, Facts } from "../observe/facts.ts";
import type { OpenApiDocument, Schema } from "./openapi-document.ts";

export { adminKey };

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** What the text holds as JSON; undefined where it is none. Tests say by their assertions what they expect in it. */
  // biome-ignore lint/suspicious/noExplicitAny: an answer is looked into from all sides
  readonly json: any;
}

export interface Message {
  /** Text and bytes go out as they are, anything else as its JSON. */
  readonly body?: unknown;
  /** The admin key if not given, none if null. */
  readonly key?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestNode {
  readonly url: string;
  readonly facts: Facts;
  readonly receiver: Receiver;
  readonly document: OpenApiDocument;
  /** A path that begins with a slash alone is one of the project `default`: "/events". */
  ask(method: string, path: string, message?: Message): Promise<Answer>;
  /** The same, and asserts the status. */
  demand(status: number, method: string, path: string, message?: Message): Promise<Answer>;
  nextFact(isIt: (fact: Fact) => boolean): Promise<Fact>;
  stop(): Promise<void>;
}

export async function startTestNode(
  context: TestContext,
  { conduct, settings = {} }: { readonly conduct?: Conduct; readonly settings?: Readonly<Record<string, string>> } = {},
): Promise<TestNode> {
  const env = settingsFor({
    dataDir: makeDataDir(),
    port: 0,
    settings: { POSTHORN_SHUTDOWN_TIMEOUT_MS: "0", POSTHORN_LOG_LEVEL: "silent", ...settings },
  });
  const loaded = loadConfig({ env, mode: "serve" });
  if (!loaded.ok) throw new Error(loaded.problems.join("\n"));
  const receiver = await startReceiver(conduct);
  context.after(() => receiver.close());
  const node = await startNode(loaded.config, "0.0.0-test");
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= node.stop();
    return stopping;
  };
  context.after(stop);
  // The document is made by the node itself.
  const document = (await (await fetch(`${node.url}/openapi.json`)).json()) as OpenApiDocument;
  const ask: TestNode["ask"] = async (method, path, message) => {
    const full = /^\/(?:$|v1|openapi|docs|healthz|readyz|metrics)/.test(path) ? path : `/v1/projects/default${path}`;
    const answer = await send(node.url + full, method, message);
    if (method !== "HEAD") assertConforms(document, method, full, answer);
    return answer;
  };
  return {
    url: node.url,
    facts: node.facts,
    receiver,
    document,
    ask,
    async demand(status, method, path, message) {
      const answer = await ask(method, path, message);
      assert.equal(answer.status, status, `${method} ${path} answered ${answer.status}: ${answer.text}`);
      return answer;
    },
    nextFact: (isIt) => nextFact(node.facts, isIt),
    stop,
  };
}

async function send(
  url: string,
  method: string,
  { body, key = adminKey, headers = {} }: Message = {},
): Promise<Answer> {
  const isRaw = typeof body === "string" || body instanceof Uint8Array;
  const response = await fetch(url, {
    method,
    redirect: "manual",
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isRaw ? (body as string | Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: jsonOf(response, text) };
}

function jsonOf(response: Response, text: string): unknown {
  return /json/.test(response.headers.get("content-type") ?? "") && text !== "" ? JSON.parse(text) : undefined;
}

function nextFact(facts: Facts, isIt: (fact: Fact) => boolean): Promise<Fact> {
  return new Promise((resolve) => {
    const stopListening = facts.listen((fact) => {
      if (!isIt(fact)) return;
      stopListening();
      resolve(fact);
    });
  });
}

// ── Held against the document ──────────────────────────────────────────────────────────────────────────────────────

/** Paths that the document does not know are answered with problems, and those that it knows say so as `default`. */
function assertConforms(document: OpenApiDocument, method: string, url: string, answer: Answer): void {
  const path = url.split("?", 1)[0] ?? "";
  const template = Object.keys(document.paths).find((each) => patternOf(each).test(path)) ?? path;
  const operation = document.paths[template]?.[method.toLowerCase()];
  const isProblem = answer.status >= 400;
  const what = `${method} ${template} answered ${answer.status}`;
  assert.ok(operation !== undefined || isProblem, `${what}, and is not in the document`);
  const response = operation?.responses[answer.status] ?? (isProblem ? operation?.responses.default : undefined);
  assert.ok(operation === undefined || response !== undefined, `${what}, of which the document says nothing`);
  const [mediaType = ""] = (answer.headers.get("content-type") ?? "").split(";", 1);
  const media = response?.content?.[mediaType];
  assert.ok(media !== undefined || response?.content === undefined, `${what} as ${mediaType}`);
  if (media !== undefined && answer.json !== undefined) assertFits(media.schema, answer.json, document, what);
}

function assertFits(schema: Schema, value: unknown, document: OpenApiDocument, what: string): void {
  const root = { ...schema, components: document.components };
  if (Check(root, value)) return;
  assert.fail(`${what} with ${JSON.stringify(value)}: ${JSON.stringify(Errors(root, value)[1])}`);
}

function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`);
}
