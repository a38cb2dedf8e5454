// Where the commands write: results on standard output, trouble on standard error, colours only where a person looks.
import { styleText } from "node:util";
import { type CommandError, exitCodes } from "./command.ts";

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** One line. An error, which JSON would write as {}, becomes its message. */
export function printJson(value: object): void {
  print(JSON.stringify(value, (_name, inner) => (inner instanceof Error ? inner.message : inner)));
}

export type Style = "green" | "red" | "yellow" | "dim" | "bold";

/** Plain where standard output is not a terminal or NO_COLOR is set. */
export function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

export function printError(command: string, { lines, exitCode }: CommandError): void {
  const [first = "", ...rest] = lines;
  const hint = `See posthorn ${command === "" ? "" : `${command} `}--help.`;
  const all = [`posthorn${command === "" ? "" : ` ${command}`}: ${first}`, ...rest];
  if (exitCode === exitCodes.wrongUsage) all.push(hint);
  process.stderr.write(`${all.join("\n")}\n`);
}

/** Control characters that came from elsewhere could move the cursor or retitle the window; they are shown, not obeyed. */
export function withoutControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, (control) => {
    return `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
