// What a command of the command line is: its options as data, from which it is read and explained, and the few ways it ends.
import { type ParseArgsConfig, parseArgs } from "node:util";

export interface Option {
  readonly type: "string" | "boolean";
  readonly multiple?: true;
  /** What stands for the value in the help. */
  readonly value?: string;
  /** For the help, which stays within 100 columns. */
  readonly says: string;
}
export type Options = Readonly<Record<string, Option>>;

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Command {
  readonly name: string;
  /** One line for the list of all commands. */
  readonly summary: string;
  /** As it stands after the command's name: `TYPE [options]`. */
  readonly usage: string;
  /** What a reader must know beside the options. */
  readonly description: string;
  readonly options: Options;
  readonly examples: readonly string[];
  /** Answers an exit code, or throws a CommandError. */
  run(argv: readonly string[], env: Environment): Promise<number>;
}

/** Scripts rely on them: they do not change. */
export const exitCodes = { done: 0, failed: 1, wrongUsage: 2, unavailable: 3 } as const;

export class CommandError extends Error {
  readonly exitCode: number;
  /** Each stands on its own line. */
  readonly lines: readonly string[];

  constructor(exitCode: number, ...lines: readonly string[]) {
    super(lines[0]);
    this.exitCode = exitCode;
    this.lines = lines;
  }
}

type Arguments<Table extends Options> = ReturnType<
  typeof parseArgs<{ readonly options: Table; readonly allowPositionals: true }>
>;

/** @throws CommandError where `argv` does not fit: an unknown option, a value missing, other than `count` words. */
export function readArguments<Table extends Options>(
  argv: readonly string[],
  options: Table,
  count = 0,
): Arguments<Table> {
  const config = { args: [...argv], options, allowPositionals: true, strict: true } satisfies ParseArgsConfig;
  const read = parse(config);
  const surplus = read.positionals[count];
  if (surplus !== undefined) throw new CommandError(exitCodes.wrongUsage, `unexpected argument ${quote(surplus)}`);
  // Proof of the cast: `parse` answers what parseArgs made of this very table of options.
  return read as Arguments<Table>;
}

function parse(config: ParseArgsConfig): ReturnType<typeof parseArgs> {
  try {
    return parseArgs(config);
  } catch (error) {
    const [sentence = ""] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/);
    throw new CommandError(exitCodes.wrongUsage, sentence.charAt(0).toLowerCase() + sentence.slice(1));
  }
}

/** The value of an option that is a whole number. */
export function readWholeNumber(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new CommandError(
    exitCodes.wrongUsage,
    `--${name} must be a whole number from ${least} to ${most}, not ${quote(text)}`,
  );
}

export function quote(text: string): string {
  return JSON.stringify(text);
}
