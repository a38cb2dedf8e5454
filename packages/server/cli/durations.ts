// Spans of time as people write and read them.

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Seconds of `300`, `1.5s`, `250ms`, `5m`, `2h` or `7d`; undefined for anything else. */
export function parseSeconds(text: string): number | undefined {
  const [, digits, unit = "s"] = /^(\d{1,12}(?:\.\d{1,3})?)(ms|[smhd])?$/.exec(text) ?? [];
  return digits === undefined ? undefined : (Number(digits) * (unitMs[unit] ?? 0)) / 1000;
}

/** In the unit that needs the fewest digits: `3 ms`, `4.2 s`, `5 min`, `2 h`, `3 days`. */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 99_500) return `${rounded(ms / 1000, ms < 9_950 ? 1 : 0)} s`;
  if (ms < 99 * 60_000) return `${rounded(ms / 60_000, 0)} min`;
  if (ms < 48 * 3_600_000) return `${rounded(ms / 3_600_000, 0)} h`;
  return `${rounded(ms / 86_400_000, 0)} days`;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
