// Reads JSON into typed shapes, in camelCase or snake_case: the fourth and fifth layer of handling an event (SEEDS §4). What
// is not known is passed over, what is wrong is collected with its place.
import { parseTimestamp } from "@posthorn/wire/timestamp";
import { type Issue, isList, isObject, join } from "./schema-check.ts";
import type { StandardSchema } from "./standard-schema.ts";

/** Answers the value, or adds to `issues` and answers undefined. */
export type Read<Value> = (value: unknown, path: string, issues: Issue[]) => Value | undefined;

export interface Field<Value> {
  readonly read: Read<Value>;
  /** What an absent or null member is read as; without it the member is required. */
  readonly absent?: { readonly value: Value };
}

export type Fields<Shape> = { readonly [Name in keyof Shape]-?: Field<Shape[Name]> };

function scalar<Value>(isRight: (value: unknown) => value is Value, message: string): Field<Value> {
  return {
    read(value, path, issues) {
      if (isRight(value)) return value;
      issues.push({ path, message });
      return undefined;
    },
  };
}

export const integer: Field<number> = scalar(
  (value): value is number => Number.isSafeInteger(value),
  "must be an integer",
);
export const number: Field<number> = scalar((value) => typeof value === "number", "must be a number");
export const text: Field<string> = scalar((value) => typeof value === "string", "must be a string");
export const boolean: Field<boolean> = scalar((value) => typeof value === "boolean", "must be a boolean");

export const date: Field<Date> = {
  read(value, path, issues) {
    const at = typeof value === "string" ? parseTimestamp(value) : undefined;
    if (at !== undefined) return new Date(at);
    issues.push({ path, message: "must be an RFC 3339 date" });
    return undefined;
  },
};

export function oneOf<const Values extends readonly unknown[]>(...values: Values): Field<Values[number]> {
  const names = values.map((value) => JSON.stringify(value)).join(", ");
  return scalar((value): value is Values[number] => values.includes(value), `must be one of ${names}`);
}

export function listOf<Value>(field: Field<Value>): Field<readonly Value[]> {
  return {
    read(value, path, issues) {
      if (!isList(value)) {
        issues.push({ path, message: "must be an array" });
        return undefined;
      }
      const before = issues.length;
      const read = value.map((each, index) => field.read(each, join(path, index), issues));
      // Without an issue each of them was read.
      return issues.length === before ? (read as readonly Value[]) : undefined;
    },
  };
}

/** May be null or left out, and is null then. */
export function nullable<Value>(field: Field<Value>): Field<Value | null> {
  return { read: field.read, absent: { value: null } };
}

/** May be null or left out, and is undefined then. */
export function optional<Value>(field: Field<Value>): Field<Value | undefined> {
  return { read: field.read, absent: { value: undefined } };
}

/** May be null or left out, and is `value` then. */
export function withDefault<Value>(field: Field<Value>, value: Value): Field<Value> {
  return { read: field.read, absent: { value } };
}

/** Fields that are made when first needed, for shapes that hold themselves. */
export function lazy<Value>(make: () => Field<Value>): Field<Value> {
  return { read: (value, path, issues) => make().read(value, path, issues) };
}

export function record<Shape>(fields: Fields<Shape>): Field<Shape> {
  // The keys of an object made of these fields.
  const names = Object.keys(fields) as (keyof Shape & string)[];
  return {
    read(value, path, issues) {
      if (!isObject(value)) {
        issues.push({ path, message: "must be an object" });
        return undefined;
      }
      const before = issues.length;
      const shape: Partial<Record<keyof Shape, unknown>> = {};
      for (const name of names) {
        const read = readMember(value, name, fields[name], path, issues);
        if (read !== undefined) shape[name] = read;
      }
      // Without an issue every required field was read.
      return issues.length === before ? (shape as Shape) : undefined;
    },
  };
}

function readMember(
  object: Readonly<Record<string, unknown>>,
  name: string,
  field: Field<unknown>,
  path: string,
  issues: Issue[],
): unknown {
  const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const [camelValue, snakeValue] = [ownMember(object, name), ownMember(object, snake)];
  const place = join(path, name);
  if (snake !== name && camelValue !== undefined && snakeValue !== undefined) {
    issues.push({ path: place, message: `must not be there as ${snake} too` });
    return undefined;
  }
  const value = camelValue ?? snakeValue ?? null;
  if (value !== null) return field.read(value, place, issues);
  if (field.absent !== undefined) return field.absent.value;
  issues.push({ path: place, message: "is required" });
  return undefined;
}

function ownMember(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** A field that makes something else of what it has read. */
export function map<Value, Made>(field: Field<Value>, make: (value: Value) => Made): Field<Made> {
  return {
    read(value, path, issues) {
      const read = field.read(value, path, issues);
      return read === undefined ? undefined : make(read);
    },
  };
}

/** The field as a schema that `defineEvents` takes. */
export function schemaOf<Value>(field: Field<Value>): StandardSchema<unknown, Value> {
  return {
    "~standard": {
      version: 1,
      vendor: "posthorn",
      validate(value) {
        const issues: Issue[] = [];
        const read = field.read(value, "", issues);
        if (issues.length === 0 && read !== undefined) return { value: read };
        return { issues: issues.map(({ path, message }) => ({ message, path: path === "" ? [] : path.split(".") })) };
      },
    },
  };
}
