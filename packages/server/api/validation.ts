// Holds bodies, queries and paths against their routes' schemas, and says what is wrong so that a user understands: which
// field, which rule, where. Nothing is coerced, dropped or filled in, and every fault is told.
import { parseTimestamp } from "@posthorn/wire/timestamp";
import type { FastifySchemaCompiler } from "fastify";
import type { TSchema } from "typebox";
import type { TValidationError } from "typebox/error";
import Format from "typebox/format";
import { Check, Compile, Errors, type Validator } from "typebox/schema";
import { Settings } from "typebox/system";
import { type CodedFault, maxFaults, Problem, problemOf } from "./problems.ts";

Format.Set("date-time", (text) => parseTimestamp(text) !== undefined);
Settings.Set({ maxErrors: maxFaults });

/** The framework's hook for validation. */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  if (httpPart === "body") return (value: unknown) => validateBody(schema, value);
  const check = compiledWhenUsed(schema);
  return (value: unknown) => {
    if (check(value)) return { value };
    const broken = brokenRules(schema, value);
    return { error: httpPart === "querystring" ? problemOfQuery(broken) : problemOfPath(broken) };
  };
};

/** To compile every schema at the start would cost a quarter of a second; a route that is used pays for its own, once. */
function compiledWhenUsed(schema: TSchema): (value: unknown) => boolean {
  let compiled: Validator | undefined;
  return (value) => {
    compiled ??= Compile(schema);
    return compiled.Check(value);
  };
}

/** The framework hands over null where there is no body. That is as good as an empty object, where one will do. */
function validateBody(schema: TSchema, value: unknown): { readonly value: unknown } | { readonly error: Problem } {
  const body = value ?? {};
  if (Check(schema, body)) return { value: body };
  if (value === null) return { error: new Problem("body_missing", "this request needs a body: a JSON object") };
  return { error: problemOf(brokenRules(schema, body).flatMap(faultsOf)) };
}

/** A rule that is broken, with the schema that holds it. */
interface BrokenRule {
  readonly rule: TValidationError & { readonly message: string };
  readonly schema: unknown;
}

function brokenRules(schema: TSchema, value: unknown): readonly BrokenRule[] {
  const [, errors] = Errors(schema, value);
  const isOfWrongType = new Set(errors.filter(isWrongType).map((error) => error.instancePath));
  return errors
    .filter((error) => isWrongType(error) || (tellsSomething(error) && !isOfWrongType.has(error.instancePath)))
    .map((rule) => ({ rule, schema: schemaAt(schema, rule.schemaPath) }));
}

/** A choice between something and null is told by what it should have been. */
function isWrongType(error: TValidationError): boolean {
  return error.keyword === "type" && error.params.type !== "null";
}

/** These only repeat what another error says more exactly. */
function tellsSomething({ keyword }: TValidationError): boolean {
  return keyword !== "boolean" && keyword !== "anyOf" && keyword !== "type";
}

function schemaAt(schema: unknown, path: string): unknown {
  const tokens = path.split("/").slice(1).map(unescapeToken);
  return tokens.reduce((inner, token) => memberOf(inner, token), schema);
}

// ── Bodies ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function faultsOf(broken: BrokenRule): readonly CodedFault[] {
  const { rule, schema } = broken;
  switch (rule.keyword) {
    case "additionalProperties":
      return rule.params.additionalProperties.map((name) => ({
        code: "unknown_field",
        detail: `${quoted(name)} is no field of ${labelOf(rule)}; known are ${knownFields(schema)}`,
        pointer: fragment(rule.instancePath, name),
      }));
    case "required":
      return rule.params.requiredProperties.map((name) => ({
        code: "missing_field",
        detail: `${labelOf(rule, name)} is required`,
        pointer: fragment(rule.instancePath, name),
      }));
    default: {
      const code = rule.keyword === "type" ? "wrong_type" : "invalid_field";
      return [{ code, detail: describe(broken), pointer: fragment(rule.instancePath) }];
    }
  }
}

/** The instance path is a JSON pointer already; as a URI fragment it is percent-encoded too. */
function fragment(instancePath: string, member?: string): string {
  const last = member === undefined ? "" : `/${member.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  return `#${`${instancePath}${last}`.split("/").map(encodeURIComponent).join("/")}`;
}

// ── Queries and paths ──────────────────────────────────────────────────────────────────────────────────────────────

function problemOfQuery(broken: readonly BrokenRule[]): Problem {
  for (const { rule, schema } of broken) {
    if (rule.keyword !== "additionalProperties") continue;
    const known = knownFields(schema);
    const rest = known === "" ? "it takes none" : `known are ${known}`;
    const names = rule.params.additionalProperties.map(quoted).join(", ");
    return new Problem("unknown_parameter", `${names} is no query parameter of this path; ${rest}`);
  }
  return new Problem("invalid_parameter", broken.map(describe).join("; "));
}

function problemOfPath(broken: readonly BrokenRule[]): Problem {
  return new Problem("malformed_request", `in the path, ${broken.map(describe).join("; ")}`);
}

// ── Words ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function describe({ rule, schema }: BrokenRule): string {
  const label = labelOf(rule);
  if (rule.keyword === "enum") return `${label} must be one of ${rule.params.allowedValues.join(", ")}`;
  if (rule.keyword === "format") return `${label} must be an RFC 3339 timestamp like 2018-04-05T17:31:00Z`;
  const description = memberOf(schema, "description");
  if (rule.keyword === "pattern" && typeof description === "string")
    return `${label} must be ${lowerFirst(description)}`;
  return `${label} ${rule.message}`;
}

/** "retry.jitter", "types.0", or "the body" for the whole. */
function labelOf({ instancePath }: TValidationError, member?: string): string {
  const tokens = instancePath.split("/").slice(1).map(unescapeToken);
  return [...tokens, ...(member === undefined ? [] : [member])].join(".") || "the body";
}

function knownFields(schema: unknown): string {
  const properties = memberOf(schema, "properties");
  return typeof properties === "object" && properties !== null ? Object.keys(properties).join(", ") : "";
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function unescapeToken(token: string): string {
  return token.replaceAll("~1", "/").replaceAll("~0", "~");
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 64));
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, "");
}
