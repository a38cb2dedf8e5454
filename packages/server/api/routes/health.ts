// For whoever runs the node: is it alive, can it take events, what does it count. Open, because they hold no names.
import { Type } from "typebox";
import type { Clock } from "../../outside/clock.ts";
import { StoreError } from "../../store/errors.ts";
import type { Store } from "../../store/store.ts";
import type { App } from "../app.ts";
import type { ApiParts } from "../parts.ts";
import { oneOf } from "../shapes.ts";

const pingTimeoutMs = 2000;
/** An answer of the store holds for this long, so that many who ask cost no more than one. */
const pingAgeMs = 1000;

const StatusShape = Type.Object({ status: oneOf(["ok"]) }, { description: "Yes." });
const tags = ["node"];

export function healthRoutes(app: App, parts: ApiParts): void {
  aliveRoute(app);
  readyRoute(app, parts);
  metricsRoute(app, parts);
}

function aliveRoute(app: App): void {
  app.get(
    "/healthz",
    {
      config: { access: "open" },
      schema: { operationId: "isAlive", tags, summary: "Is the node alive?", response: { 200: StatusShape } },
    },
    async () => ({ status: "ok" as const }),
  );
}

function readyRoute(app: App, { store, clock }: ApiParts): void {
  const ping = rememberPing(store, clock);
  app.get(
    "/readyz",
    {
      config: { access: "open" },
      schema: { operationId: "isReady", tags, summary: "Can the node take events?", response: { 200: StatusShape } },
    },
    async () => {
      await ping();
      return { status: "ok" as const };
    },
  );
}

function metricsRoute(app: App, { metrics }: ApiParts): void {
  app.get(
    "/metrics",
    {
      config: { access: "open" },
      schema: {
        operationId: "readMetrics",
        tags,
        summary: "Read the metrics",
        produces: ["text/plain"],
        response: { 200: Type.String({ description: "The Prometheus text format 0.0.4." }) },
      },
    },
    async (_request, reply) => reply.type("text/plain; version=0.0.4; charset=utf-8").send(await metrics()),
  );
}

function rememberPing(store: Pick<Store, "ping">, clock: Clock): () => Promise<void> {
  let last: Promise<void> | undefined;
  let until = 0;
  return () => {
    if (last === undefined || clock.monotonic() >= until) {
      last = withinTime(store.ping(), clock);
      until = clock.monotonic() + pingAgeMs;
    }
    return last;
  };
}

function withinTime(answer: Promise<void>, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = new StoreError("store_unavailable", `the store did not answer within ${pingTimeoutMs} ms`);
    const cancel = clock.at(clock.now() + pingTimeoutMs, () => reject(late));
    answer.then(resolve, reject).finally(cancel);
  });
}
