// Facts as figures for Prometheus (STANDARDS §7.3): base units, no label that holds an id, a name or a URL.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "@prometheus-io/client";
import type { Fact, Facts } from "./facts.ts";

export interface MetricSources {
  readonly version: string;
  /** Tries that run now. */
  inFlight(): number;
  /** When the oldest delivery that is due fell due, or null; asked at each scrape. */
  oldestDueAt(): Promise<number | null>;
  now(): number;
}

/** Answers the exposition text (format 0.0.4) at each call. */
export function countFacts(facts: Facts, sources: MetricSources): () => Promise<string> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  facts.listen(createCounters(registry));
  gaugeSources(registry, sources);
  return () => registry.metrics();
}

function createCounters(registry: Registry): (fact: Fact) => void {
  const events = countEvents(registry);
  const tries = countTries(registry);
  const troubles = countTroubles(registry);
  return (fact) => {
    events(fact);
    tries(fact);
    troubles(fact);
  };
}

function countEvents(registry: Registry): (fact: Fact) => void {
  const registers = [registry];
  const accepted = new Counter({ name: "posthorn_events_accepted_total", help: "Events accepted.", registers });
  const duplicates = new Counter({
    name: "posthorn_events_duplicate_total",
    help: "Events that had been accepted before, by source and id.",
    registers,
  });
  const rejected = new Counter({
    name: "posthorn_events_rejected_total",
    help: "Publish requests refused, by the problem's code.",
    labelNames: ["reason"] as const,
    registers,
  });
  return (fact) => {
    if (fact.kind === "events.rejected") rejected.inc({ reason: fact.code });
    else if (fact.kind === "event.accepted") (fact.duplicate ? duplicates : accepted).inc();
  };
}

function countTries(registry: Registry): (fact: Fact) => void {
  const registers = [registry];
  const attempts = new Counter({
    name: "posthorn_delivery_attempts_total",
    help: "Tries, by outcome and class of the status (2xx, 4xx …, or none).",
    labelNames: ["outcome", "code_class"] as const,
    registers,
  });
  const settled = new Counter({
    name: "posthorn_deliveries_settled_total",
    help: "Deliveries that a try brought to an end, by state.",
    labelNames: ["state"] as const,
    registers,
  });
  const duration = new Histogram({
    name: "posthorn_delivery_attempt_duration_seconds",
    help: "How long a try took.",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const latency = new Histogram({
    name: "posthorn_delivery_latency_seconds",
    help: "From the moment a delivery was due to its success.",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3600],
    registers,
  });
  return (fact) => {
    if (fact.kind !== "attempt.finished") return;
    attempts.inc({ outcome: fact.outcome, code_class: codeClass(fact.status) });
    duration.observe(fact.durationMs / 1000);
    if (fact.outcome === "delivered") latency.observe(Math.max(0, fact.sinceDueMs) / 1000);
    if (fact.nextAttemptAt === null) settled.inc({ state: fact.state });
  };
}

function countTroubles(registry: Registry): (fact: Fact) => void {
  const registers = [registry];
  const paused = new Counter({ name: "posthorn_triggers_paused_total", help: "Triggers paused.", registers });
  const lost = new Counter({
    name: "posthorn_claims_lost_total",
    help: "Tries whose lease had ended when they came back.",
    registers,
  });
  const troubles = new Counter({
    name: "posthorn_troubles_total",
    help: "Faults of the platform itself, by place.",
    labelNames: ["where"] as const,
    registers,
  });
  return (fact) => {
    if (fact.kind === "trigger.paused") paused.inc();
    else if (fact.kind === "claim.lost") lost.inc();
    else if (fact.kind === "trouble") troubles.inc({ where: fact.where });
  };
}

function codeClass(status: number | null): string {
  return status === null ? "none" : `${Math.floor(status / 100)}xx`;
}

function gaugeSources(registry: Registry, sources: MetricSources): void {
  const registers = [registry];
  new Gauge({
    name: "posthorn_build_info",
    help: "The version that runs, as a label.",
    labelNames: ["version"] as const,
    registers,
  }).set({ version: sources.version }, 1);
  new Gauge({
    name: "posthorn_deliveries_in_flight",
    help: "Tries that run now.",
    registers,
    collect() {
      this.set(sources.inFlight());
    },
  });
  new Gauge({
    name: "posthorn_oldest_due_age_seconds",
    help: "How long the oldest due delivery has waited.",
    registers,
    async collect() {
      const oldest = await sources.oldestDueAt();
      this.set(oldest === null ? 0 : Math.max(0, sources.now() - oldest) / 1000);
    },
  });
}
