// Delays as people write them: "5m" or a number of seconds.

/** A number and its unit, such as "90s", "5m", "1.5h"; or a number of seconds. */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h" | "d"}`;

const secondsOfUnit = new Map([
  ["ms", 0.001],
  ["s", 1],
  ["m", 60],
  ["h", 3600],
  ["d", 86_400],
]);

/**
 * Seconds, at least 0.
 * @throws TypeError for what is no duration.
 */
export function secondsOf(duration: Duration): number {
  const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(String(duration)) ?? [];
  const seconds = typeof duration === "number" ? duration : Number(digits || "x") * (secondsOfUnit.get(unit) ?? 1);
  if (seconds >= 0 && Number.isFinite(seconds)) return seconds;
  throw new TypeError(
    `a delay is seconds, or a number with ms, s, m, h or d, such as "5m"; not ${JSON.stringify(duration)}`,
  );
}
