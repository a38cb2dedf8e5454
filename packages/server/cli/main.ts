// The command line: finds the command, runs it, and turns whatever ends it into a line and an exit code.
import { type Command, CommandError, type Environment, exitCodes, quote } from "./command.ts";
import { dev } from "./dev.ts";
import { helpOf, helpOfAll } from "./help.ts";
import { listen } from "./listen.ts";
import { send } from "./send.ts";
import { serve } from "./serve.ts";
import { messageOf } from "./settings.ts";
import { print, printError } from "./terminal.ts";
import { version } from "./version.ts";

const commands: readonly Command[] = [dev, serve, send, listen];

/** Answers the exit code; never rejects. `argv` begins with the command's name. */
export async function main(argv: readonly string[], env: Environment): Promise<number> {
  const [name = "--help", ...rest] = argv;
  process.on("uncaughtException", (error) => process.exit(tell(name, error)));
  // A reader that has seen enough (`| head`) is no error; what runs on takes it for a signal to stop.
  process.stdout.on("error", () => {});
  try {
    return await run(name, rest, env);
  } catch (error) {
    return tell(name, error);
  }
}

async function run(name: string, argv: readonly string[], env: Environment): Promise<number> {
  const command = commands.find((each) => each.name === name);
  if (command !== undefined) {
    if (!asksForHelp(argv)) return command.run(argv, env);
    print(helpOf(command));
  } else if (name === "--help" || name === "-h" || name === "help") print(helpOfAll(commands));
  else if (name === "--version") print(version);
  else
    throw new CommandError(
      exitCodes.wrongUsage,
      `there is no ${name.startsWith("-") ? "option" : "command"} ${quote(name)}`,
    );
  return exitCodes.done;
}

function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  const options = end < 0 ? argv : argv.slice(0, end);
  return options.includes("--help") || options.includes("-h");
}

function tell(name: string, error: unknown): number {
  const command = commands.some((each) => each.name === name) ? name : "";
  const told = error instanceof CommandError ? error : new CommandError(exitCodes.failed, unexpected(error));
  printError(command, told);
  return told.exitCode;
}

/** With the place in the code, for whoever has to look for it. */
function unexpected(error: unknown): string {
  const [, place = ""] = (error instanceof Error ? (error.stack ?? "") : "").split("\n    at ");
  return `this should not have happened: ${messageOf(error)}${place === "" ? "" : ` (${place})`}`;
}
