// What `--help` prints. The lists of options come from the tables that the commands are read with.
import type { Command, Options } from "./command.ts";

export function helpOfAll(commands: readonly Command[]): string {
  return `Posthorn: say what happened, and everyone who asked is told.

Usage: posthorn <command> [options]

Commands:
${table(commands.map(({ name, summary }) => [name, summary]))}

  posthorn <command> --help   explains one of them
  posthorn --version          says which version this is

Exit codes:
  0  done
  1  failed: Posthorn refused the request, or something broke
  2  wrong usage: the command line itself is not right
  3  not available: no start with these settings, or no Posthorn at that address`;
}

export function helpOf({ name, usage, description, options, examples }: Command): string {
  return `Usage: posthorn ${name} ${usage}

${description}

Options:
${table(optionRows(options))}

Examples:
${examples.map((example) => `  ${example}`).join("\n")}`;
}

function optionRows(options: Options): readonly Row[] {
  const rows = Object.entries(options).map(([name, { value, says }]): Row => {
    return [value === undefined ? `--${name}` : `--${name} <${value}>`, says];
  });
  return [...rows, ["--help", "Show this."]];
}

type Row = readonly [string, string];

function table(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([left]) => left.length)) + 3;
  const indent = `\n${" ".repeat(width + 2)}`;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right.replaceAll("\n", indent)}`).join("\n");
}
