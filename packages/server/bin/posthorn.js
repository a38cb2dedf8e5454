#!/usr/bin/env node
// The door of the command line, in the JavaScript of Node 12, so that an old Node can still say what is wrong. Where npm has
// brought a newer Node along, the command simply runs on that one.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import * as modules from "node:module";
import { dirname, join } from "node:path";
import { setFlagsFromString } from "node:v8";

const neededMajor = 24;

function majorOf(version) {
  return Number.parseInt(version, 10);
}

/** The Node binary that npm installed for this machine, or null. */
function findCarriedNode() {
  try {
    const name = `node-${process.platform}-${process.arch}`;
    const description = modules.createRequire(import.meta.url).resolve(`${name}/package.json`);
    const isNewEnough = majorOf(JSON.parse(readFileSync(description, "utf8")).version) >= neededMajor;
    return isNewEnough ? join(dirname(description), "bin", "node") : null;
  } catch (_notInstalled) {
    return null;
  }
}

/** Tells the command that it runs on a carried Node, with a channel that ends when the one who started it is gone. */
const carriedMark = "CARRIED_BY_POSTHORN";

/** Becomes, as far as a process can, the same command on another Node: same streams, same signals, same end. */
function runOn(node) {
  const child = spawn(node, process.argv.slice(1), {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: Object.assign({}, process.env, { [carriedMark]: "1" }),
  });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) {
    process.on(signal, () => {
      // A terminal gives Ctrl-C to the child as well; passing it on would make it two.
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on("error", (error) => stop(`posthorn: cannot run ${node}: ${error.message}`));
  child.on("exit", (code, signal) => {
    for (const each of signals) process.removeAllListeners(each);
    if (signal !== null) process.kill(process.pid, signal);
    else process.exitCode = code;
  });
}

/** Whoever kills the one who started it means this process too; else it would go on, and hold the data folder. */
function endWithStarter() {
  if (process.env[carriedMark] === undefined || process.channel === undefined) return;
  delete process.env[carriedMark];
  process.channel.unref();
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
}

/** While modules load, nearly all that is made stays: a young generation that grew by it would only rest there for ever. */
function loadSparingly() {
  // Helpers of the collector take from the store's thread what they give to this one.
  setFlagsFromString("--no-parallel-scavenge");
  setFlagsFromString("--semi-space-growth-factor=1");
}

function runHere() {
  endWithStarter();
  loadSparingly();
  // Compiled code is kept from start to start, which saves 40 MB and a third of the start. Threads look at the variable.
  const cache = modules.enableCompileCache ? modules.enableCompileCache() : {};
  if (cache.directory !== undefined) process.env.NODE_COMPILE_CACHE = cache.directory;
  import("../cli/main.ts")
    .then((cli) => cli.main(process.argv.slice(2), process.env))
    .then((code) => {
      process.exitCode = code;
      // A start that failed half-way may have left something running. What was written goes out first.
      process.stdout.write("", () => process.exit());
    });
}

function stop(line) {
  process.stderr.write(`${line}\n`);
  process.exitCode = 1;
}

function start() {
  if (majorOf(process.versions.node) >= neededMajor) return runHere();
  const node = findCarriedNode();
  if (node !== null) return runOn(node);
  stop(
    `posthorn needs Node ${neededMajor} or newer and this is ${process.versions.node}. On Linux (x64, arm64) npm brings it along: run npm ci, then npm start or npx posthorn. Elsewhere, get it from https://nodejs.org.`,
  );
}

start();
