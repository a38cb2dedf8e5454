import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

// A house of its own around the door: a command that says how it was called, and a Node that npm "brought along".
const house = mkdtempSync(join(tmpdir(), "posthorn-bin-"));
const carried = join(house, "node_modules", `node-${process.platform}-${process.arch}`);
after(() => rmSync(house, { recursive: true }));

for (const folder of [join(house, "bin"), join(house, "cli"), join(carried, "bin")])
  mkdirSync(folder, { recursive: true });
copyFileSync(join(import.meta.dirname, "posthorn.js"), join(house, "bin", "posthorn.js"));
symlinkSync(process.execPath, join(carried, "bin", "node"));
writeFileSync(join(house, "package.json"), JSON.stringify({ type: "module" }));
writeFileSync(
  join(house, "cli", "main.ts"),
  `export function main(argv: readonly string[]): Promise<number> {
    const announce = () => process.stdout.write(JSON.stringify(argv) + "\\n");
    if (argv[0] !== "wait") return Promise.resolve((announce(), 7));
    const alive = setInterval(() => {}, 1000);
    return new Promise((resolve) => {
      process.on("SIGTERM", () => resolve((clearInterval(alive), 9)));
      announce(); // Last, because the test sends its signal as soon as it reads this.
    });
  }`,
);

/** The first Node claims `version`; what it starts tells the truth again. */
function start(version: string, argv: readonly string[], carriedVersion = "24.0.0"): ChildProcessWithoutNullStreams {
  writeFileSync(join(carried, "package.json"), JSON.stringify({ version: carriedVersion }));
  const claim = `data:text/javascript,Object.defineProperty(process.versions, "node", { value: "${version}" })`;
  return spawn(process.execPath, ["--import", claim, join(house, "bin", "posthorn.js"), ...argv]);
}

async function outcome(child: ChildProcessWithoutNullStreams): Promise<readonly unknown[]> {
  const [out, err] = [child.stdout, child.stderr].map((stream) => stream.setEncoding("utf8").toArray());
  const [code, signal] = await once(child, "close");
  return [code ?? signal, (await out)?.join(""), (await err)?.join("")];
}

test("a Node that is new enough runs the command itself", async () => {
  assert.deepEqual(await outcome(start("24.1.0", ["send", "a b"])), [7, '["send","a b"]\n', ""]);
});

test("an older Node runs it on the one that npm brought along", async () => {
  assert.deepEqual(await outcome(start("20.1.0", ["send", "a b"])), [7, '["send","a b"]\n', ""]);
});

test("an older Node alone says what is needed, in one line", async () => {
  const [code, out, err] = await outcome(start("20.1.0", ["send"], "22.0.0"));
  assert.deepEqual([code, out], [1, ""]);
  assert.match(
    `${err}`,
    /^posthorn needs Node 24 or newer and this is 20\.1\.0\. .*npm ci.*https:\/\/nodejs\.org\.\n$/,
  );
});

test("signals reach the command, and its end is told on", async () => {
  for (const [signal, end] of [
    ["SIGTERM", 9],
    ["SIGHUP", "SIGHUP"],
  ] as const) {
    const child = start("20.1.0", ["wait"]);
    child.stdout.once("data", () => child.kill(signal));
    assert.deepEqual(await outcome(child), [end, '["wait"]\n', ""]);
  }
});
