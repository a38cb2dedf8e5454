// What the keywords of JSON Schema are made of, in this package: a check is a function that adds issues to a list.

/** One thing that is wrong with data. */
export interface Issue {
  /** Where in the data: "items.0.price", or "" for the whole. */
  readonly path: string;
  readonly message: string;
}

/** A JSON Schema as an object. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** Adds what is wrong with `value`, which stands at `path`, to `issues`. */
export type SchemaCheck = (value: unknown, path: string, issues: Issue[]) => void;

/** What a keyword needs to compile the schemas inside its own. */
export type Compile = (schema: unknown) => SchemaCheck;

/** Makes the check of one keyword; undefined where another keyword of the schema does the work. */
export type Keyword = (argument: unknown, schema: JsonSchema, compile: Compile) => SchemaCheck | undefined;

export function isObject(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True when `value` breaks no rule of `check`. */
export function fits(check: SchemaCheck, value: unknown, path: string): boolean {
  const issues: Issue[] = [];
  check(value, path, issues);
  return issues.length === 0;
}

export function join(path: string, step: string | number): string {
  return path === "" ? String(step) : `${path}.${step}`;
}

/** A check with one rule for values of one kind; others pass, as JSON Schema has it. */
export function rule<Kind>(
  isKind: (value: unknown) => value is Kind,
  holds: (value: Kind) => boolean,
  message: string,
): SchemaCheck {
  return (value, path, issues) => {
    if (isKind(value) && !holds(value)) issues.push({ path, message });
  };
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

export function listOf(argument: unknown): readonly unknown[] {
  if (isList(argument)) return argument;
  throw new TypeError(`${JSON.stringify(argument)} must be a list`);
}

export function numberOf(argument: unknown): number {
  if (typeof argument === "number") return argument;
  throw new TypeError(`${JSON.stringify(argument)} must be a number`);
}

/** The same text for JSON values that are equal: by what they hold, whatever the order of keys. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) =>
    isObject(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}
