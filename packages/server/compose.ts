// The only file that knows which implementation is used: it builds a node from its settings, starts it and stops it.
import { type Api, createApi } from "./api/server.ts";
import type { Config } from "./config.ts";
import { uuidv7 } from "./domain/ids.ts";
import { defaultProject } from "./domain/project.ts";
import { createFacts, type Facts } from "./observe/facts.ts";
import { type Log, logFacts } from "./observe/log.ts";
import { countFacts } from "./observe/metrics.ts";
import { checkTargetUrl, type ForbiddenEndpoint, type NetworkPolicy } from "./outside/address-guard.ts";
import { parseAllowList } from "./outside/allow-list.ts";
import { type Clock, systemClock } from "./outside/clock.ts";
import { type KeyFile, readOrMakeKeyFile } from "./outside/key-files.ts";
import { createMemory } from "./outside/memory.ts";
import { createNetwork, type Network } from "./outside/network.ts";
import { type Randomness, systemRandomness } from "./outside/randomness.ts";
import { createVault } from "./outside/vault.ts";
import type { ConsentSettings } from "./pipeline/consent.ts";
import { createPipeline, type Pipeline } from "./pipeline/pipeline.ts";
import { openSqliteStore } from "./store/sqlite/open.ts";
import type { Store } from "./store/store.ts";
import { checkTargetHeaders } from "./targets/headers.ts";
import type { Target } from "./targets/target.ts";
import { createWebhookTarget } from "./targets/webhook.ts";
import { createDispatcher } from "./workers/dispatcher.ts";
import { createPruner } from "./workers/pruner.ts";
import { createRenewer } from "./workers/renewer.ts";
import { rescue } from "./workers/rescuer.ts";
import { createTidier } from "./workers/tidier.ts";
import type { Worker } from "./workers/worker.ts";

export interface Node {
  /** Where it listens: `http://127.0.0.1:4100`. */
  readonly url: string;
  readonly adminKey: string;
  /** The file that holds the admin key, unless a setting brought it. */
  readonly adminKeyFile: KeyFile | null;
  readonly facts: Facts;
  /** Stops accepting, finishes or gives back what is under way within the limit of the settings, and closes the store. */
  stop(): Promise<void>;
}

export class StartError extends Error {}

const secretKeyBytes = 32;
const adminKeyBytes = 24;

/** @throws StartError or StoreError with one clear line, when the settings or the surroundings do not let it start. */
export async function startNode(config: Config, version: string): Promise<Node> {
  const ground = await layGround(config, version);
  try {
    return await startOn(ground);
  } catch (error) {
    // A port that is taken, above all: the store must not keep the process, or its folder, for a node that never was.
    await ground.network.close();
    await ground.store.close();
    throw error;
  }
}

/** What a node stands on before anybody can reach it. */
interface Ground {
  readonly config: Config;
  readonly version: string;
  readonly facts: Facts;
  readonly log: Log;
  readonly keys: Keys;
  readonly policy: ReturnType<typeof networkPolicy>;
  readonly store: Store;
  readonly network: Network;
}

async function layGround(config: Config, version: string): Promise<Ground> {
  const facts = createFacts();
  const log = logFacts(facts, config.logLevel);
  const keys = findKeys(config, systemRandomness);
  const policy = networkPolicy(config);
  const store = await openStore(config);
  return { config, version, facts, log, keys, policy, store, network: createNetwork(policy) };
}

async function startOn(ground: Ground): Promise<Node> {
  const { config, facts, store, policy, keys } = ground;
  const clock = systemClock;
  const owner = uuidv7(clock.now(), systemRandomness.bytes(10));
  const pipeline = buildPipeline(ground, owner);
  const api = buildApi(ground, pipeline);
  await store.createProject({ now: clock.now(), ...defaultProject });
  const address = await api.listen({ host: config.host, port: config.port });
  policy.forbidden.push({ host: config.host, port: address.port });
  const workers = startWorkers(config, { store, pipeline, clock, facts });
  if (config.roles.includes("dispatch"))
    await rescue({ store, dispatch: pipeline.dispatch, clock, tell: facts.tell, owner });
  else await pipeline.dispatch.stop(0);
  return {
    url: address.url,
    adminKey: keys.adminKey,
    adminKeyFile: keys.adminKeyFile,
    facts,
    stop: () => stopNode({ ...ground, api, pipeline, workers }),
  };
}

