// The command line as its users meet it: words, exit codes, and a whole round trip through the real program.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { freePort, killAll, posthorn, type Running } from "./commands.ts";

const scratch = mkdtempSync(join(tmpdir(), "posthorn-cli-"));
after(() => {
  killAll();
  rmSync(scratch, { recursive: true, force: true });
});

const newFolder = (): string => mkdtempSync(join(scratch, "data-"));

interface RunningNode extends Running {
  /** What the other commands need to find it. */
  readonly env: Readonly<Record<string, string>>;
  readonly url: string;
}

async function startNode(command: "dev" | "serve", folder = newFolder()): Promise<RunningNode> {
  const running = posthorn([command, "--port", "0", "--data-dir", folder]);
  const pattern = command === "dev" ? /is ready at (\S+)/ : /"url":"([^"]+)"/;
  const [, url = ""] = await running.says(pattern);
  return { ...running, url, env: { POSTHORN_URL: url, POSTHORN_DATA_DIR: folder } };
}

async function stop(node: Running): Promise<void> {
  node.signal("SIGTERM");
  assert.deepEqual((await node.ended).code, 0);
}

// ── Words ──────────────────────────────────────────────────────────────────────────────────────────────────────────

test("--help explains everything, and the exit codes", async () => {
  const { code, out, err } = await posthorn(["--help"]).ended;
  assert.deepEqual([code, err], [0, ""]);
  for (const word of ["dev", "serve", "send", "listen", "Exit codes"]) assert.ok(out.includes(word), word);
  assert.deepEqual((await posthorn([]).ended).out, out);
});

test("each command explains itself within 100 columns", async () => {
  for (const name of ["dev", "serve", "send", "listen"]) {
    const { code, out } = await posthorn([name, "--help"]).ended;
    assert.equal(code, 0);
    assert.match(out, new RegExp(`^Usage: posthorn ${name} `));
    assert.deepEqual(
      out.split("\n").filter((line) => line.length > 100),
      [],
    );
  }
});

test("--version says which one this is", async () => {
  const description = readFileSync(join(import.meta.dirname, "../packages/server/package.json"), "utf8");
  assert.equal((await posthorn(["--version"]).ended).out, `${JSON.parse(description).version}\n`);
});

test("wrong usage is one line, a hint, and exit code 2", async () => {
  const cases: readonly (readonly [readonly string[], string, string])[] = [
    [["fly"], "posthorn", 'there is no command "fly"'],
    [["--fly"], "posthorn", 'there is no option "--fly"'],
    [["dev", "--fly"], "posthorn dev", "unknown option '--fly'"],
    [["serve", "now"], "posthorn serve", 'unexpected argument "now"'],
    [["send"], "posthorn send", "say the TYPE of the event, like order.created"],
    [
      ["send", "a", "--delay", "soon"],
      "posthorn send",
      '--delay must be seconds or a time like 90s, 5m, 2h or 1d, not "soon"',
    ],
    [["send", "a", "--at", "noon"], "posthorn send", '--at must be a time like 2030-01-31T09:00:00Z, not "noon"'],
    [
      ["send", "a", "--data", "{a}"],
      "posthorn send",
      '--data: the text must be JSON; "a" at line 1, column 2 is not allowed there',
    ],
    [
      ["send", "a", "--url", "ftp://b"],
      "posthorn send",
      'the URL of Posthorn must begin with http:// or https://, not "ftp://b"',
    ],
    [["listen", "--status", "99"], "posthorn listen", '--status must be a whole number from 200 to 599, not "99"'],
    [
      ["listen", "--secret", "whsec_a"],
      "posthorn listen",
      "--secret: after its prefix a secret must be base64 with padding",
    ],
  ];
  for (const [args, command, line] of cases)
    assert.deepEqual(await posthorn(args).ended, {
      code: 2,
      out: "",
      err: `${command}: ${line}\nSee ${command} --help.\n`,
    });
});

test("the admin key of this machine is not sent to another", async () => {
  const { code, err } = await posthorn(["send", "a", "--url", "http://posthorn.example"]).ended;
  assert.equal(code, 2);
  assert.match(err, /a key for http:\/\/posthorn\.example is needed: give --key or set POSTHORN_KEY/);
});

test("nobody there is exit code 3", async () => {
  const port = await freePort();
  const { code, out, err } = await posthorn(["send", "a", "--url", `http://127.0.0.1:${port}`, "--key", "k"]).ended;
  assert.deepEqual([code, out], [3, ""]);
  assert.equal(
    err,
    `posthorn send: no Posthorn at http://127.0.0.1:${port}: connection refused by 127.0.0.1:${port}\n`,
  );
});

