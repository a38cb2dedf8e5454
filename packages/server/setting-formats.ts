// How the text of a setting becomes a value: one format per kind of value, each with the rule that an error line quotes.
import { scryptSync } from "node:crypto";

/** `rule` completes the sentence "NAME must be …"; `read` answers undefined for text that breaks it. */
export interface Format<Value> {
  readonly rule: string;
  readonly read: (text: string) => Value | undefined;
  /** An empty text is a value of its own; for all other formats it means "not set". */
  readonly acceptsEmpty?: true;
}

export function anyText(): Format<string> {
  return { rule: "a text", read: (text) => text };
}

/** One word of at least `length` characters. */
export function word(length = 1): Format<string> {
  const rule = length === 1 ? "a text without spaces" : `a text of at least ${length} characters without spaces`;
  return { rule, read: (text) => (text.length >= length && !/\s/.test(text) ? text : undefined) };
}

export function wholeNumber(least: number, most: number, unit?: string): Format<number> {
  return {
    rule: `a whole number ${unit === undefined ? "" : `of ${unit} `}from ${least} to ${most}`,
    read: (text) => (/^\d{1,15}$/.test(text) ? within(Number(text), least, most) : undefined),
  };
}

const bytesPerUnit: Readonly<Record<string, number>> = { "": 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** A number of bytes, plain or in KiB, MiB or GiB. */
export function byteSize(least: number, most: number): Format<number> {
  return {
    rule: `a size from ${sizeText(least)} to ${sizeText(most)}, in bytes or like 512KiB`,
    read: (text) => {
      const [, digits, unit] = /^(\d{1,15}) ?(KiB|MiB|GiB|)$/.exec(text) ?? [];
      const bytes = Number(digits) * (bytesPerUnit[unit ?? ""] ?? Number.NaN);
      return within(bytes, least, most);
    },
  };
}

/** The same size in the largest unit that leaves a whole number: 1048576 is "1MiB". */
export function sizeText(bytes: number): string {
  const unit = ["GiB", "MiB", "KiB"].find((name) => bytes % (bytesPerUnit[name] ?? 1) === 0) ?? "";
  return `${bytes / (bytesPerUnit[unit] ?? 1)}${unit}`;
}

export function yesOrNo(): Format<boolean> {
  const values = new Map([
    ["true", true],
    ["1", true],
    ["false", false],
    ["0", false],
  ]);
  return { rule: "true or false", read: (text) => values.get(text) };
}

export function oneOf<Word extends string>(words: readonly Word[]): Format<Word> {
  return { rule: `one of ${words.join(", ")}`, read: (text) => words.find((each) => each === text) };
}

/** A comma-separated list that may be empty. What the entries mean is for the reader of the setting to check. */
export function listOfWords(): Format<readonly string[]> {
  return {
    rule: "a comma-separated list of texts without spaces",
    read: (text) => (text === "" ? [] : entriesOf(text, word().read)),
    acceptsEmpty: true,
  };
}

/** A comma-separated list of at least one of the given words, each at most once. */
export function someOf<Word extends string>(words: readonly Word[]): Format<readonly Word[]> {
  return {
    rule: `a comma-separated list of different words among ${words.join(", ")}`,
    read: (text) => {
      const chosen = entriesOf(text, oneOf(words).read);
      return new Set(chosen).size === chosen?.length ? chosen : undefined;
    },
  };
}

/** Answered without a slash at the end, so that a path can follow. */
export function baseUrl(): Format<string> {
  return {
    rule: "a URL that begins with http:// or https://, without a query",
    read: (text) => (/^https?:\/\/[^\s?#]+$/.test(text) && URL.canParse(text) ? text.replace(/\/+$/, "") : undefined),
  };
}

/** RFC 1123. */
export function dnsName(): Format<string> {
  const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
  return {
    rule: "a DNS name such as events.example.com",
    read: (text) => (text.length <= 253 && text.split(".").every((each) => label.test(each)) ? text : undefined),
  };
}

export function postgresUrl(): Format<string> {
  return {
    rule: "a URL that begins with postgres:// or postgresql://",
    read: (text) => (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text) ? text : undefined),
  };
}

/** A key of `count` bytes: the bytes themselves in base64 or hex, or a passphrase that is stretched to them. */
export function keyOf(count: number): Format<Uint8Array> {
  return {
    rule: `${count} bytes in base64 or hex, or a passphrase of at least ${minPassphrase} characters`,
    read: (text) => {
      if (/^[0-9a-fA-F]+$/.test(text) && text.length === count * 2) return new Uint8Array(Buffer.from(text, "hex"));
      const bytes = /^[\w+/-]+={0,2}$/.test(text) ? Buffer.from(text, "base64") : undefined;
      if (bytes?.length === count) return new Uint8Array(bytes);
      // The salt is fixed, since all nodes of a fleet must come to the same key from the setting alone.
      return text.length < minPassphrase ? undefined : new Uint8Array(scryptSync(text, "posthorn secret key", count));
    },
  };
}

const minPassphrase = 16;

function within(value: number, least: number, most: number): number | undefined {
  return value >= least && value <= most ? value : undefined;
}

function entriesOf<Entry>(text: string, read: (entry: string) => Entry | undefined): readonly Entry[] | undefined {
  const entries = text.split(",").map((entry) => read(entry.trim()));
  return entries.every((entry) => entry !== undefined) ? entries : undefined;
}
