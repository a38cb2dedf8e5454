// How fast a backlog goes out: the trigger is paused while the events are accepted, and then resumed.
import { type Rig, withPosthorn } from "./rig.ts";
import { type Measurement, round } from "./table.ts";

const backlog = 50_000;
const batchSize = 100;
const connections = 8;

export function measureDrain(rig: Rig): Promise<Measurement> {
  rig.say(`drain: ${round(backlog)} events wait for a paused trigger, which is then resumed`);
  return withPosthorn(rig, async ({ api, destination, rest }) => {
    await api.demand(200, "POST", "/triggers/bench/pause");
    const events = { kind: "closed", destination, connections, batchSize, maxEvents: backlog } as const;
    const report = await rig.send({ ...events, maxMs: Number.POSITIVE_INFINITY });
    const acceptedPerSecond = (report.accepted * 1000) / (report.endedAt - report.startedAt);
    rig.say(`  accepted ${round(report.accepted)} in batches of ${batchSize} (${round(acceptedPerSecond)}/s)`);
    await api.demand(200, "POST", "/triggers/bench/resume");
    const { arrived, duplicates, firstArrivalAt, lastArrivalAt } = await rig.finish(report);
    const drainedPerSecond = (arrived * 1000) / (lastArrivalAt - firstArrivalAt);
    rig.say(`  arrived ${round(arrived)} (${round(drainedPerSecond)}/s), again ${duplicates}`);
    await rest();
    const rows = [
      { what: `accepted in batches of ${batchSize}`, unit: "events/s", posthorn: acceptedPerSecond },
      { what: `drain of ${round(backlog)} waiting`, unit: "deliveries/s", posthorn: drainedPerSecond },
    ];
    return { rows, figures: { acceptedPerSecond, drainedPerSecond, arrived, duplicates } };
  });
}