// ── Start and stop ─────────────────────────────────────────────────────────────────────────────────────────────────

test("every wrong setting is a line on standard error and exit code 3", async () => {
  const env = { POSTHORN_LEASE_MS: "5", POSTHORN_PROT: "1" };
  const { code, out, err } = await posthorn(["serve", "--port", "70000"], { env }).ended;
  assert.deepEqual([code, out], [3, ""]);
  assert.deepEqual(err.trimEnd().split("\n").length, 3);
  assert.match(err, /POSTHORN_PORT must be a whole number from 0 to 65535, not "70000"/);
});

test("the admin key is shown at the first start, kept for its owner alone, and not shown again", async () => {
  const folder = newFolder();
  const file = join(folder, "admin.key");
  const first = await startNode("dev", folder);
  const key = readFileSync(file, "utf8").trim();
  await first.says(new RegExp(`Admin key +${key} `));
  await first.says(/What happens shows below/);
  await stop(first);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const second = await startNode("dev", folder);
  await second.says(new RegExp(`Admin key +in ${file}\n`));
  await stop(second);
  assert.ok(!(await second.ended).out.includes(key));
});

test("an address in use ends the start with exit code 3", async () => {
  const node = await startNode("dev");
  const port = new URL(node.url).port;
  const { code, err } = await posthorn(["dev", "--port", port, "--data-dir", newFolder()]).ended;
  assert.equal(code, 3);
  assert.equal(
    err,
    `posthorn dev: port ${port} of 127.0.0.1 is taken; stop what listens there, or choose another --port\n`,
  );
  await stop(node);
});

test("serve logs JSON alone and never the admin key", async () => {
  const folder = newFolder();
  const node = await startNode("serve", folder);
  await stop(node);
  const { out, err } = await node.ended;
  const messages = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).msg);
  assert.deepEqual([messages, err], [["node.started", "node.stopping", "node.stopped"], ""]);
  assert.ok(!out.includes(readFileSync(join(folder, "admin.key"), "utf8").trim()));
});

test("serve lets no trigger send to this machine, and names the setting that would", async () => {
  const node = await startNode("serve");
  const { code, err } = await posthorn(["listen", "--port", "0", "--types", "*"], { env: node.env }).ended;
  assert.equal(code, 1);
  assert.match(err, /POSTHORN_ALLOW_(TARGETS|HTTP)/);
  await stop(node);
});

test("a stop waits for the delivery that is under way", async () => {
  const arrived = Promise.withResolvers<ServerResponse>();
  const receiver = createServer((_request, response) => arrived.resolve(response)).listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const node = await startNode("dev");
  await createTrigger(node, `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`);
  await posthorn(["send", "order.created"], { env: node.env }).ended;
  const response = await arrived.promise;
  node.signal("SIGTERM");
  await node.says(/Stopping/);
  response.end();
  await node.says(/✓ order\.created → slow 200 in /);
  await node.says(/Stopped/);
  assert.equal((await node.ended).code, 0);
  receiver.close();
});

test("a second signal, a while after the first, ends at once", async () => {
  const arrived = Promise.withResolvers<void>();
  const receiver = createServer(() => arrived.resolve()).listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const node = await startNode("dev");
  await createTrigger(node, `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`);
  await posthorn(["send", "order.created"], { env: node.env }).ended;
  await arrived.promise;
  const insisting = setInterval(() => node.signal("SIGTERM"), 100);
  const { code, out } = await node.ended;
  clearInterval(insisting);
  assert.equal(code, 1);
  assert.doesNotMatch(out, /Stopped/);
  receiver.closeAllConnections();
  receiver.close();
});

async function createTrigger({ url, env }: RunningNode, target: string): Promise<void> {
  const key = readFileSync(join(env.POSTHORN_DATA_DIR ?? "", "admin.key"), "utf8").trim();
  const answer = await fetch(`${url}/v1/projects/default/triggers`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "slow", types: ["*"], target: { kind: "webhook", url: target } }),
  });
  assert.equal(answer.status, 201, await answer.text());
}

// ── Send and listen ────────────────────────────────────────────────────────────────────────────────────────────────

