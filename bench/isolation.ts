// What a target that never answers costs the others: a healthy trigger's latency alone, and beside a hanging one that
// wants every event too.
import { createTrigger } from "../test/live/api.ts";
import { median } from "./figures.ts";
import { sendAtRate } from "./latency.ts";
import { type PosthornSide, type Rig, withPosthorn } from "./rig.ts";
import type { Measurement } from "./table.ts";

/** The backlog of the hanging trigger is not waited for; its tries go on while the rest is measured. */
const withoutRest = (side: PosthornSide): PosthornSide => ({ ...side, rest: async () => {} });
const rounds = 3;
const rate = 200;

export function measureIsolation(rig: Rig): Promise<Measurement> {
  rig.say(`isolation: ${rate} events/s to a healthy target, alone and beside one that never answers`);
  return withPosthorn(rig, async (side) => {
    await sendAtRate(rig, side, { seconds: 2, rate });
    const alone = [];
    for (let turn = 1; turn <= rounds; turn += 1)
      alone.push((await sendAtRate(rig, side, { seconds: rig.seconds, rate })).p99);
    await createTrigger(side.api, { name: "hanging", url: `http://127.0.0.1:${rig.ports.silent}/` });
    rig.say("  a trigger that never answers is made; it wants the same events");
    const beside = [];
    for (let turn = 1; turn <= rounds; turn += 1)
      beside.push((await sendAtRate(rig, withoutRest(side), { seconds: rig.seconds, rate })).p99);
    const [p99Alone, p99Beside] = [median(alone), median(beside)];
    const rows = [
      { what: "healthy p99 alone", unit: "ms", posthorn: p99Alone },
      {
        what: "healthy p99 beside a hanging target",
        unit: "ms",
        posthorn: p99Beside,
        bound: { of: "figure", atMost: Number((p99Alone * 2).toPrecision(3)) } as const,
      },
    ];
    return { rows, figures: { alone, beside } };
  });
}
