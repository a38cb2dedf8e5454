// Walks the tour of README.md: runs its shell blocks as a reader would, each in its terminal, and waits for the output that
// stands below them. Only the two ports are changed, since 4100 and 4200 may be taken; and `npm ci` has been run already.
import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { cleanEnvironment, follow, freePort, patternOf, type Running, repository } from "./commands.ts";

interface Block {
  readonly language: "sh" | "text";
  readonly terminal: string;
  readonly text: string;
}

/** The fenced blocks; one that names no terminal belongs to that of the block before. */
function blocksOf(markdown: string): readonly Block[] {
  let terminal = "";
  return [...markdown.matchAll(/^```(sh|text)(?: terminal=(\d))?\n(.*?)^```$/gms)].map(
    ([, language, named, text = ""]) => {
      terminal = named ?? terminal;
      return { language: language === "sh" ? "sh" : "text", terminal, text };
    },
  );
}

interface Terminal {
  readonly child: ChildProcessWithoutNullStreams;
  readonly running: Running;
}

/** A folder that looks like a clone in which `npm ci` was run. */
function openFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "posthorn-tour-"));
  for (const name of ["node_modules", "packages"]) symlinkSync(join(repository, name), join(folder, name));
  copyFileSync(join(repository, "package.json"), join(folder, "package.json"));
  return folder;
}

const folder = openFolder();
const terminals = new Map<string, Terminal>();
after(async () => {
  for (const terminal of terminals.values()) await interrupt(terminal);
  rmSync(folder, { recursive: true, force: true });
});

/** As Ctrl-C does: to every process of the terminal. */
async function interrupt({ child, running }: Terminal): Promise<void> {
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGINT");
  await running.ended;
}

/** Variables that a block exports are there in the next one of the same terminal. */
function runBlock({ terminal, text }: Block, env: NodeJS.ProcessEnv): Terminal {
  const variables = join(folder, `.terminal-${terminal}`);
  writeFileSync(variables, "", { flag: "a" });
  const script = `set -e; . ${variables}\n${text.replace(/^npm ci\n/, "")}\nexport -p > ${variables}`;
  const child = spawn("bash", ["-c", script], { cwd: folder, env, detached: true });
  return { child, running: follow(child) };
}

test("the tour of the README works word by word", async () => {
  const [port, listenerPort] = [String(await freePort()), String(await freePort())];
  const env = { ...cleanEnvironment(), POSTHORN_PORT: port };
  const readme = readFileSync(join(repository, "README.md"), "utf8")
    .replaceAll("posthorn listen", `posthorn listen --port ${listenerPort}`)
    .replaceAll("4100", port)
    .replaceAll("4200", listenerPort);
  for (const block of blocksOf(readme)) {
    const open = terminals.get(block.terminal);
    if (block.language === "text") await open?.running.says(patternOf(block.text));
    else {
      // A listener runs on until the reader stops it; everything else has ended by itself.
      if (open !== undefined && block.terminal === "2") await interrupt(open);
      else if (open !== undefined) assert.equal((await open.running.ended).code, 0, (await open.running.ended).err);
      terminals.set(block.terminal, runBlock(block, env));
    }
  }
  assert.deepEqual([...terminals.keys()], ["1", "2", "3"]);
  assert.equal((await fetch(`http://127.0.0.1:${port}/docs`)).status, 200);
});

test("the pages that the README names are there", () => {
  const readme = readFileSync(join(repository, "README.md"), "utf8");
  const pages = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path = ""]) => path);
  assert.ok(pages.length > 0);
  for (const page of pages) readFileSync(join(repository, page));
});
