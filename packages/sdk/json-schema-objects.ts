// The keywords of JSON Schema for objects. Only own members count: `__proto__` and `constructor` are names like any other.
import {
  fits,
  isObject,
  type JsonSchema,
  join,
  type Keyword,
  listOf,
  numberOf,
  rule,
  type SchemaCheck,
} from "./schema-check.ts";

function checksByName(
  argument: unknown,
  compile: (schema: unknown) => SchemaCheck,
): readonly (readonly [string, SchemaCheck])[] {
  if (!isObject(argument)) throw new TypeError(`${JSON.stringify(argument)} must be an object of schemas`);
  return Object.entries(argument).map(([name, schema]) => [name, compile(schema)] as const);
}

const properties: Keyword = (argument, _schema, compile) => {
  const checks = checksByName(argument, compile);
  return (value, path, issues) => {
    if (!isObject(value)) return;
    for (const [name, check] of checks) if (Object.hasOwn(value, name)) check(value[name], join(path, name), issues);
  };
};

function patternsOf(
  argument: unknown,
  compile: (schema: unknown) => SchemaCheck,
): readonly (readonly [RegExp, SchemaCheck])[] {
  return checksByName(argument, compile).map(([pattern, check]) => [new RegExp(pattern, "u"), check] as const);
}

const patternProperties: Keyword = (argument, _schema, compile) => {
  const patterns = patternsOf(argument, compile);
  return (value, path, issues) => {
    if (!isObject(value)) return;
    for (const [name, member] of Object.entries(value))
      for (const [pattern, check] of patterns) if (pattern.test(name)) check(member, join(path, name), issues);
  };
};

/** Whatever neither `properties` nor `patternProperties` of the same schema speaks of. */
const additionalProperties: Keyword = (argument, schema, compile) => {
  const check = compile(argument);
  const isSpokenOf = spokenOf(schema, compile);
  return (value, path, issues) => {
    if (!isObject(value)) return;
    for (const [name, member] of Object.entries(value)) if (!isSpokenOf(name)) check(member, join(path, name), issues);
  };
};

function spokenOf(schema: JsonSchema, compile: (schema: unknown) => SchemaCheck): (name: string) => boolean {
  const names = new Set(Object.keys(isObject(schema.properties) ? schema.properties : {}));
  const patterns = patternsOf(schema.patternProperties ?? {}, compile).map(([pattern]) => pattern);
  return (name) => names.has(name) || patterns.some((pattern) => pattern.test(name));
}

const propertyNames: Keyword = (argument, _schema, compile) => {
  const check = compile(argument);
  return (value, path, issues) => {
    if (!isObject(value)) return;
    for (const name of Object.keys(value))
      if (!fits(check, name, path)) issues.push({ path: join(path, name), message: "must not have this name" });
  };
};

const required: Keyword = (argument) => {
  const names = listOf(argument).map(String);
  return (value, path, issues) => {
    if (!isObject(value)) return;
    for (const name of names)
      if (!Object.hasOwn(value, name)) issues.push({ path: join(path, name), message: "is required" });
  };
};

const dependentRequired: Keyword = (argument) => {
  const needs = Object.entries(isObject(argument) ? argument : {}).map(
    ([name, list]) => [name, listOf(list).map(String)] as const,
  );
  return (value, path, issues) => {
    if (!isObject(value)) return;
    for (const [name, needed] of needs)
      for (const each of Object.hasOwn(value, name) ? needed : [])
        if (!Object.hasOwn(value, each)) issues.push({ path: join(path, each), message: `is required beside ${name}` });
  };
};

function countLimit(holds: (count: number, limit: number) => boolean, words: string): Keyword {
  return (argument) => {
    const bound = numberOf(argument);
    return rule(isObject, (value) => holds(Object.keys(value).length, bound), `must have ${words} ${bound} members`);
  };
}

export const objectKeywords: Readonly<Record<string, Keyword>> = {
  properties,
  patternProperties,
  additionalProperties,
  propertyNames,
  required,
  dependentRequired,
  minProperties: countLimit((count, least) => count >= least, "at least"),
  maxProperties: countLimit((count, most) => count <= most, "at most"),
};
