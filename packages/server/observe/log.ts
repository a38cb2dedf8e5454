// Facts as log lines, one a stage. Data of events never gets here, and credentials were masked long before.
import { pino } from "pino";
import type { Fact, Facts } from "./facts.ts";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

export interface Log {
  info(message: string): void;
  /** Writes out what is still held back. */
  flush(): void;
}

/** JSON lines on standard output, written in the background: a slow terminal or disk delays no delivery. */
export function logFacts(facts: Facts, level: LogLevel): Log {
  const destination = pino.destination({ dest: 1, sync: false });
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  facts.listen((fact) => {
    const at = levelOf(fact);
    if (logger.isLevelEnabled(at)) logger[at](fieldsOf(fact), fact.kind);
  });
  return {
    info: (message) => logger.info(message),
    // A destination that was never opened cannot be flushed, and has nothing to flush.
    flush: () => {
      try {
        destination.flushSync();
      } catch {
        return;
      }
    },
  };
}

/** What happens to each event is told at `debug`, what a person should know of at `info` and above. */
function levelOf(fact: Fact): Exclude<LogLevel, "silent" | "fatal" | "trace"> {
  switch (fact.kind) {
    case "trouble":
      return "error";
    case "trigger.paused":
    case "claim.lost":
      return "warn";
    case "attempt.finished":
      if (fact.state === "failed") return "warn";
      return fact.outcome === "delivered" ? "debug" : "info";
    case "deliveries.recovered":
    case "rows.pruned":
      return "info";
    case "event.accepted":
    case "events.rejected":
    case "deliveries.claimed":
      return "debug";
    default:
      return fact satisfies never;
  }
}

function fieldsOf(fact: Fact): object {
  const { kind: _, ...fields } = fact;
  if (fact.kind !== "trouble") return fields;
  const { error } = fact;
  return { where: fact.where, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
