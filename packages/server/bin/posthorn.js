#!/usr/bin/env node
// The door of the command line, in the JavaScript of Node 12, so that an old Node can still say what is wrong. Where npm has
// brought a newer Node along, the command simply runs on that one.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const neededMajor = 24;

function majorOf(version) {
  return Number.parseInt(version, 10);
}

/** The Node binary that npm installed for this machine, or null. */
function findCarriedNode() {
  try {
    const name = `node-${process.platform}-${process.arch}`;
    const description = createRequire(import.meta.url).resolve(`${name}/package.json`);
    const isNewEnough = majorOf(JSON.parse(readFileSync(description, "utf8")).version) >= neededMajor;
    return isNewEnough ? join(dirname(description), "bin", "node") : null;
  } catch (_notInstalled) {
    return null;
  }
}

/** Becomes, as far as a process can, the same command on another Node: same streams, same signals, same end. */
function runOn(node) {
  const child = spawn(node, process.argv.slice(1), { stdio: "inherit" });
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

function runHere() {
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
