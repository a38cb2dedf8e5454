// A step of globalMOO's inverse optimisation, as the event `inverse.suggested` brings it (SEEDS §4).
import {
  boolean,
  date,
  type Field,
  integer,
  listOf,
  map,
  nullable,
  number,
  oneOf,
  record,
  text,
  withDefault,
} from "./shape.ts";

/** Why a step is the last one; `running` when it is not. */
export type StopReason = "running" | "satisfied" | "stopped" | "exhausted";

export type ObjectiveType =
  | "exact"
  | "percent"
  | "value"
  | "lessthan"
  | "lessthan_equal"
  | "greaterthan"
  | "greaterthan_equal"
  | "minimize"
  | "maximize";

/** How one objective came out in a step. */
export interface Result {
  readonly id: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly disabledAt: Date | null;
  /** Which objective, from 0. */
  readonly number: number;
  readonly objective: number;
  readonly objectiveType: ObjectiveType;
  readonly minimumBound: number;
  readonly maximumBound: number;
  readonly output: number;
  readonly error: number;
  readonly detail: string | null;
  readonly satisfied: boolean;
}

interface InverseFields {
  readonly id: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly disabledAt: Date | null;
  readonly loadedAt: Date | null;
  readonly satisfiedAt: Date | null;
  readonly stoppedAt: Date | null;
  readonly exhaustedAt: Date | null;
  readonly iteration: number;
  readonly l1Norm: number;
  /** Nanoseconds. */
  readonly suggestTime: number;
  /** Nanoseconds. */
  readonly computeTime: number;
  readonly input: readonly number[];
  readonly output: readonly number[] | null;
  readonly errors: readonly number[] | null;
  readonly results: readonly Result[] | null;
}

/** The data of `inverse.suggested`. */
export interface Inverse extends InverseFields {
  readonly stopReason: StopReason;
  /** There is nothing more to evaluate. */
  readonly shouldStop: boolean;
}

export const dates = { createdAt: date, updatedAt: date, disabledAt: nullable(date) };

export const objectiveType: Field<ObjectiveType> = oneOf(
  ...(["exact", "percent", "value", "lessthan", "lessthan_equal", "greaterthan", "greaterthan_equal"] as const),
  ...(["minimize", "maximize"] as const),
);

const result: Field<Result> = record<Result>({
  id: integer,
  ...dates,
  number: integer,
  objective: withDefault(number, 0),
  objectiveType: withDefault(objectiveType, "exact"),
  minimumBound: withDefault(number, 0),
  maximumBound: withDefault(number, 0),
  output: withDefault(number, 0),
  error: withDefault(number, 0),
  detail: nullable(text),
  satisfied: withDefault(boolean, true),
});

const fields: Field<InverseFields> = record<InverseFields>({
  id: integer,
  ...dates,
  loadedAt: nullable(date),
  satisfiedAt: nullable(date),
  stoppedAt: nullable(date),
  exhaustedAt: nullable(date),
  iteration: integer,
  l1Norm: withDefault(number, 0),
  suggestTime: withDefault(integer, 0),
  computeTime: withDefault(integer, 0),
  input: listOf(number),
  output: nullable(listOf(number)),
  errors: nullable(listOf(number)),
  results: nullable(listOf(result)),
});

export const inverse: Field<Inverse> = map(fields, (step) => {
  const stopReason = stopReasonOf(step);
  return { ...step, stopReason, shouldStop: stopReason !== "running" };
});

/** The first of the three dates that is there decides, in this order. */
function stopReasonOf({ satisfiedAt, stoppedAt, exhaustedAt }: InverseFields): StopReason {
  if (satisfiedAt !== null) return "satisfied";
  if (stoppedAt !== null) return "stopped";
  return exhaustedAt !== null ? "exhausted" : "running";
}
