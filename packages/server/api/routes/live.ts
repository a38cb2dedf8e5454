// What happens in a project, as it happens: server-sent events made from the facts. A view, not a log: who was not there,
// or reads too slowly, has missed it.
import type { ServerResponse } from "node:http";
import { type Static, Type } from "typebox";
import type { Fact, Facts } from "../../observe/facts.ts";
import type { Clock } from "../../outside/clock.ts";
import type { App } from "../app.ts";
import { projectOf } from "../auth.ts";
import { Problem } from "../problems.ts";
import { momentOf, oneOf, ProjectPath } from "../shapes.ts";

const heartbeatMs = 15_000;
const maxListeners = 500;
/** Of one listener; one that lets more than this pile up is dropped. */
const maxPendingBytes = 256 * 1024;

const kinds = ["event.accepted", "attempt.finished", "trigger.paused"] as const;

const LiveQuery = Type.Object(
  {
    kind: Type.Optional(oneOf(kinds, { description: "Only these happenings." })),
    trigger: Type.Optional(Type.String({ description: "Only what this trigger does." })),
    type: Type.Optional(Type.String({ description: "Only events of this exact type." })),
  },
  { additionalProperties: false },
);

interface Listener {
  readonly response: ServerResponse;
  readonly projectId: number;
  readonly wish: Static<typeof LiveQuery>;
}

export interface Live {
  /** Ends every stream. */
  close(): void;
}

export function liveRoute(app: App, { facts, clock }: { readonly facts: Facts; readonly clock: Clock }): Live {
  const hub = createHub(facts, clock);
  app.get(
    "/v1/projects/:project/live",
    {
      config: { access: "events:read" },
      exposeHeadRoute: false,
      schema: {
        operationId: "watchProject",
        tags: ["projects"],
        summary: "Watch what happens (server-sent events)",
        description: `The names of the messages are ${kinds.join(", ")}; each holds one JSON object.`,
        params: ProjectPath,
        querystring: LiveQuery,
        produces: ["text/event-stream"],
        response: { 200: Type.String({ description: "A stream that does not end." }) },
      },
    },
    async (request, reply) => {
      if (hub.size() >= maxListeners)
        throw new Problem("too_many_waiting", `at most ${maxListeners} may listen at once`);
      reply.hijack();
      hub.join({ response: reply.raw, projectId: projectOf(request).project.id, wish: request.query });
    },
  );
  return hub;
}

function createHub(facts: Facts, clock: Clock) {
  const listeners = new Set<Listener>();
  let cancelHeartbeat: () => void = () => {};
  const endListening = facts.listen((fact) => {
    if (listeners.size === 0 || !isShown(fact)) return;
    const message = messageOf(fact, clock.now());
    for (const listener of listeners) if (wants(listener, fact)) write(listener, message);
  });

  function write({ response }: Listener, text: string): void {
    if (response.writableLength > maxPendingBytes) response.destroy();
    else response.write(text);
  }

  function beat(): void {
    cancelHeartbeat = clock.at(clock.now() + heartbeatMs, () => {
      for (const listener of listeners) write(listener, ": still here\n\n");
      if (listeners.size > 0) beat();
    });
  }

  return {
    size: () => listeners.size,
    join(listener: Listener) {
      const { response } = listener;
      response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" });
      response.write("retry: 3000\n\n");
      listeners.add(listener);
      if (listeners.size === 1) beat();
      response.on("close", () => {
        listeners.delete(listener);
        if (listeners.size === 0) cancelHeartbeat();
      });
    },
    close() {
      endListening();
      cancelHeartbeat();
      for (const { response } of listeners) response.end();
    },
  };
}

type ShownFact = Extract<Fact, { readonly kind: (typeof kinds)[number] }>;

function isShown(fact: Fact): fact is ShownFact {
  return kinds.some((kind) => kind === fact.kind);
}

function wants({ projectId, wish }: Listener, fact: ShownFact): boolean {
  if (fact.projectId !== projectId || (wish.kind ?? fact.kind) !== fact.kind) return false;
  if (wish.trigger !== undefined && !("trigger" in fact && fact.trigger === wish.trigger)) return false;
  return wish.type === undefined || ("type" in fact && fact.type === wish.type);
}

/** Numbers of ours mean nothing outside; moments are written as everywhere else. */
function messageOf(fact: ShownFact, now: number): string {
  const { kind, projectId: _ours, ...rest } = fact;
  const shown = "triggerId" in rest ? { ...rest, triggerId: undefined } : rest;
  const moments =
    "nextAttemptAt" in rest && rest.nextAttemptAt !== null ? { nextAttemptAt: momentOf(rest.nextAttemptAt) } : {};
  return `event: ${kind}\ndata: ${JSON.stringify({ at: momentOf(now), ...shown, ...moments })}\n\n`;
}
