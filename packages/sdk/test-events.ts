// For tests only: what several of them receive.
import { formatSecret } from "@posthorn/wire/secret";

export const secret = formatSecret(new Uint8Array(32).fill(7));
export const otherSecret = formatSecret(new Uint8Array(32).fill(8));

const time = "2025-01-31T10:00:00.000Z";

/** The data of `project.created`, as globalMOO writes it, in snake_case. */
export const projectData = {
  id: 5,
  created_at: time,
  updated_at: time,
  disabled_at: null,
  developed_at: time,
  name: "Widget",
  input_count: 2,
  minimums: [0, 0.5],
  maximums: [1, 2],
  input_types: ["float", "integer"],
  categories: [],
  input_cases: [
    [0, 1],
    [1, 0.5],
  ],
  case_count: 2,
  trials: [
    {
      id: 6,
      created_at: time,
      updated_at: time,
      number: 0,
      output_count: 1,
      output_cases: [[1.5]],
      case_count: 2,
      objectives: [
        {
          id: 7,
          created_at: time,
          updated_at: time,
          stop_reason: 1,
          desired_l1_norm: 0,
          objectives: [1],
          objective_types: ["percent"],
          minimum_bounds: [-1],
          maximum_bounds: [1],
        },
      ],
    },
  ],
};

/** The data of `inverse.suggested`, as most SDKs write it, in camelCase. */
export const inverseData = {
  id: 9,
  createdAt: time,
  updatedAt: time,
  disabledAt: null,
  loadedAt: time,
  satisfiedAt: null,
  stoppedAt: time,
  exhaustedAt: time,
  iteration: 3,
  l1Norm: 0.25,
  suggestTime: 1_200_000,
  computeTime: 3_400_000,
  input: [1, 2.5],
  output: [3],
  errors: [0.1],
  results: [
    { id: 1, createdAt: time, updatedAt: time, number: 0, objective: 1, objectiveType: "exact", detail: "close" },
  ],
};

/** A resource event around data, in snake_case. */
export function resourceEvent(name: string, data: unknown, change: object = {}): Record<string, unknown> {
  return { id: 123, created_at: time, updated_at: time, disabled_at: null, name, subject: null, data, ...change };
}
