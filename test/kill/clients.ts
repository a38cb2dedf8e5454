// The clients of a kill run: they publish without pause, alone and in batches, write down what they were promised, and
// come back when the node does.
import { setTimeout as pause } from "node:timers/promises";
import type { Api } from "../live/api.ts";
import type { Chance } from "./chance.ts";
import type { Ledger } from "./ledger.ts";

const clients = 6;
const batchSize = 10;
/** One request in so many is a batch. */
const batchEvery = 5;
/** Between two requests of a client: enough load for every kill to hit something, and little enough to be drained. */
const mostPauseMs = 24;

export interface Clients {
  /** Nothing is sent from now on until `goOn`; resolves when every request has ended, well or badly. */
  rest(): Promise<void>;
  goOn(): void;
  /** Statuses other than 202, with how often they came. */
  refusals(): Readonly<Record<string, number>>;
}

export function startClients(api: Api, ledger: Ledger, chance: Chance): Clients {
  const refusals: Record<string, number> = {};
  let lastNumber = 0;
  let isResting = true;
  let running: Promise<unknown> = Promise.resolve();

  function nextNumbers(): readonly number[] {
    const count = chance.between(1, batchEvery) === 1 ? batchSize : 1;
    lastNumber += count;
    return Array.from({ length: count }, (_, index) => lastNumber - index);
  }

  async function publish(): Promise<void> {
    const numbers = nextNumbers();
    const events = numbers.map((n) => ({ type: "kill.happened", data: { n } }));
    const status = await api
      .ask("POST", "/events", { body: events.length === 1 ? events[0] : events })
      .then((answer) => answer.status)
      .catch(() => null);
    if (status === 202) ledger.keep({ numbers, outcome: "promised" });
    else if (status === null) ledger.keep({ numbers, outcome: "doubtful" });
    else refusals[status] = (refusals[status] ?? 0) + 1;
  }

  async function publishOn(): Promise<void> {
    while (!isResting) {
      await publish();
      await pause(chance.between(0, mostPauseMs));
    }
  }

  return {
    async rest() {
      isResting = true;
      await running;
    },
    goOn() {
      isResting = false;
      running = Promise.all(Array.from({ length: clients }, publishOn));
    },
    refusals: () => refusals,
  };
}
