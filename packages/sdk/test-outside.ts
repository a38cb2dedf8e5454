// For tests only: doors whose clock stands still until it is moved, whose chance is the same every time, and whose network
// answers what the test has prepared.
import type { Outside } from "./outside.ts";

export interface TestOutside extends Outside {
  /** What was sent, in order. */
  readonly sent: { readonly url: string; readonly init: RequestInit }[];
  /** How long each pause was, in milliseconds. */
  readonly pauses: number[];
  advance(ms: number): void;
}

export const testNowMs = 1_700_000_000_000;

/** Answers are given in order; the last one again and again. An Error is thrown. */
export function testOutside(answers: readonly (Response | Error)[] = []): TestOutside {
  let now = testNowMs;
  let made = 0;
  const sent: TestOutside["sent"] = [];
  const pauses: number[] = [];
  return {
    sent,
    pauses,
    advance: (ms) => {
      now += ms;
    },
    async fetch(url, init) {
      const answer = answers[Math.min(sent.length, answers.length - 1)];
      sent.push({ url, init });
      if (answer instanceof Response) return answer.clone();
      throw answer ?? new Error("no answer was prepared");
    },
    now: () => now,
    random: () => 0.5,
    uuid: () => {
      made += 1;
      return `uuid-${made}`;
    },
    async pause(ms, signal) {
      signal?.throwIfAborted();
      pauses.push(ms);
      now += ms;
    },
    deadline: (_ms, signal) => signal ?? new AbortController().signal,
  };
}

export function jsonAnswer(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(body, { status, headers });
}
