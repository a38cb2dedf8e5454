// posthorn dev: a node for one's own machine. It says where everything is and what to try, then what happens.
import type { Node } from "../compose.ts";
import { type Config, settings } from "../config.ts";
import { systemClock } from "../outside/clock.ts";
import { type Command, readArguments } from "./command.ts";
import { describeFact } from "./happenings.ts";
import { limitLines } from "./line-limit.ts";
import { type Course, runNode } from "./running-node.ts";
import { readSettings, settingOptions } from "./settings.ts";
import { print, printJson, styled } from "./terminal.ts";
import { version } from "./version.ts";

const options = {
  ...settingOptions,
  json: { type: "boolean", says: "Print a line of JSON for the start and for each fact." },
} as const;

export const dev: Command = {
  name: "dev",
  summary: "Run Posthorn on this machine, to try it and to build against it.",
  usage: "[options]",
  description: `Runs with the embedded store. Deliveries may go to this machine and over plain http, which
posthorn serve does not allow. The admin key is shown at the first start. Ctrl-C finishes what is
under way and stops; again, it stops at once.

JSON log lines are off; POSTHORN_LOG_LEVEL=info in the environment adds them. All other settings
are those of docs/settings.md.`,
  options,
  examples: ["posthorn dev", "posthorn dev --port 4300 --data-dir ./other-data"],
  run(argv, env) {
    const { values } = readArguments(argv, options);
    // What the log would say is said in words below.
    const config = readSettings("dev", env, values);
    return runNode(config, values.json ? courseInJson() : courseInWords(config));
  },
};

const linesPerSecond = 20;

function courseInWords(config: Config): Course {
  return {
    started(node) {
      print(welcome(node, config));
      const show = limitLines(systemClock, linesPerSecond, print);
      node.facts.listen((fact) => {
        const happening = describeFact(fact, systemClock.now());
        if (happening !== undefined) show(happening);
      });
    },
    stopping: () => print("\nStopping: what is under way is finished first."),
    stopped: () => print("Stopped. What is owed waits on disk for the next start."),
  };
}

function courseInJson(): Course {
  return {
    started({ url, adminKeyFile, facts }) {
      printJson({ kind: "node.started", url, docs: `${url}/docs`, adminKeyFile: adminKeyFile?.path ?? null });
      facts.listen(printJson);
    },
    stopping: () => printJson({ kind: "node.stopping" }),
    stopped: () => printJson({ kind: "node.stopped" }),
  };
}

function welcome(node: Node, config: Config): string {
  const { url } = node;
  const commands = commandsFor(url, config);
  return `
${styled("bold", `Posthorn ${version}`)} is ready at ${styled("bold", url)}

  API        ${url}/v1/projects/default/events
  Docs       ${url}/docs
  Admin key  ${describeKey(node)}
  Project    default
  Targets    this machine and plain http are allowed here; posthorn serve is strict

Try it in a second terminal:

  ${commands} listen --types 'order.*'

and in a third:

  ${commands} send order.created --data '{"total": 12.50}'

What happens shows below; Ctrl-C stops it.
`;
}

function describeKey({ adminKey, adminKeyFile }: Node): string {
  if (adminKeyFile === null) return `the one of ${settings.adminKey.env}`;
  return adminKeyFile.isNew ? `${adminKey} (shown this once, kept in ${adminKeyFile.path})` : `in ${adminKeyFile.path}`;
}

/** How the other commands find this node from another terminal, where the settings of this one are not at hand. */
function commandsFor(url: string, { port, host, dataDir }: Config): string {
  const isAtHome = port === settings.port.default && host === settings.host.default;
  const variables = [
    ...(isAtHome ? [] : [`POSTHORN_URL=${url}`]),
    ...(dataDir === settings.dataDir.default ? [] : [`${settings.dataDir.env}='${dataDir}'`]),
  ];
  return [...variables, "npx posthorn"].join(" ");
}
