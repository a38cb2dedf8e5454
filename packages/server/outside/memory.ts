// The door to the engine's memory. V8 collects when it needs room; a process that falls quiet after a storm needs none, and
// would hold what the storm left for days.
import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

export interface Memory {
  /** What the heap has taken from the machine, garbage included, in bytes. */
  heapBytes(): number;
  /** Collects all garbage and gives pages back: some ten milliseconds in which nothing else runs. */
  collect(): void;
}

/** A larger young generation made nothing faster here; left alone it takes 128 MB in the first storm. */
const youngGenerationBytes = 32 * 1024 * 1024;

export function createMemory(): Memory {
  setFlagsFromString("--expose-gc");
  // The function that the flag puts into every new context; the contexts that are there stay as they were.
  const collect = runInNewContext("gc") as (wish: object) => void;
  const letYoungGenerationGrow = boundYoungGeneration();
  letYoungGenerationGrow();
  return {
    heapBytes: () => getHeapStatistics().total_heap_size,
    collect() {
      // The last resort also compacts; a regular collection leaves the pages of the old generation half empty.
      collect({ type: "major", execution: "sync", flavor: "last-resort" });
      letYoungGenerationGrow();
    },
  };
}

/**
 * Answers the function that lets the young generation grow with the work, up to its bound. It is small before the first
 * call, since bin/posthorn.js held it so while the program was loaded, and after each collection.
 */
function boundYoungGeneration(): () => void {
  const observer = new PerformanceObserver(() => {
    const young = getHeapSpaceStatistics().find((space) => space.space_name === "new_space");
    if ((young?.space_size ?? 0) < youngGenerationBytes) return;
    setFlagsFromString("--semi-space-growth-factor=1");
    observer.disconnect();
  });
  return () => {
    setFlagsFromString("--semi-space-growth-factor=2");
    observer.observe({ entryTypes: ["gc"] });
  };
}
