// A node inside the test's own process, with a data folder of its own and a receiver beside it: its facts can be listened
// to, so tests wait for what they are about.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { startNode } from "../../packages/server/compose.ts";
import { loadConfig } from "../../packages/server/config.ts";
import type { Fact } from "../../packages/server/observe/facts.ts";
import { type Api, apiOf } from "./api.ts";
import { settingsFor } from "./posthorn-process.ts";
import { type Conduct, type Receiver, startReceiver } from "./receiver.ts";

export interface NodeUnderTest {
  readonly url: string;
  /** The API of the project `default`. */
  readonly api: Api;
  readonly receiver: Receiver;
  /** Resolves with the first fact, from now on, for which `isIt` is true. */
  nextFact(isIt: (fact: Fact) => boolean): Promise<Fact>;
}

const dataDirs: string[] = [];
process.once("exit", () => {
  for (const path of dataDirs) rmSync(path, { recursive: true, force: true });
});

/** A new data folder, gone when this process ends: nothing can still be running on it then. */
export function makeDataDir(): string {
  const path = mkdtempSync(join(tmpdir(), "posthorn-"));
  dataDirs.push(path);
  return path;
}

/** Starts a node and a receiver, and stops both after the test. */
export async function startNodeUnderTest(
  context: TestContext,
  { conduct, settings = {} }: { readonly conduct?: Conduct; readonly settings?: Readonly<Record<string, string>> } = {},
): Promise<NodeUnderTest> {
  const env = settingsFor({
    dataDir: makeDataDir(),
    port: 0,
    settings: { POSTHORN_SHUTDOWN_TIMEOUT_MS: "0", ...settings },
  });
  const loaded = loadConfig({ env, mode: "serve" });
  if (!loaded.ok) throw new Error(loaded.problems.join("\n"));
  const receiver = await startReceiver(conduct);
  const node = await startNode(loaded.config, "0.0.0-test");
  context.after(async () => {
    await node.stop();
    await receiver.close();
  });
  return {
    url: node.url,
    api: apiOf(node.url),
    receiver,
    nextFact: (isIt) =>
      new Promise((resolve) => {
        const stopListening = node.facts.listen((fact) => {
          if (!isIt(fact)) return;
          stopListening();
          resolve(fact);
        });
      }),
  };
}

/** The fact that a delivery has come to rest in `state`; of the trigger with that name. */
export function settles(trigger: string, state: "delivered" | "failed"): (fact: Fact) => boolean {
  return (fact) => fact.kind === "attempt.finished" && fact.trigger === trigger && fact.state === state;
}
