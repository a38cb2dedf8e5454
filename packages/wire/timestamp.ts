// RFC 3339 timestamps by hand: Date.parse accepts what the standard forbids and loses what is finer than milliseconds.
// The text of a timestamp is what travels; the number is for those who must compare or wait.

/** What a Date can hold, either way from 1970. */
export const maxInstantMs = 8.64e15;

const dayMs = 86_400_000;

/**
 * Milliseconds since 1970 of an RFC 3339 timestamp, finer fractions cut off; undefined when it is none. Lower-case `t`
 * and `z` are legal (§5.6), the offset goes to ±23:59. Second 60 is legal only where a leap second can be, in the last
 * minute of a month in UTC (§5.7), and counts as the second after it.
 */
export function parseTimestamp(text: string): number | undefined {
  const day = parseDay(text);
  const seconds = parseTimeOfDay(text);
  if (day < 0 || seconds < 0 || (text.charCodeAt(10) | 0x20) !== 0x74) return undefined;
  const fractionEnd = skipFraction(text);
  const offsetMinutes = parseOffset(text, fractionEnd);
  if (fractionEnd < 0 || offsetMinutes === undefined) return undefined;
  const at = (day - daysTo1970) * dayMs + seconds * 1000 - offsetMinutes * 60_000;
  if (text.startsWith("60", 17) && !isFirstOfMonth(at)) return undefined;
  return at + milliseconds(text, fractionEnd);
}

const daysTo1970 = daysBefore(1970, 1);

/** Days on the scale of `daysBefore`, or -1. */
function parseDay(text: string): number {
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  if (text.charCodeAt(4) !== 0x2d || text.charCodeAt(7) !== 0x2d) return -1;
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return -1;
  return daysBefore(year, month) + day - 1;
}

/** Seconds since midnight, or -1. */
function parseTimeOfDay(text: string): number {
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  const second = digits(text, 17, 2);
  if (text.charCodeAt(13) !== 0x3a || text.charCodeAt(16) !== 0x3a) return -1;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return -1;
  return hour * 3600 + minute * 60 + second;
}

/** Where the fraction of the second ends, if there is one; -1 for a point without digits. */
function skipFraction(text: string): number {
  if (text.charCodeAt(19) !== 0x2e) return 19;
  let at = 20;
  while (digits(text, at, 1) >= 0) at += 1;
  return at === 20 ? -1 : at;
}

function parseOffset(text: string, at: number): number | undefined {
  const sign = text.charCodeAt(at);
  if ((sign | 0x20) === 0x7a) return text.length === at + 1 ? 0 : undefined;
  const hours = digits(text, at + 1, 2);
  const minutes = digits(text, at + 4, 2);
  if ((sign !== 0x2b && sign !== 0x2d) || text.charCodeAt(at + 3) !== 0x3a || text.length !== at + 6) return undefined;
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return undefined;
  const total = hours * 60 + minutes;
  return sign === 0x2b ? total : -total;
}

function milliseconds(text: string, fractionEnd: number): number {
  return fractionEnd === 19 ? 0 : digits(text.slice(20, Math.min(fractionEnd, 23)).padEnd(3, "0"), 0, 3);
}

/** The number that `count` ASCII digits from `at` on make, or -1. */
function digits(text: string, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index += 1) {
    const digit = text.charCodeAt(index) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function daysIn(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days to the first of a month from a first of March, one cycle of 400 years before the year 0, so that none is negative. */
function daysBefore(year: number, month: number): number {
  const shiftedYear = (month > 2 ? year : year - 1) + 400;
  const shiftedMonth = month > 2 ? month - 3 : month + 9;
  const leapDays = Math.floor(shiftedYear / 4) - Math.floor(shiftedYear / 100) + Math.floor(shiftedYear / 400);
  // The lengths of the months from March on, summed up: the usual trick of 153 days in five months.
  return shiftedYear * 365 + leapDays + Math.floor((153 * shiftedMonth + 2) / 5);
}

function isFirstOfMonth(at: number): boolean {
  return at % dayMs === 0 && new Date(at).getUTCDate() === 1;
}
