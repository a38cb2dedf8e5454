// Reads the header Retry-After of an answer (RFC 9110 §10.2.3, STANDARDS §6.4), so that the next try can obey it.

/** No target can put a delivery off for longer (SEEDS, "Where the four conflict", 5). */
export const maxRetryAfterMs = 24 * 60 * 60 * 1000;

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const month = `(?<month>${months.join("|")})`;
const time = "(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)";
const shortDay = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const longDay = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day";

/** The three forms of HTTP-date that a recipient must accept: IMF-fixdate, RFC 850 and asctime. */
const dateForms = [
  new RegExp(`^${shortDay}, (?<day>\\d\\d) ${month} (?<year>\\d{4}) ${time} GMT$`),
  new RegExp(`^${longDay}, (?<day>\\d\\d)-${month}-(?<year>\\d\\d) ${time} GMT$`),
  new RegExp(`^${shortDay} ${month} (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})$`),
];

/**
 * How long `value` asks to wait from `nowMs` on, in milliseconds: 0 for a date that has passed, at most 24 hours.
 * `undefined` where it is neither delay-seconds nor a date: a malformed wish is ignored.
 */
export function parseRetryAfter(value: string, nowMs: number): number | undefined {
  const text = value.trim();
  // Svix takes fractions of seconds here; the grammar is 1*DIGIT.
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, maxRetryAfterMs);
  const at = parseHttpDate(text, nowMs);
  return at === undefined ? undefined : Math.min(Math.max(at - nowMs, 0), maxRetryAfterMs);
}

function parseHttpDate(text: string, nowMs: number): number | undefined {
  for (const form of dateForms) {
    const parts = form.exec(text)?.groups;
    if (parts !== undefined) return toMilliseconds(parts, nowMs);
  }
  return undefined;
}

function toMilliseconds(parts: Readonly<Record<string, string>>, nowMs: number): number | undefined {
  const part = (name: string): number => Number(parts[name]);
  const year = parts.year?.length === 2 ? expandYear(part("year"), nowMs) : part("year");
  const monthIndex = months.indexOf(parts.month ?? "");
  // Date.UTC carries 31 June over into July, and would read the year 0050 as 1950: what does not come back is no date.
  const at = new Date(Date.UTC(year, monthIndex, part("day"), part("hour"), part("minute"), part("second")));
  const isReal =
    at.getUTCFullYear() === year &&
    at.getUTCMonth() === monthIndex &&
    at.getUTCDate() === part("day") &&
    at.getUTCHours() === part("hour") &&
    at.getUTCMinutes() === part("minute");
  return isReal && part("second") <= 60 ? at.getTime() : undefined;
}

/** RFC 9110 §5.6.7: two digits that seem to lie more than 50 years ahead mean the past. */
function expandYear(twoDigits: number, nowMs: number): number {
  const thisYear = new Date(nowMs).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + twoDigits;
  return year > thisYear + 50 ? year - 100 : year;
}
