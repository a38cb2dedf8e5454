// How long an event takes from its sender to its receiver when events come at a fixed rate, whether or not the last was
// answered. Counted from the time at which it should have been sent, so that a queue in front counts too.
import { medianSpread, type Spread, spreadOf } from "./figures.ts";
import { type Rig, type Side, withBothSides } from "./rig.ts";
import { type Measurement, round } from "./table.ts";

const perSecond = 500;
const rounds = 3;
const warmUpSeconds = 2;

export function measureLatency(rig: Rig): Promise<Measurement> {
  rig.say(`latency: ${perSecond} events/s, ${rounds} rounds of ${rig.seconds} s each, relay and posthorn in turn`);
  return withBothSides(rig, async (relay, posthorn) => {
    for (const side of [relay, posthorn]) await sendAtRate(rig, side, { seconds: warmUpSeconds });
    const found: Record<Side["name"], Spread[]> = { relay: [], posthorn: [] };
    for (let turn = 1; turn <= rounds; turn += 1)
      for (const side of [relay, posthorn]) found[side.name].push(await sendAtRate(rig, side, rig));
    const [ours, theirs] = [medianSpread(found.posthorn), medianSpread(found.relay)];
    const row = (figure: keyof Spread) => ({
      what: `accept → arrival at ${perSecond}/s, ${figure}`,
      unit: "ms",
      posthorn: ours[figure],
      relay: theirs[figure],
    });
    const p99 = { ...row("p99"), bound: { of: "figure", atMost: 15 } as const };
    return { rows: [row("p50"), row("p95"), p99, row("max")], figures: found };
  });
}

/** One run; answers how long its events took. */
export async function sendAtRate(
  rig: Rig,
  { name, destination, rest }: Side,
  { seconds, rate = perSecond }: { readonly seconds: number; readonly rate?: number },
): Promise<Spread> {
  const run = await rig.run({ kind: "open", destination, perSecond: rate, events: Math.round(rate * seconds) });
  const arrivals = await rig.arrivals();
  const taken = arrivals.map((at, index) => at - (run.scheduleStart + (index * 1000) / rate));
  // What never arrived is counted as lost by the rig; here it would be a negative time.
  const spread = spreadOf(taken.filter((_, index) => (arrivals[index] ?? 0) > 0));
  const figures = Object.entries(spread).map(([figure, ms]) => `${figure} ${round(ms)}`);
  rig.say(
    `  ${name.padEnd(8)} ${figures.join(", ")} ms; arrived ${run.arrived} of ${run.accepted}, again ${run.duplicates}; ` +
      `the generator itself was late by p99 ${round(run.lateness.p99)} ms`,
  );
  await rest();
  return spread;
}
