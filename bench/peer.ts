// The bench's own processes and how it talks with them: one question, one answer, over Node's channel between parent and
// child. What is measured never runs in the process that measures.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

interface Reply {
  readonly number: number;
  readonly answer?: unknown;
  readonly error?: string;
}

export interface Peer<Question, Answer> {
  readonly pid: number;
  /** Rejects when the peer failed or ended. */
  ask<Asked extends Question>(question: Asked): Promise<Answer>;
  stop(): Promise<void>;
}

/** Starts `file` of this folder as a process; it has to call `answerQuestions`. */
export function startPeer<Question, Answer>(
  file: string,
  env: Readonly<Record<string, string>> = {},
): Peer<Question, Answer> {
  const child = fork(new URL(file, import.meta.url), { serialization: "advanced", env: { ...process.env, ...env } });
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  let asked = 0;
  child.on("message", (message) => {
    // Only `answerQuestions` sends on this channel.
    const { number, answer, error } = message as Reply;
    if (error === undefined) waiting.get(number)?.resolve(answer);
    else waiting.get(number)?.reject(new Error(`${file}: ${error}`));
    waiting.delete(number);
  });
  child.on("exit", (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`${file} ended with ${code}`));
  });
  return {
    pid: child.pid ?? 0,
    async ask(question) {
      asked += 1;
      const number = asked;
      const answer = new Promise((resolve, reject) => waiting.set(number, { resolve, reject }));
      child.send({ number, question });
      // The type parameters are the contract between the two files.
      return (await answer) as Answer;
    },
    stop: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.disconnect();
  await once(child, "exit");
}

/** The other side: answers each question of the parent, and ends when the parent hangs up. */
export function answerQuestions<Question, Answer>(answer: (question: Question) => Answer | Promise<Answer>): void {
  process.on("message", async (message) => {
    // Only `startPeer` sends on this channel.
    const { number, question } = message as { readonly number: number; readonly question: Question };
    try {
      process.send?.({ number, answer: await answer(question) } satisfies Reply);
    } catch (error) {
      process.send?.({ number, error: String(error) } satisfies Reply);
    }
  });
  process.on("disconnect", () => process.exit());
}
