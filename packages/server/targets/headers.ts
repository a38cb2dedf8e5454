// The request headers that a trigger's user adds to a webhook's: which they may be, and how they are shown in the
// record.

const maxTargetHeaders = 32;
/** Names and values together. */
const maxTargetHeaderBytes = 8 * 1024;

export type TargetHeadersCheck =
  | { readonly ok: true; readonly headers: Readonly<Record<string, string>> }
  /** `name` is empty where the whole set breaks the rule. */
  | { readonly ok: false; readonly name: string; readonly detail: string };

/** Names that say how the message is framed or what it means: the platform writes them itself. */
const reservedNames = new Set(
  "accept-encoding connection expect host keep-alive proxy-connection te trailer transfer-encoding upgrade".split(" "),
);
const reservedPrefix = /^(?:content|ce|webhook)-/;
/** RFC 9110 §5.6.2. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** RFC 9110 §5.5: one line of Latin-1. */
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

const credentialName = /^(?:proxy-)?authorization$|^cookie$|token|secret|key|password/i;
const mask = "***";

/** Checks a user's headers; the answer has their names in lower case. */
export function checkTargetHeaders(headers: Readonly<Record<string, string>>): TargetHeadersCheck {
  const entries = Object.entries(headers);
  if (entries.length > maxTargetHeaders) return refuse("", `a target has at most ${maxTargetHeaders} headers`);
  const checked = new Map<string, string>();
  let bytes = 0;
  for (const [name, value] of entries) {
    const lowerName = name.toLowerCase();
    const rule = checked.has(lowerName) ? "is given twice" : brokenRule(lowerName, value);
    if (rule !== undefined) return refuse(name, `the header ${JSON.stringify(name)} ${rule}`);
    checked.set(lowerName, value);
    bytes += name.length + value.length;
  }
  if (bytes > maxTargetHeaderBytes)
    return refuse("", `the headers of a target have at most ${maxTargetHeaderBytes} bytes`);
  return { ok: true, headers: Object.fromEntries(checked) };
}

/** The same headers with every value that may be a credential replaced. */
export function maskCredentials(headers: Readonly<Record<string, string>>): Record<string, string> {
  const masked: Record<string, string> = {};
  for (const name in headers) masked[name] = credentialName.test(name) ? mask : (headers[name] ?? "");
  return masked;
}

function brokenRule(lowerName: string, value: string): string | undefined {
  if (!token.test(lowerName)) return "is not a legal name (RFC 9110 §5.6.2)";
  if (reservedNames.has(lowerName) || reservedPrefix.test(lowerName)) return "is reserved: Posthorn writes it itself";
  if (!fieldValue.test(value)) return "may only hold one line of Latin-1 text";
  return undefined;
}

function refuse(name: string, detail: string): TargetHeadersCheck {
  return { ok: false, name, detail };
}