test("what is sent arrives signed, its data byte for byte", async () => {
  const node = await startNode("dev");
  const data = '{"big":123456789012345678901,"total":12.50,"é":"\\u00e9"}';
  const listener = posthorn(["listen", "--port", "0", "--types", "order.*", "--count", "1", "--json"], {
    env: node.env,
  });
  await listener.says(/"listening":"http:\/\/127\.0\.0\.1:\d+\/","trigger":"listen-\d+"/);
  const sent = await posthorn(
    ["send", "order.created", "--data", "-", "--subject", "o/1", "--ext", "region=eu", "--json"],
    {
      env: node.env,
      stdin: `${data}\n`,
    },
  ).ended;
  assert.deepEqual([sent.code, sent.err], [0, ""]);
  const { code, out } = await listener.ended;
  assert.equal(code, 0);
  assert.ok(out.includes(`"data":${data}}`), out);
  const line = JSON.parse(out.trimEnd().split("\n").at(-1) ?? "");
  const { id, deliveries } = JSON.parse(sent.out);
  assert.deepEqual([line.signature, line.status, line.try, line.event.id], ["good", 200, 1, id]);
  assert.deepEqual([deliveries, line.event.subject, line.event.region], [1, "o/1", "eu"]);
  const again = await posthorn(["send", "order.created"], { env: node.env }).ended;
  assert.match(again.out, /^✓ order\.created \S+ accepted, no trigger wants it\n$/, "the trigger of listen is gone");
  await stop(node);
});

test("a failing listener gets the event again, and a later one takes up a trigger that was kept", async () => {
  const node = await startNode("dev");
  const port = String(await freePort());
  const common = ["listen", "--port", port, "--types", "order.*", "--count"];
  const failing = posthorn([...common, "2", "--fail-first", "1", "--keep"], { env: node.env });
  await failing.says(/It makes the trigger listen-\d+, which sends order\.\* here, signed\./);
  await posthorn(["send", "order.created"], { env: node.env }).ended;
  await failing.says(/✗ order\.created · POST \/ · try 1 · signature good · answered 500/);
  await failing.says(/✓ order\.created · POST \/ · try 2 · signature good · answered 200/);
  assert.equal((await failing.ended).code, 0);
  await node.says(/✗ order\.created → listen-\d+ 500, next try in 1 s/);
  await node.says(/✓ order\.created → listen-\d+ 200 in /);
  const later = posthorn([...common, "1"], { env: node.env });
  await later.says(/It takes up the trigger/);
  await posthorn(["send", "order.paid"], { env: node.env }).ended;
  await later.says(/✓ order\.paid · POST \/ · try 1 · signature good/);
  assert.equal((await later.ended).code, 0);
  await stop(node);
});

test("a listener whose output nobody reads ends", async () => {
  const listener = posthorn(["listen", "--port", "0"]);
  const [, url = ""] = await listener.says(/Listening at (\S+),/);
  listener.hangUp();
  await fetch(url, { method: "POST", body: "{}" });
  assert.equal((await listener.ended).code, 0);
});

test("a bad signature is answered 401 and ends with exit code 1", async () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
  const listener = posthorn(["listen", "--port", "0", "--secret", secret, "--count", "1"]);
  const [, url = ""] = await listener.says(/Listening at (\S+),/);
  const answer = await fetch(url, { method: "POST", body: "{}" });
  assert.equal(answer.status, 401);
  await listener.says(/signature bad: webhook-id, .* must all be there/);
  assert.equal((await listener.ended).code, 1);
});

test("a signal ends the listener, and its trigger with it", async () => {
  const node = await startNode("dev");
  const listener = posthorn(["listen", "--port", "0", "--types", "*"], { env: node.env });
  await listener.says(/It makes the trigger/);
  listener.signal("SIGINT");
  assert.equal((await listener.ended).code, 0);
  const { out } = await posthorn(["send", "a.b", "--json"], { env: node.env }).ended;
  assert.equal(JSON.parse(out).deliveries, 0);
  await stop(node);
});

test("a refusal is told with its reason and exit code 1", async () => {
  const node = await startNode("dev");
  const { code, out, err } = await posthorn(["send", "a.b", "--source", "no uri"], { env: node.env }).ended;
  assert.deepEqual([code, out], [1, ""]);
  assert.equal(err, "posthorn send: source must be a URI-reference (RFC 3986 §4.1) (400 invalid_attribute)\n");
  const twice = await posthorn(["send", "a.b", "--source", "no uri", "--id", ""], { env: node.env }).ended;
  assert.match(twice.err, /^posthorn send: .* \(400 invalid_attribute\)\n {2}#\/source: .*\n {2}#\/id: .*\n$/);
  const other = await posthorn(["send", "a.b", "--project", "nobody"], { env: node.env }).ended;
  assert.deepEqual([other.code, other.out], [1, ""]);
  assert.match(other.err, /404/);
  await stop(node);
});
