// The receive path on an edge runtime: real workerd, without its flag for Node's modules.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { signTestRequest } from "@posthorn/sdk";
import { type FormatName, formats } from "@posthorn/wire/formats";
import { formatSecret } from "@posthorn/wire/secret";
import { formatPrivateKey, publicKeyOf } from "@posthorn/wire/signature";
import { build } from "esbuild";

const secret = formatSecret(new Uint8Array(32).fill(7));
const privateKey = formatPrivateKey(new Uint8Array(32).fill(9));
const publicKey = publicKeyOf(privateKey);
const workerd = new URL("../../node_modules/.bin/workerd", import.meta.url).pathname;

const configuration = `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  bindings = [(name = "SECRET", text = "${secret} ${publicKey.ok ? publicKey.value : ""}")],
  compatibilityDate = "2026-01-01"
);`;

let process: ChildProcess | undefined;
let folder = "";
let url = "";

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "posthorn-workerd-"));
  const entry = new URL("edge-worker.ts", import.meta.url).pathname;
  // "neutral" knows no module of Node: what needs one does not even bundle.
  await build({
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    platform: "neutral",
    outfile: join(folder, "worker.js"),
  });
  writeFileSync(join(folder, "config.capnp"), configuration);
  process = spawn(workerd, ["serve", "--control-fd=1", join(folder, "config.capnp")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of process.stdout ?? []) {
    const port: unknown = JSON.parse(String(line)).port;
    if (port === undefined) continue;
    url = `http://127.0.0.1:${port}/`;
    break;
  }
});

after(() => {
  process?.kill();
  rmSync(folder, { recursive: true, force: true });
});

async function post(
  format: FormatName,
  change: { readonly secret?: string; readonly data?: unknown; readonly messageId?: string } = {},
) {
  const event = { type: "order.created", data: change.data ?? { total: 1 } };
  const request = await signTestRequest({ secret, ...change, format, url, event });
  return fetch(url, { method: "POST", headers: request.headers, body: await request.bytes() });
}

for (const { name } of Object.values(formats))
  test(`workerd takes ${name}`, async () => {
    const response = await post(name);
    assert.deepEqual([response.status, await response.json()], [200, { status: "success" }]);
  });

test("workerd checks ed25519 signatures", async () => {
  assert.equal((await post("cloudevents", { secret: privateKey })).status, 200);
});

test("workerd refuses what is forged, and what is not of its shape", async () => {
  const forged = await post("cloudevents", { secret: formatSecret(new Uint8Array(32).fill(1)) });
  assert.deepEqual([forged.status, Object(await forged.json()).code], [400, "no_match"]);
  const wrong = await post("cloudevents", { data: { total: "1" } });
  assert.deepEqual([wrong.status, Object(await wrong.json()).code], [400, "bad_payload"]);
});

test("workerd handles a second try once", async () => {
  for (const _try of [1, 2])
    assert.equal((await post("cloudevents", { data: { total: 77 }, messageId: "m" })).status, 200);
  const handled = await (await fetch(url)).json();
  assert.deepEqual(Array.isArray(handled) && handled.filter((total) => total === 77), [77]);
});
