// What the command line of the bench says.
import { parseArgs } from "node:util";

export const measureNames = ["saturation", "latency", "isolation", "drain", "memory", "start"] as const;
export type MeasureName = (typeof measureNames)[number];

export interface BenchOptions {
  readonly only: readonly MeasureName[];
  /** The length of each window that is measured. */
  readonly seconds: number;
  /** Where the figures are written as JSON. */
  readonly json: string | null;
}

export const usage = `npm run bench -- [--only ${measureNames.join(",")}] [--seconds 5] [--store embedded] [--json FILE]`;

const defaultSeconds = 5;
/** The numbers of events have eight digits, which is enough for so long. */
const mostSeconds = 60;

/** @throws Error with a line for the user. */
export function readOptions(words: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...words],
    options: {
      only: { type: "string", default: measureNames.join(",") },
      seconds: { type: "string", default: String(defaultSeconds) },
      store: { type: "string", default: "embedded" },
      json: { type: "string" },
    },
  });
  if (values.store !== "embedded") throw new Error(`--store must be embedded: there is no store "${values.store}" yet`);
  const seconds = Number(values.seconds);
  if (!(seconds >= 1 && seconds <= mostSeconds)) throw new Error(`--seconds must be from 1 to ${mostSeconds}`);
  return { only: values.only.split(",").map(measureName), seconds, json: values.json ?? null };
}

function measureName(word: string): MeasureName {
  const name = measureNames.find((each) => each === word);
  if (name === undefined) throw new Error(`--only knows ${measureNames.join(", ")}, not "${word}"`);
  return name;
}
