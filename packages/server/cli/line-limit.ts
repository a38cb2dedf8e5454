// Keeps a busy node readable: so many lines a second and no more; what is over is counted and summed up in one line.
import type { Clock } from "../outside/clock.ts";
import type { Happening } from "./happenings.ts";

const windowMs = 1000;

/** Answers the function that shows a happening, or counts it. `print` is called with whole lines. */
export function limitLines(
  clock: Clock,
  linesPerSecond: number,
  print: (line: string) => void,
): (happening: Happening) => void {
  let shown = 0;
  let windowEndsAt = Number.NEGATIVE_INFINITY;
  const hidden = new Map<Happening["word"], number>();

  function sumUp(): void {
    if (hidden.size === 0) return;
    const counts = [...hidden].map(([word, count]) => `${count} ${word}`).join(", ");
    print(`… and more: ${counts}`);
    hidden.clear();
  }

  return ({ word, line }) => {
    if (clock.now() >= windowEndsAt) {
      shown = 0;
      windowEndsAt = clock.now() + windowMs;
      clock.at(windowEndsAt, sumUp);
    }
    shown += 1;
    if (shown <= linesPerSecond) print(line);
    else hidden.set(word, (hidden.get(word) ?? 0) + 1);
  };
}
