// The books of a kill run: what was promised to the clients, and what arrived at the targets in which life of the node.
// `verdict` compares them, and knows nothing of how the platform works.

/** An event's number goes through the platform in its data; triggers are known by their paths. */
export interface Request {
  readonly numbers: readonly number[];
  /** `promised`: answered 2xx. `doubtful`: the connection ended without an answer. */
  readonly outcome: "promised" | "doubtful";
}

export interface Arrival {
  readonly path: string;
  readonly number: number;
  /** The receiver's own dedupe key: `webhook-id`. */
  readonly id: string;
  /** As `performance.now` counts. */
  readonly at: number;
  /** The status of the target's answer once that has gone out; null until then. */
  reply: number | null;
}

export interface Verdict {
  readonly promised: number;
  readonly doubtful: number;
  readonly arrivals: number;
  /** Repeats of what the target had acknowledged. Allowed, when a kill lies between. */
  readonly duplicates: number;
  /** Promised, and not acknowledged by every target. */
  readonly lost: readonly string[];
  /** Of doubtful requests of which another part arrived: they were not stored whole or not at all. */
  readonly torn: readonly string[];
  /** Repeats without a kill that explains them. */
  readonly unexplained: readonly string[];
  /** Repeats under another id. */
  readonly renamed: readonly string[];
}

export interface Ledger {
  keep(request: Request): void;
  /** Notes an arrival; its `reply` may be filled in later. */
  arrive(arrival: Arrival): void;
  /** The node is being killed; answers what is in flight. */
  endLife(): readonly Arrival[];
  /** The next node is being started. Until now, what came was sent by the last one. */
  beginLife(): void;
  /** The same delivery's first arrival in a later life. */
  nextArrival(of: Arrival): Arrival | undefined;
  /** `paths` are those of the triggers that want every event. */
  verdict(paths: readonly string[]): Verdict;
}

interface Entry {
  readonly arrival: Arrival;
  readonly life: number;
}

export function openLedger(): Ledger {
  const requests: Request[] = [];
  const byDelivery = new Map<string, Entry[]>();
  const open = new Set<Arrival>();
  let life = 1;
  const entriesOf = (delivery: string): readonly Entry[] => byDelivery.get(delivery) ?? [];
  const isDone = (delivery: string): boolean =>
    entriesOf(delivery).some(({ arrival }) => isAcknowledgement(arrival.reply));

  function judge({ numbers, outcome }: Request, paths: readonly string[]) {
    const owed = numbers.flatMap((number) => paths.map((path) => deliveryOf({ path, number })));
    const missing = owed.filter((delivery) => !isDone(delivery));
    return { outcome, events: numbers.length, missing, isTorn: missing.length > 0 && missing.length < owed.length };
  }

  return {
    keep: (request) => requests.push(request),
    arrive(arrival) {
      const delivery = deliveryOf(arrival);
      const entries = byDelivery.get(delivery) ?? [];
      entries.push({ arrival, life });
      byDelivery.set(delivery, entries);
      open.add(arrival);
    },
    endLife() {
      const inFlight = [...open].filter(({ reply }) => reply === null);
      open.clear();
      return inFlight;
    },
    beginLife() {
      life += 1;
    },
    nextArrival(of) {
      const entries = entriesOf(deliveryOf(of));
      const ended = entries.find(({ arrival }) => arrival === of)?.life ?? 0;
      return entries.find((entry) => entry.life > ended)?.arrival;
    },
    verdict(paths) {
      const judged = requests.map((request) => judge(request, paths));
      const promised = judged.filter(({ outcome }) => outcome === "promised");
      const doubtful = judged.filter(({ outcome }) => outcome === "doubtful");
      const deliveries = [...byDelivery.values()];
      const repeats = deliveries.flatMap(repeatsIn);
      return {
        promised: sum(promised.map(({ events }) => events)),
        doubtful: sum(doubtful.map(({ events }) => events)),
        arrivals: sum(deliveries.map((entries) => entries.length)),
        duplicates: repeats.length,
        lost: promised.flatMap(({ missing }) => missing),
        torn: doubtful.filter(({ isTorn }) => isTorn).flatMap(({ missing }) => missing),
        unexplained: repeats.filter(({ isExplained }) => !isExplained).map(({ delivery }) => delivery),
        renamed: deliveries.flatMap(renamedIn),
      };
    },
  };
}

function deliveryOf({ path, number }: Pick<Arrival, "path" | "number">): string {
  return `${path}#${number}`;
}

function isAcknowledgement(reply: number | null): boolean {
  return reply !== null && reply >= 200 && reply < 300;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** What came after the first acknowledgement. */
function repeatsIn(entries: readonly Entry[]): readonly { readonly delivery: string; readonly isExplained: boolean }[] {
  const first = entries.findIndex(({ arrival }) => isAcknowledgement(arrival.reply));
  if (first < 0) return [];
  return entries.slice(first + 1).map(({ arrival, life }, index) => ({
    delivery: deliveryOf(arrival),
    isExplained: life !== entries[first + index]?.life,
  }));
}

function renamedIn(entries: readonly Entry[]): readonly string[] {
  const ids = new Set(entries.map(({ arrival }) => arrival.id));
  if (ids.size < 2) return [];
  return entries.slice(0, 1).map(({ arrival }) => `${deliveryOf(arrival)}: ${[...ids].join(", ")}`);
}
