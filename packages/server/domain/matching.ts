// Which event types a trigger asks for. Pure.

/** A pattern is an exact name, `prefix.*` (every name that begins with `prefix.`), or `*` (all). */
export function matchesType(pattern: string, type: string): boolean {
  if (pattern === "*") return true;
  if (!pattern.endsWith(".*")) return pattern === type;
  // `order.*` is every name below `order.`, and not `order.` itself.
  return type.length >= pattern.length && type.startsWith(pattern.slice(0, -1));
}
