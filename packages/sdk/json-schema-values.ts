// The keywords of JSON Schema for any value, for text and for numbers.
import { canonicalText, isList, type Keyword, listOf, numberOf, rule, type SchemaCheck } from "./schema-check.ts";

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

const articles = new Map([
  ["array", "an array"],
  ["integer", "an integer"],
  ["object", "an object"],
  ["null", "null"],
]);

function isOfType(value: unknown, name: unknown): boolean {
  switch (name) {
    case "null":
      return value === null;
    case "array":
      return isList(value);
    case "object":
      return typeof value === "object" && value !== null && !isList(value);
    case "integer":
      return Number.isInteger(value);
    case "string":
    case "number":
    case "boolean":
      return typeof value === name;
    default:
      throw new TypeError(`${JSON.stringify(name)} is no type of JSON`);
  }
}

const type: Keyword = (argument) => {
  const names = isList(argument) ? argument : [argument];
  // A wrong name throws here, not at the first event.
  for (const name of names) isOfType(undefined, name);
  const message = `must be ${names.map((name) => articles.get(String(name)) ?? `a ${name}`).join(" or ")}`;
  return (value, path, issues) => {
    if (!names.some((name) => isOfType(value, name))) issues.push({ path, message });
  };
};

const enumeration: Keyword = (argument) => {
  const texts = listOf(argument).map(canonicalText);
  return oneOfTexts(new Set(texts), `must be one of ${texts.join(", ")}`);
};

const constant: Keyword = (argument) => {
  const text = canonicalText(argument);
  return oneOfTexts(new Set([text]), `must be ${text}`);
};

function oneOfTexts(texts: ReadonlySet<string>, message: string): SchemaCheck {
  return (value, path, issues) => {
    if (!texts.has(canonicalText(value))) issues.push({ path, message });
  };
}

/** The specification counts code points, JavaScript halves of pairs. */
function lengthOf(text: string): number {
  return [...text].length;
}

const pattern: Keyword = (argument) => {
  const expression = new RegExp(String(argument), "u");
  return rule(isText, (text) => expression.test(text), `must match ${argument}`);
};

/** Keywords that compare a number with their own. */
function limit(holds: (value: number, limit: number) => boolean, words: string): Keyword {
  return (argument) => {
    const bound = numberOf(argument);
    return rule(isNumber, (value) => holds(value, bound), `must be ${words} ${bound}`);
  };
}

function textLimit(holds: (length: number, limit: number) => boolean, words: string): Keyword {
  return (argument) => {
    const bound = numberOf(argument);
    return rule(isText, (text) => holds(lengthOf(text), bound), `must be ${words} ${bound} characters long`);
  };
}

export const valueKeywords: Readonly<Record<string, Keyword>> = {
  type,
  enum: enumeration,
  const: constant,
  pattern,
  minLength: textLimit((length, least) => length >= least, "at least"),
  maxLength: textLimit((length, most) => length <= most, "at most"),
  minimum: limit((value, least) => value >= least, "at least"),
  maximum: limit((value, most) => value <= most, "at most"),
  exclusiveMinimum: limit((value, bound) => value > bound, "more than"),
  exclusiveMaximum: limit((value, bound) => value < bound, "less than"),
  multipleOf: limit((value, step) => Number.isInteger(value / step), "a multiple of"),
};
