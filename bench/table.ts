// The result of a bench: rows of figures, beside the relay's and the bound that each has to keep.

export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly posthorn: number;
  readonly relay?: number;
  /** What the row has to keep: a bound on Posthorn's own figure, or on its ratio to the relay's. */
  readonly bound?: { readonly of: "figure" | "ratio"; readonly atLeast?: number; readonly atMost?: number };
}

/** Of one measurement: the rows for the table and everything that was measured, for the JSON file. */
export interface Measurement {
  readonly rows: readonly Row[];
  readonly figures: Readonly<Record<string, unknown>>;
}

const headings = ["", "posthorn", "relay", "ratio", "bound", ""];

export function drawTable(rows: readonly Row[]): string {
  const cells = [headings, ...rows.map(cellsOf)];
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, column))
      .join("  ")
      .trimEnd(),
  );
  const rule = widths.map((width) => "─".repeat(width)).join("──");
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 || column === headings.length - 1 ? cell.padEnd(width) : cell.padStart(width);
}

function cellsOf(row: Row): readonly string[] {
  const ratio = ratioOf(row);
  return [
    `${row.what}, ${row.unit}`,
    round(row.posthorn),
    row.relay === undefined ? "" : round(row.relay),
    ratio === undefined ? "" : ratio.toFixed(2),
    boundText(row),
    verdict(row),
  ];
}

function ratioOf({ posthorn, relay }: Row): number | undefined {
  return relay === undefined ? undefined : posthorn / relay;
}

function boundText({ bound }: Row): string {
  if (bound === undefined) return "";
  const limit = bound.atLeast === undefined ? `≤ ${bound.atMost}` : `≥ ${bound.atLeast}`;
  return bound.of === "ratio" ? `ratio ${limit}` : limit;
}

function verdict(row: Row): string {
  const { bound } = row;
  if (bound === undefined) return "";
  const figure = bound.of === "ratio" ? ratioOf(row) : row.posthorn;
  const keeps = figure !== undefined && figure >= (bound.atLeast ?? -Infinity) && figure <= (bound.atMost ?? Infinity);
  return keeps ? "kept" : "MISSED";
}

/** Three digits say all that a bench can know. */
export function round(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-GB").replaceAll(",", " ");
  return value.toPrecision(3);
}
