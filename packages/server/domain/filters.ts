// Filters of the CloudEvents Subscriptions API (STANDARDS F-1 to F-4): six dialects over an event's attributes. Pure.
import type { Event } from "@posthorn/wire/event";

/** Attribute name to the value it is held against. Every entry must hold. */
export type AttributeValues = Readonly<Record<string, string>>;

export type Filter =
  | { readonly exact: AttributeValues }
  | { readonly prefix: AttributeValues }
  | { readonly suffix: AttributeValues }
  | { readonly all: readonly Filter[] }
  | { readonly any: readonly Filter[] }
  | { readonly not: Filter };

/** An array of filters is their conjunction; an empty one lets everything through (F-1). */
export function passesAll(filters: readonly Filter[], event: Event): boolean {
  return filters.every((filter) => passes(filter, event));
}

function passes(filter: Filter, event: Event): boolean {
  if ("exact" in filter) return everyAttribute(filter.exact, event, (actual, wanted) => actual === wanted);
  if ("prefix" in filter) return everyAttribute(filter.prefix, event, (actual, wanted) => actual.startsWith(wanted));
  if ("suffix" in filter) return everyAttribute(filter.suffix, event, (actual, wanted) => actual.endsWith(wanted));
  if ("all" in filter) return filter.all.every((inner) => passes(inner, event));
  if ("any" in filter) return filter.any.some((inner) => passes(inner, event));
  return !passes(filter.not, event);
}

function everyAttribute(
  values: AttributeValues,
  event: Event,
  holds: (actual: string, wanted: string) => boolean,
): boolean {
  return Object.entries(values).every(([name, wanted]) => {
    const actual = attributeText(event, name);
    return actual !== undefined && holds(actual, wanted);
  });
}

/** The canonical text of an attribute (F-4: integers as digits, booleans as words), or undefined when the event lacks it. */
function attributeText(event: Event, name: string): string | undefined {
  switch (name) {
    case "specversion":
      return "1.0";
    case "id":
    case "type":
    case "source":
    case "subject":
    case "time":
    case "datacontenttype":
    case "dataschema":
      return event[name];
    default: {
      // `constructor` is a legal attribute name, and not one that every event has.
      return Object.hasOwn(event.extensions, name) ? String(event.extensions[name]) : undefined;
    }
  }
}

export const maxFilterDepth = 8;
export const maxFilterNodes = 100;

export interface FilterFault {
  /** RFC 6901, from the array of filters: "/0/exact/type". */
  readonly pointer: string;
  readonly detail: string;
}

/** What is wrong with a value that claims to be a list of filters; empty when nothing is. Unknown dialects are faults (F-2). */
export function filterFaults(filters: readonly unknown[]): readonly FilterFault[] {
  const budget = { nodes: maxFilterNodes };
  return filters.flatMap((filter, index) => faultsOf(filter, `/${index}`, 1, budget));
}

function faultsOf(filter: unknown, pointer: string, depth: number, budget: { nodes: number }): readonly FilterFault[] {
  budget.nodes -= 1;
  if (budget.nodes < 0) return [{ pointer, detail: `filters may hold at most ${maxFilterNodes} expressions in all` }];
  if (depth > maxFilterDepth) return [{ pointer, detail: `filters may nest at most ${maxFilterDepth} deep` }];
  const entry = onlyEntry(filter);
  if (entry === undefined) return [{ pointer, detail: "a filter is an object with exactly one dialect" }];
  const [dialect, operand] = entry;
  const inner = `${pointer}/${dialect}`;
  switch (dialect) {
    case "exact":
    case "prefix":
    case "suffix":
      return attributeFaults(operand, inner);
    case "all":
    case "any":
      if (!Array.isArray(operand) || operand.length === 0)
        return [{ pointer: inner, detail: `${dialect} takes an array of at least one filter` }];
      return operand.flatMap((each, index) => faultsOf(each, `${inner}/${index}`, depth + 1, budget));
    case "not":
      return faultsOf(operand, inner, depth + 1, budget);
    default:
      return [{ pointer: inner, detail: "unknown filter dialect; known are exact, prefix, suffix, all, any and not" }];
  }
}

function onlyEntry(filter: unknown): readonly [string, unknown] | undefined {
  if (typeof filter !== "object" || filter === null || Array.isArray(filter)) return undefined;
  const entries = Object.entries(filter);
  return entries.length === 1 ? entries[0] : undefined;
}

function attributeFaults(operand: unknown, pointer: string): readonly FilterFault[] {
  if (typeof operand !== "object" || operand === null || Array.isArray(operand) || Object.keys(operand).length === 0)
    return [{ pointer, detail: "takes an object of at least one attribute name and the text to compare with" }];
  return Object.entries(operand).flatMap(([name, value]) => {
    if (!/^[a-z0-9]+$/.test(name))
      return [{ pointer: `${pointer}/${name}`, detail: "an attribute name is made of a-z and 0-9" }];
    if (typeof value !== "string" || value === "")
      return [{ pointer: `${pointer}/${name}`, detail: "the value must be a text that is not empty" }];
    return [];
  });
}
