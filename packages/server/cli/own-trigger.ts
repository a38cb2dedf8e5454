// The trigger that `posthorn listen --types` makes so that events come to it: made or taken up, its secret learned, removed
// at the end.
import { CommandError, exitCodes, quote } from "./command.ts";
import { type Connection, expectSuccess, membersOf } from "./connection.ts";

export interface OwnTrigger {
  readonly secret: string;
  /** An earlier run had left it. */
  readonly wasThere: boolean;
  /** Its deliveries that still wait are cancelled with it. */
  remove(): Promise<void>;
}

export interface TriggerWish {
  readonly name: string;
  readonly types: readonly string[];
  /** Where the receiver listens. */
  readonly url: string;
}

/** Short pauses, since somebody is watching: 1, 2 and 4 seconds. */
const retry = { retries: 3, initialDelayMs: 1000, factor: 2, jitter: 0 };

/** @throws CommandError when Posthorn refuses, or when a trigger of that name sends elsewhere. */
export async function setUpTrigger(connection: Connection, wish: TriggerWish): Promise<OwnTrigger> {
  const { name, types, url } = wish;
  const path = `triggers/${encodeURIComponent(name)}`;
  const definition = { name, types, target: { kind: "webhook", url }, retry };
  const remove = async (): Promise<void> => void (await connection.ask("DELETE", path));
  const made = await connection.ask("POST", "triggers", JSON.stringify(definition));
  if (made.status !== 409) return { secret: secretIn(expectSuccess(made)), wasThere: false, remove };
  const known = membersOf(expectSuccess(await connection.ask("GET", path)));
  if (urlOf(known) !== url)
    throw new CommandError(
      exitCodes.failed,
      `the trigger ${quote(name)} exists and sends elsewhere; choose another name with --trigger`,
    );
  expectSuccess(await connection.ask("PATCH", path, JSON.stringify({ types, retry, enabled: true })));
  // A listener that answered 410 left it paused.
  expectSuccess(await connection.ask("POST", `${path}/resume`));
  const secret = secretIn(expectSuccess(await connection.ask("GET", `${path}/secret`)));
  return { secret, wasThere: true, remove };
}

function urlOf({ target }: Readonly<Record<string, unknown>>): unknown {
  return typeof target === "object" && target !== null && "url" in target ? target.url : undefined;
}

function secretIn(answer: string): string {
  const { secret } = membersOf(answer);
  if (typeof secret === "string") return secret;
  throw new CommandError(exitCodes.failed, "Posthorn did not answer the secret of the trigger");
}
