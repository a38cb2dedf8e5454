// Checks data against a JSON Schema (2020-12), without dependencies and without making code, which edge runtimes forbid. The
// keywords it knows are those of most event schemas; a schema that uses any other is refused when it is defined.
import { arrayKeywords } from "./json-schema-arrays.ts";
import { objectKeywords } from "./json-schema-objects.ts";
import { valueKeywords } from "./json-schema-values.ts";
import {
  type Compile,
  fits,
  type Issue,
  isObject,
  type JsonSchema,
  type Keyword,
  listOf,
  type SchemaCheck,
} from "./schema-check.ts";

const annotations = new Set([
  ...["$schema", "$id", "$comment", "$anchor", "$defs", "definitions", "title", "description", "default", "examples"],
  ...["deprecated", "readOnly", "writeOnly", "format", "contentEncoding", "contentMediaType", "contentSchema"],
]);

/**
 * Answers a function that tells all issues of a value, none when it fits.
 * @throws TypeError for what is no schema, or one that this package cannot check in full.
 */
export function compileJsonSchema(root: JsonSchema): (value: unknown) => readonly Issue[] {
  const known = new Map<unknown, SchemaCheck>();
  const compile: Compile = (schema) => {
    if (typeof schema === "boolean") return schema ? passes : refuses;
    if (!isObject(schema)) throw new TypeError(`${JSON.stringify(schema)} is no JSON Schema`);
    const compiled = known.get(schema);
    if (compiled !== undefined) return compiled;
    const checks: SchemaCheck[] = [];
    const check = inTurn(checks);
    // Known before its keywords are, so that a schema may refer to itself.
    known.set(schema, check);
    checks.push(...checksOf(schema, root, compile));
    return check;
  };
  const check = compile(root);
  return (value) => {
    const issues: Issue[] = [];
    check(value, "", issues);
    return issues;
  };
}

const passes: SchemaCheck = () => {};

const refuses: SchemaCheck = (_value, path, issues) => {
  issues.push({ path, message: "must not be there" });
};

function inTurn(checks: readonly SchemaCheck[]): SchemaCheck {
  return (value, path, issues) => {
    for (const check of checks) check(value, path, issues);
  };
}

function checksOf(schema: JsonSchema, root: JsonSchema, compile: Compile): readonly SchemaCheck[] {
  return Object.entries(schema).flatMap(([keyword, argument]) => {
    if (annotations.has(keyword)) return [];
    if (keyword === "$ref") return [compile(resolve(root, argument))];
    const make = keywords.get(keyword);
    if (make === undefined) throw new TypeError(`the keyword ${JSON.stringify(keyword)} is not supported`);
    return make(argument, schema, compile) ?? [];
  });
}

/** `#`, `#/$defs/name` and any other pointer into the same schema. */
function resolve(root: JsonSchema, reference: unknown): unknown {
  const pointer = typeof reference === "string" && /^#(\/|$)/.test(reference) ? reference.slice(1) : undefined;
  const found = pointer?.split("/").slice(1).map(unescapePointer).reduce<unknown>(memberOf, root);
  if (found !== undefined) return found;
  throw new TypeError(`the $ref ${JSON.stringify(reference)} leads nowhere in its schema`);
}

function unescapePointer(token: string): string {
  return decodeURIComponent(token).replaceAll("~1", "/").replaceAll("~0", "~");
}

function memberOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

const allOf: Keyword = (argument, _schema, compile) => inTurn(listOf(argument).map(compile));

/** A keyword that counts how many of several schemas a value fits. */
function counting(holds: (fitting: number) => boolean, message: string): Keyword {
  return (argument, _schema, compile) => {
    const checks = listOf(argument).map(compile);
    return (value, path, issues) => {
      if (!holds(checks.filter((check) => fits(check, value, path)).length)) issues.push({ path, message });
    };
  };
}

const not: Keyword = (argument, _schema, compile) => {
  const check = compile(argument);
  return (value, path, issues) => {
    if (fits(check, value, path)) issues.push({ path, message: "must not be of this shape" });
  };
};

const ifThenElse: Keyword = (argument, schema, compile) => {
  const condition = compile(argument);
  const [yes, no] = [compile(schema.then ?? true), compile(schema.else ?? true)];
  return (value, path, issues) => (fits(condition, value, path) ? yes : no)(value, path, issues);
};

const keywords: ReadonlyMap<string, Keyword> = new Map<string, Keyword>([
  ...Object.entries({ ...valueKeywords, ...objectKeywords, ...arrayKeywords }),
  ["allOf", allOf],
  ["anyOf", counting((fitting) => fitting > 0, "must be of one of the shapes")],
  ["oneOf", counting((fitting) => fitting === 1, "must be of exactly one of the shapes")],
  ["not", not],
  ["if", ifThenElse],
  ["then", () => undefined],
  ["else", () => undefined],
]);
