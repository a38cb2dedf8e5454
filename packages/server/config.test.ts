import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Config, type ConfigSources, loadConfig, settings } from "./config.ts";
import { sizeText } from "./setting-formats.ts";

const keyText = Buffer.alloc(32, 0xfb).toString("base64");

function load(sources: Partial<ConfigSources>): Config {
  const loaded = loadConfig({ env: {}, mode: "serve", ...sources });
  if (!loaded.ok) assert.fail(loaded.problems.join("\n"));
  return loaded.config;
}

function problemsOf(sources: Partial<ConfigSources>): readonly string[] {
  const loaded = loadConfig({ env: {}, mode: "serve", ...sources });
  return loaded.ok ? [] : loaded.problems;
}

test("nothing set: serve is strict, dev is open to this machine", () => {
  const serve = load({ mode: "serve" });
  assert.deepEqual([serve.mode, serve.host, serve.port], ["serve", "127.0.0.1", 4100]);
  assert.deepEqual([serve.allowTargets, serve.allowHttp], [[], false]);
  const dev = load({ mode: "dev" });
  assert.deepEqual([dev.allowTargets, dev.allowHttp], [["127.0.0.0/8", "::1", "localhost"], true]);
});

test("what dev opens can be closed", () => {
  const env = { POSTHORN_ALLOW_TARGETS: "", POSTHORN_ALLOW_HTTP: "false" };
  const dev = load({ mode: "dev", env });
  assert.deepEqual([dev.allowTargets, dev.allowHttp], [[], false]);
  assert.deepEqual(load({ mode: "dev", file: "POSTHORN_ALLOW_TARGETS: []" }).allowTargets, []);
});

test("the environment wins over the file, and the file over the defaults", () => {
  const file =
    "POSTHORN_PORT: 5000\nPOSTHORN_MAX_BODY_BYTES: 2MiB\nPOSTHORN_ROLES: [api, dispatch]\nPOSTHORN_LOG_LEVEL:\n";
  const config = load({ file, env: { POSTHORN_PORT: "6000", PATH: "/bin" } });
  assert.equal(config.port, 6000);
  assert.equal(config.maxBodyBytes, 2 * 1024 * 1024);
  assert.deepEqual(config.roles, ["api", "dispatch"]);
  assert.equal(config.logLevel, "info");
});

test("the file is read letter by letter: no number is rounded, no word becomes a boolean", () => {
  const config = load({
    file: 'POSTHORN_DATA_DIR: 0x10\nPOSTHORN_ADMIN_KEY: 12345678901234567890\nPOSTHORN_HOST: "no"\n',
  });
  assert.deepEqual([config.dataDir, config.adminKey, config.host], ["0x10", "12345678901234567890", "no"]);
});

test("a setting of every kind", () => {
  const env = {
    POSTHORN_SECRET_KEY: keyText,
    POSTHORN_DATABASE_URL: "postgres://user@db.example/posthorn",
    POSTHORN_ALLOW_TARGETS: "10.0.0.0/8, hooks.internal",
    POSTHORN_ALLOW_HTTP: "1",
    POSTHORN_PORT: "0",
    POSTHORN_LOG_LEVEL: "debug",
  };
  const config = load({ env });
  assert.deepEqual(config.secretKey, new Uint8Array(32).fill(0xfb));
  assert.equal(config.databaseUrl, "postgres://user@db.example/posthorn");
  assert.deepEqual(config.allowTargets, ["10.0.0.0/8", "hooks.internal"]);
  assert.deepEqual([config.allowHttp, config.port, config.logLevel], [true, 0, "debug"]);
});

test("the result cannot be changed", () => {
  const config = load({ env: { POSTHORN_ALLOW_TARGETS: "::1" } });
  assert.ok(Object.isFrozen(config) && Object.isFrozen(config.allowTargets) && Object.isFrozen(config.roles));
});

