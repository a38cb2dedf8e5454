// The keywords of JSON Schema for arrays.
import { canonicalText, fits, isList, join, type Keyword, listOf, numberOf, rule } from "./schema-check.ts";

const prefixItems: Keyword = (argument, _schema, compile) => {
  const checks = listOf(argument).map(compile);
  return (value, path, issues) => {
    if (!isList(value)) return;
    for (const [index, check] of checks.entries())
      if (index < value.length) check(value[index], join(path, index), issues);
  };
};

/** Every element that `prefixItems` of the same schema does not speak of. */
const items: Keyword = (argument, schema, compile) => {
  const check = compile(argument);
  const start = isList(schema.prefixItems) ? schema.prefixItems.length : 0;
  return (value, path, issues) => {
    if (!isList(value)) return;
    for (let index = start; index < value.length; index += 1) check(value[index], join(path, index), issues);
  };
};

const contains: Keyword = (argument, schema, compile) => {
  const check = compile(argument);
  const least = schema.minContains === undefined ? 1 : numberOf(schema.minContains);
  const most = schema.maxContains === undefined ? Number.POSITIVE_INFINITY : numberOf(schema.maxContains);
  return (value, path, issues) => {
    if (!isList(value)) return;
    const found = value.filter((each) => fits(check, each, path)).length;
    if (found < least || found > most) issues.push({ path, message: `must hold ${least} or more such elements` });
  };
};

const uniqueItems: Keyword = (argument) => {
  if (argument !== true) return undefined;
  // By their texts, so that a long list costs no more than its length.
  const isUnique = (list: readonly unknown[]): boolean => new Set(list.map(canonicalText)).size === list.length;
  return rule(isList, isUnique, "must not hold an element twice");
};

function countLimit(holds: (count: number, limit: number) => boolean, words: string): Keyword {
  return (argument) => {
    const bound = numberOf(argument);
    return rule(isList, (list) => holds(list.length, bound), `must hold ${words} ${bound} elements`);
  };
}

export const arrayKeywords: Readonly<Record<string, Keyword>> = {
  prefixItems,
  items,
  contains,
  minContains: () => undefined,
  maxContains: () => undefined,
  uniqueItems,
  minItems: countLimit((count, least) => count >= least, "at least"),
  maxItems: countLimit((count, most) => count <= most, "at most"),
};
