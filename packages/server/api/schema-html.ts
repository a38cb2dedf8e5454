// A JSON Schema as people read it: a table of its fields with their types and rules.
import { type Html, html, joined, prose } from "./html.ts";
import type { Schema } from "./openapi-document.ts";

/** The fields of an object, those of objects in it included; for everything else its type. */
export function schemaTable(schema: Schema): Html {
  const rows = rowsOf(schema, "");
  if (rows.length === 0) return html`<p>${typeOf(schema)}</p>`;
  return html`<div class="wide"><table><tbody>${joined(rows)}</tbody></table></div>`;
}

function rowsOf({ properties = {}, required = [] }: Schema, prefix: string): readonly Html[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const marker = required.includes(name) ? "required" : "";
    const row = html`<tr><td><code class="${marker}">${prefix}${name}</code></td><td>${typeOf(schema)}</td>
<td>${prose(schema.description ?? "")}</td></tr>`;
    return [row, ...rowsOf(schema, `${prefix}${name}.`)];
  });
}

/** "string, at most 255 characters", "array of Trigger", … */
export function typeOf(schema: Schema): Html {
  const { $ref, anyOf, items } = schema;
  if ($ref !== undefined) {
    const name = $ref.split("/").at(-1) ?? "";
    return html`<a href="#shape-${name}">${name}</a>`;
  }
  if (anyOf !== undefined)
    return joined(anyOf.map((each, index) => (index === 0 ? typeOf(each) : html` or ${typeOf(each)}`)));
  const rules = rulesOf(schema);
  const rule = rules === "" ? html`` : html` <span class="rule">${rules}</span>`;
  if (items !== undefined) return html`array of ${typeOf(items)}${rules === "" ? "" : ","}${rule}`;
  return html`${nameOf(schema)}${rule}`;
}

function nameOf({ type, enum: choices, const: only }: Schema): string {
  if (choices !== undefined) return choices.map((choice) => JSON.stringify(choice)).join(" | ");
  if (only !== undefined) return JSON.stringify(only);
  return [type ?? "any JSON"].flat().join(" or ");
}

function rulesOf(schema: Schema): string {
  const { description, format, pattern, minimum, maximum, minLength, maxLength, minItems, maxItems } = schema;
  return [
    format === "date-time" ? "RFC 3339" : (format ?? ""),
    description === undefined ? (pattern ?? "") : "",
    range(minimum, maximum, ""),
    range(minLength, maxLength, " characters"),
    range(minItems, maxItems, " entries"),
  ]
    .filter((rule) => rule !== "")
    .join(", ");
}

function range(least: number | undefined, most: number | undefined, unit: string): string {
  if (least === undefined && most === undefined) return "";
  if (most === undefined) return `at least ${least}${unit}`;
  return least === undefined ? `at most ${most}${unit}` : `${least} to ${most}${unit}`;
}