function buildPipeline({ config, store, network, facts, keys }: Ground, owner: string): Pipeline {
  return createPipeline({
    store,
    targets: new Map<string, Target>([["webhook", createWebhookTarget(network)]]),
    vault: createVault(keys.secretKey, systemRandomness),
    clock: systemClock,
    randomness: systemRandomness,
    facts,
    owner,
    leaseMs: config.leaseMs,
    lanes: { perTrigger: config.triggerConcurrency, inAll: config.maxInFlight },
    network,
    consent: consentSettings(config),
    accept: { maxFanOut: config.maxFanOut, idempotencyMs: config.idempotencyHours * 3_600_000 },
  });
}

function consentSettings({ webhookOrigin, publicUrl }: Config): ConsentSettings {
  const ownName = publicUrl === undefined ? "localhost" : new URL(publicUrl).hostname;
  return { origin: webhookOrigin ?? ownName, publicUrl };
}

function buildApi({ config, version, store, facts, policy, keys }: Ground, pipeline: Pipeline): Api {
  return createApi({
    pipeline,
    store,
    facts,
    config,
    clock: systemClock,
    randomness: systemRandomness,
    adminKey: keys.adminKey,
    version,
    checkTargetUrl: (url) => checkTargetUrl(url, policy),
    checkTargetHeaders,
    metrics: countFacts(facts, metricSources(pipeline, store, systemClock, version)),
  });
}

interface Keys {
  readonly adminKey: string;
  readonly adminKeyFile: KeyFile | null;
  readonly secretKey: Uint8Array;
}

function findKeys(config: Config, randomness: Randomness): Keys {
  const made = (bytes: number, encoding: "base64" | "base64url"): string =>
    Buffer.from(randomness.bytes(bytes)).toString(encoding);
  const adminKeyFile =
    config.adminKey === undefined
      ? readOrMakeKeyFile(config.dataDir, "admin.key", () => `pha_${made(adminKeyBytes, "base64url")}`)
      : null;
  const secretKey =
    config.secretKey ??
    Buffer.from(readOrMakeKeyFile(config.dataDir, "secret.key", () => made(secretKeyBytes, "base64")).text, "base64");
  if (secretKey.length !== secretKeyBytes)
    throw new StartError(
      `secret.key in ${config.dataDir} does not hold ${secretKeyBytes} bytes of base64; restore it from a backup`,
    );
  return { adminKey: config.adminKey ?? adminKeyFile?.text ?? "", adminKeyFile, secretKey };
}

function networkPolicy(config: Config): NetworkPolicy & { readonly forbidden: ForbiddenEndpoint[] } {
  const parsed = parseAllowList(config.allowTargets.join(","));
  if (!parsed.ok) throw new StartError(parsed.detail);
  return { allowHttp: config.allowHttp, allow: parsed.allow, forbidden: [] };
}

async function openStore(config: Config): Promise<Store> {
  if (config.databaseUrl !== undefined)
    throw new StartError("POSTHORN_DATABASE_URL is set, but this version has the embedded store only; unset it");
  return openSqliteStore({ dataDir: config.dataDir, clock: systemClock, randomness: systemRandomness });
}

function metricSources(pipeline: Pipeline, store: Store, clock: Clock, version: string) {
  return {
    version,
    now: () => clock.now(),
    inFlight: () => pipeline.dispatch.inFlight(),
    async oldestDueAt() {
      const due = (await store.agenda()).map((entry) => entry.dueAt).filter((at) => at <= clock.now());
      return due.length === 0 ? null : Math.min(...due);
    },
  };
}

interface WorkerParts {
  readonly store: Store;
  readonly pipeline: Pipeline;
  readonly clock: Clock;
  readonly facts: Facts;
}

function startWorkers(config: Config, { store, pipeline, clock, facts }: WorkerParts): readonly Worker[] {
  const parts = { store, dispatch: pipeline.dispatch, clock, tell: facts.tell };
  const dispatching = [createDispatcher(parts, config.pollIntervalMs), createRenewer(parts, config.leaseMs)];
  const retention = { deliveredDays: config.retentionDays, failedDays: config.retentionFailedDays };
  const everywhere = [createPruner(parts, retention), createTidier({ memory: createMemory(), facts, clock })];
  const workers = [...(config.roles.includes("dispatch") ? dispatching : []), ...everywhere];
  for (const worker of workers) worker.start();
  return workers;
}

interface Running extends Ground {
  readonly api: Api;
  readonly pipeline: Pipeline;
  readonly workers: readonly Worker[];
}

async function stopNode({ config, api, pipeline, workers, network, store, log }: Running): Promise<void> {
  await api.close();
  // The renewer runs on until every try is on record, so it is stopped after dispatch.
  await pipeline.dispatch.stop(config.shutdownTimeoutMs);
  await Promise.all(workers.map((worker) => worker.stop()));
  await network.close();
  await store.close();
  log.flush();
}
