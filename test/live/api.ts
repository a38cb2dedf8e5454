// The public HTTP API as a client's program sees it: nothing here knows how the platform works inside.
import assert from "node:assert/strict";
import { adminKey } from "./posthorn-process.ts";

export interface Receipt {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly deliverAt: string;
  readonly deliveries: number;
  readonly duplicate: boolean;
}

export interface Delivery {
  readonly id: string;
  readonly eventId: string;
  readonly trigger: string;
  readonly state: string;
  readonly attempts: number;
  readonly nextAttemptAt: string | null;
  readonly lastOutcome: string | null;
}

export interface Page<Row> {
  readonly data: readonly Row[];
  readonly nextCursor: string | null;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Message {
  /** A string goes out as it is, anything else as its JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Api {
  /** One request, whatever its answer. `path` starts below the project: "/events". */
  ask(method: string, path: string, message?: Message): Promise<Answer>;
  /** The same, where only `status` will do; answers what the body's JSON holds, undefined where there is no body. */
  demand<Body>(status: number, method: string, path: string, message?: Message): Promise<Body>;
}

/** The API of one project of the node at `url`. */
export function apiOf(url: string, project = "default"): Api {
  return {
    ask: (method, path, message) => send(`${url}/v1/projects/${project}${path}`, method, message),
    async demand<Body>(status: number, method: string, path: string, message?: Message): Promise<Body> {
      const answer = await send(`${url}/v1/projects/${project}${path}`, method, message);
      assert.equal(answer.status, status, `${method} ${path} answered ${answer.status}: ${answer.text}`);
      // The caller's claim, which its assertions prove: a member that is not there equals nothing that they expect.
      return (answer.text === "" ? undefined : JSON.parse(answer.text)) as Body;
    },
  };
}

/** Makes a project and answers its API. */
export async function createProject(url: string, slug: string): Promise<Api> {
  const answer = await send(`${url}/v1/projects`, "POST", { body: { slug, name: slug } });
  assert.equal(answer.status, 201, `POST /v1/projects answered ${answer.status}: ${answer.text}`);
  return apiOf(url, slug);
}

export interface TriggerWish {
  readonly name: string;
  readonly url: string;
  readonly types?: readonly string[];
  readonly format?: string;
  readonly timeoutMs?: number;
  readonly retry?: Readonly<Record<string, number>>;
}

/** Makes a trigger for a webhook; answers its secret. */
export async function createTrigger(api: Api, { url, types = ["*"], ...wish }: TriggerWish): Promise<string> {
  const body = { types, target: { kind: "webhook", url }, format: "cloudevents", ...wish };
  const trigger = await api.demand<{ readonly secret: string }>(201, "POST", "/triggers", { body });
  return trigger.secret;
}

async function send(url: string, method: string, { body, headers = {} }: Message = {}): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${adminKey}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}
