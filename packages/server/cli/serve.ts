// posthorn serve: a node for production. It is strict, and everything it says is a line of the JSON log.
import { systemClock } from "../outside/clock.ts";
import { type Command, readArguments } from "./command.ts";
import { runNode } from "./running-node.ts";
import { readSettings, settingOptions } from "./settings.ts";
import { printJson } from "./terminal.ts";
import { version } from "./version.ts";

export const serve: Command = {
  name: "serve",
  summary: "Run Posthorn in production.",
  usage: "[options]",
  description: `Strict: private addresses and plain http are no targets unless POSTHORN_ALLOW_TARGETS and
POSTHORN_ALLOW_HTTP say so. Logs in JSON to standard output. A wrong setting stops the start with
one line each on standard error. SIGTERM finishes what is under way within
POSTHORN_SHUTDOWN_TIMEOUT_MS and stops; what is still owed waits on disk. All settings are in
docs/settings.md.`,
  options: settingOptions,
  examples: ["posthorn serve --config /etc/posthorn.yaml", "POSTHORN_HOST=0.0.0.0 posthorn serve"],
  run(argv, env) {
    const { values } = readArguments(argv, settingOptions);
    const config = readSettings("serve", env, values);
    const log = (msg: string, fields: object = {}): void => {
      const time = new Date(systemClock.now()).toISOString();
      if (isTold(config.logLevel)) printJson({ level: 30, time, ...fields, msg });
    };
    return runNode(config, {
      started: ({ url, adminKeyFile }) =>
        log("node.started", { version, url, ...(adminKeyFile === null ? {} : { adminKeyFile: adminKeyFile.path }) }),
      stopping: () => log("node.stopping"),
      stopped: () => log("node.stopped"),
    });
  },
};

function isTold(level: string): boolean {
  return ["trace", "debug", "info"].includes(level);
}
