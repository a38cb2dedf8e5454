// What can be wrong with words on the wire, as values: every decoder answers a Result, and none of them throws.

export type WireFaultCode =
  | "invalid_utf8"
  | "invalid_json"
  | "duplicate_key"
  | "json_too_deep"
  | "wrong_type"
  | "missing_attribute"
  | "invalid_attribute"
  | "invalid_attribute_name"
  | "unsupported_specversion"
  | "unknown_field"
  | "invalid_field"
  | "conflicting_fields"
  | "invalid_data"
  | "invalid_header"
  | "duplicate_header"
  | "invalid_secret"
  | "missing_header"
  | "bad_timestamp"
  | "timestamp_too_old"
  | "timestamp_too_new"
  | "no_match";

/** A fault before it knows where it stands. */
export interface Problem {
  readonly code: WireFaultCode;
  /** One sentence that names the field and the rule. */
  readonly detail: string;
}

export interface WireFault extends Problem {
  /** RFC 6901 in its URI fragment form: "#/3/source"; "#" for the whole, and for whatever stands in a header. */
  readonly pointer: string;
}

export interface Success<T> {
  readonly ok: true;
  readonly value: T;
}
export interface Failure {
  readonly ok: false;
  /** At least one. */
  readonly faults: readonly WireFault[];
}
export type Result<T> = Success<T> | Failure;

export function success<T>(value: T): Success<T> {
  return { ok: true, value };
}

export function mapResult<Given, Made>(result: Result<Given>, make: (value: Given) => Made): Result<Made> {
  return result.ok ? success(make(result.value)) : result;
}

export function failure(code: WireFaultCode, detail: string, pointer = "#"): Failure {
  return { ok: false, faults: [{ code, detail, pointer }] };
}

export function problem(code: WireFaultCode, detail: string): Problem {
  return { code, detail };
}

/** Decoders stop looking for faults here, so that a hostile body is not answered with a larger one. */
export const maxFaults = 100;

const maxShownLength = 64;

/** A name out of a body, quoted for a sentence and cut to what can be read. */
export function showName(name: string): string {
  return JSON.stringify(name.slice(0, maxShownLength));
}

/** The pointer to a member or an element of what `pointer` points to; of an overlong name only the beginning. */
export function pointerInto(pointer: string, token: string | number): string {
  const escaped = String(token).slice(0, maxShownLength).toWellFormed().replaceAll("~", "~0").replaceAll("/", "~1");
  return `${pointer}/${encodeURIComponent(escaped)}`;
}
