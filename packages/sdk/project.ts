// A project as the event `project.created` brings it (SEEDS §4): globalMOO's with its optimisation, or the platform's own,
// which has only an id, dates and a name.
import { dates, type Inverse, inverse, type ObjectiveType, objectiveType, type StopReason } from "./inverse.ts";
import {
  date,
  type Field,
  integer,
  lazy,
  listOf,
  map,
  nullable,
  number,
  oneOf,
  optional,
  record,
  text,
  withDefault,
} from "./shape.ts";

export type InputType = "boolean" | "category" | "float" | "integer";

/** What a trial aims at, and how far it has come. */
export interface Objective {
  readonly id: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly disabledAt: Date | null;
  readonly optimalInverse: Inverse | null;
  readonly attemptCount: number;
  readonly stopReason: StopReason;
  readonly desiredL1Norm: number;
  readonly objectives: readonly number[];
  readonly objectiveTypes: readonly ObjectiveType[];
  readonly minimumBounds: readonly number[];
  readonly maximumBounds: readonly number[];
  readonly inverses: readonly Inverse[];
}

/** One run of a project's cases. */
export interface Trial {
  readonly id: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly disabledAt: Date | null;
  readonly number: number;
  readonly outputCount: number;
  readonly outputCases: readonly (readonly number[])[];
  readonly caseCount: number;
  readonly objectives: readonly Objective[];
}

/** The data of `project.created`. What describes an optimisation is undefined for projects without one. */
export interface Project {
  readonly id: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly disabledAt: Date | null;
  readonly developedAt: Date | null;
  readonly name: string;
  readonly inputCount?: number | undefined;
  readonly minimums?: readonly number[] | undefined;
  readonly maximums?: readonly number[] | undefined;
  readonly inputTypes?: readonly InputType[] | undefined;
  readonly categories?: readonly string[] | undefined;
  readonly inputCases?: readonly (readonly number[])[] | undefined;
  readonly caseCount?: number | undefined;
  readonly trials: readonly Trial[];
}

/** The real API writes numbers, in this order. */
const stopReasons = ["running", "satisfied", "stopped", "exhausted"] as const;

const stopReason: Field<StopReason> = map(oneOf(0, 1, 2, 3, ...stopReasons), (reason) =>
  typeof reason === "number" ? stopReasons[reason] : reason,
);

const objective: Field<Objective> = record<Objective>({
  id: integer,
  ...dates,
  optimalInverse: nullable(inverse),
  attemptCount: withDefault(integer, 0),
  stopReason,
  desiredL1Norm: number,
  objectives: listOf(number),
  objectiveTypes: listOf(objectiveType),
  minimumBounds: listOf(number),
  maximumBounds: listOf(number),
  inverses: withDefault(listOf(inverse), []),
});

const trial: Field<Trial> = record<Trial>({
  id: integer,
  ...dates,
  number: integer,
  outputCount: integer,
  outputCases: listOf(listOf(number)),
  caseCount: integer,
  objectives: withDefault(listOf(objective), []),
});

export const project: Field<Project> = record<Project>({
  id: integer,
  ...dates,
  developedAt: nullable(date),
  name: text,
  inputCount: optional(integer),
  minimums: optional(listOf(number)),
  maximums: optional(listOf(number)),
  inputTypes: optional(listOf(oneOf("boolean", "category", "float", "integer"))),
  categories: optional(listOf(text)),
  inputCases: optional(listOf(listOf(number))),
  caseCount: optional(integer),
  trials: withDefault(
    lazy(() => listOf(trial)),
    [],
  ),
});
