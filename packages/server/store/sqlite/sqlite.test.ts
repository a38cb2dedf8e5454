// The embedded store passes the suite of the seam.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../outside/clock.ts";
import { systemRandomness } from "../../outside/randomness.ts";
import { type StoreUnderTest, storeConformance } from "../conformance.ts";
import { openSqliteStore } from "./open.ts";

storeConformance("embedded", async () => open(await mkdtemp(join(tmpdir(), "posthorn-store-"))));

async function open(dataDir: string): Promise<StoreUnderTest> {
  const store = await openSqliteStore({ dataDir, clock: systemClock, randomness: systemRandomness });
  return {
    store,
    async reopen() {
      await store.close();
      return open(dataDir);
    },
    async close() {
      await store.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