test("every wrong setting is one line that names it, its value and its rule", () => {
  const env = {
    POSTHORN_PORT: "65536",
    POSTHORN_LEASE_MS: "1e4",
    POSTHORN_MAX_BODY_BYTES: "1MB",
    POSTHORN_ALLOW_HTTP: "constructor",
    POSTHORN_ROLES: "api,api",
    POSTHORN_LOG_LEVEL: "loud",
    POSTHORN_HOST: "my host",
  };
  assert.deepEqual(problemsOf({ env }), [
    'POSTHORN_HOST must be a text without spaces, not "my host"',
    'POSTHORN_PORT must be a whole number from 0 to 65535, not "65536"',
    'POSTHORN_ALLOW_HTTP must be true or false, not "constructor"',
    'POSTHORN_ROLES must be a comma-separated list of different words among api, dispatch, schedule, console, not "api,api"',
    'POSTHORN_MAX_BODY_BYTES must be a size from 1KiB to 1GiB, in bytes or like 512KiB, not "1MB"',
    'POSTHORN_LEASE_MS must be a whole number of milliseconds from 1000 to 3600000, not "1e4"',
    'POSTHORN_LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent, not "loud"',
  ]);
});

test("a wrong secret is never shown", () => {
  const secrets = Object.values(settings).filter((each) => "secret" in each);
  assert.equal(secrets.length, 3);
  for (const { env } of secrets) {
    const [problem, ...more] = problemsOf({ env: { [env]: "hunter 2", POSTHORN_SECRET_KEY: "hunter 2" } });
    assert.match(`${problem}`, /^POSTHORN_\w+ must be .+, which the given secret is not$/);
    assert.ok(!JSON.stringify([problem, ...more]).includes("hunter"));
  }
});

test("an unknown name is a problem that names the nearest known one", () => {
  assert.deepEqual(problemsOf({ env: { POSTHORN_PROT: "1" }, file: "port: 1" }), [
    "port in the settings file is not a setting; did you mean POSTHORN_PORT?",
    "POSTHORN_PROT is not a setting; did you mean POSTHORN_PORT?",
  ]);
  assert.deepEqual(problemsOf({ env: { POSTHORN_CONFIG: "posthorn.yaml" } }), []);
});

test("a file that is not made of NAME: value is one problem", () => {
  const rules = { "- a": /must hold lines/, "a: [": /not YAML/, "POSTHORN_PORT: {a: 1}": /a text or a list of texts/ };
  for (const [file, rule] of Object.entries(rules)) {
    const problems = problemsOf({ file });
    assert.equal(problems.length, 1, file);
    assert.match(`${problems[0]}`, rule);
  }
  assert.match(`${problemsOf({ file: "POSTHORN_PORT: 1\nPOSTHORN_PORT: 2" })[0]}`, /not YAML.*unique.*line 2/);
});

test("a fleet without a common secret key does not start", () => {
  const env = { POSTHORN_DATABASE_URL: "postgres://db.example/posthorn" };
  assert.match(`${problemsOf({ env })}`, /^POSTHORN_SECRET_KEY must be set when POSTHORN_DATABASE_URL is/);
  assert.deepEqual(problemsOf({ env: { ...env, POSTHORN_SECRET_KEY: keyText } }), []);
});

test("a size is read back as it was written", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1024, max: 1024 ** 3 }), (bytes) => {
      const size = sizeText(bytes);
      assert.equal(load({ env: { POSTHORN_MAX_BODY_BYTES: size } }).maxBodyBytes, bytes);
    }),
  );
});

test("no environment and no file makes loading throw", () => {
  const names = fc.constantFrom(...Object.values(settings).map((each) => each.env), "POSTHORN_X");
  const env = fc.dictionary(names, fc.string());
  fc.assert(
    fc.property(
      env,
      fc.string(),
      (given, file) => typeof loadConfig({ env: given, file, mode: "dev" }).ok === "boolean",
    ),
  );
});

test("all names follow from the name in code", () => {
  for (const [name, { env }] of Object.entries(settings))
    assert.equal(env, `POSTHORN_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`);
});
