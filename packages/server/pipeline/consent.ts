// Asks targets for their consent before anything is delivered: the sending side of the CloudEvents webhook validation
// (WH-11 to WH-15). It stands beside the way of an event: what waits for consent is collected, and held in dispatch.
import { hash, timingSafeEqual } from "node:crypto";
import type { Consent, Trigger } from "../domain/trigger.ts";
import type { Clock } from "../outside/clock.ts";
import type { Exchange, Network } from "../outside/network.ts";
import type { Randomness } from "../outside/randomness.ts";
import type { Put } from "../store/store.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Triggers } from "./triggers.ts";

export interface ConsentSettings {
  /** The DNS name that is shown to targets as WebHook-Request-Origin. */
  readonly origin: string;
  /** Where targets reach this Posthorn, without a slash at the end; without it they are offered no callback. */
  readonly publicUrl: string | undefined;
}

export interface ConsentParts extends ConsentSettings {
  readonly triggers: Triggers;
  readonly catalogue: Catalogue;
  readonly network: Pick<Network, "exchange">;
  readonly clock: Clock;
  readonly randomness: Randomness;
}

export interface Consents {
  /** Asks a trigger's target anew, whatever it said before. The trigger must require consent. */
  ask(trigger: Trigger): Promise<Put<Trigger>>;
  /** A target says yes by the callback that it was given: true once, while the callback is open. */
  grant(triggerKey: string, secret: string): Promise<boolean>;
}

const callbackPath = "/v1/webhook-consents";
const callbackAgeMs = 24 * 3_600_000;
const secretBytes = 32;
/** The client that made the trigger waits for the answer. */
const maxTimeoutMs = 10_000;
/** Consent is in the headers; the body is not looked at. */
const maxResponseBytes = 1024;
/** Of the name that a target allows instead of ours. */
const maxShownName = 253;
const userAgent = "Posthorn/0.1";

export function createConsents(parts: ConsentParts): Consents {
  return {
    ask: (trigger) => ask(parts, trigger),
    grant: (triggerKey, secret) => grant(parts, triggerKey, secret),
  };
}

/** The same triggers, whose targets are asked whenever that is due: when one is made, and when its URL has changed. */
export function askingTriggers(triggers: Triggers, consents: Consents): Triggers {
  const asked = (result: Put<Trigger>): Put<Trigger> | Promise<Put<Trigger>> =>
    result.kind === "done" && result.value.validation === "required" && result.value.consent === null
      ? consents.ask(result.value)
      : result;
  return {
    ...triggers,
    create: async (...request) => asked(await triggers.create(...request)),
    update: async (...request) => asked(await triggers.update(...request)),
  };
}

// ── Asking ─────────────────────────────────────────────────────────────────────────────────────────────────────────

async function ask(parts: ConsentParts, trigger: Trigger): Promise<Put<Trigger>> {
  const { clock, origin, triggers } = parts;
  const secret = parts.publicUrl === undefined ? null : makeSecret(parts);
  const callback = secret === null ? null : { hash: hashOf(secret), expiresAt: clock.now() + callbackAgeMs };
  const asked: Consent = { state: "pending", at: clock.now(), origin, detail: "the target is being asked", callback };
  // Kept before it is asked: the callback may be called before the answer is here.
  const kept = await triggers.setConsent(trigger.projectId, trigger.name, (current) =>
    isSameTarget(current, trigger) ? asked : undefined,
  );
  if (kept.kind !== "done" || !isSameTarget(kept.value, trigger)) return kept;
  const exchange = await parts.network.exchange(requestFor(parts, trigger, secret));
  return triggers.setConsent(trigger.projectId, trigger.name, (current) =>
    isSameTarget(current, trigger) && current.consent?.state === "pending"
      ? judge(exchange, { ...current.consent, at: clock.now() })
      : undefined,
  );
}

/** The trigger may have been changed, or made anew under its name, while its target was being asked. */
function isSameTarget(current: Trigger, asked: Trigger): boolean {
  return current.id === asked.id && current.validation === "required" && current.target.url === asked.target.url;
}

function requestFor({ origin, publicUrl }: ConsentSettings, trigger: Trigger, secret: string | null) {
  const callback = `${publicUrl}${callbackPath}/${keyOf(trigger)}/${secret}`;
  return {
    method: "OPTIONS",
    url: trigger.target.url,
    headers: {
      "user-agent": userAgent,
      ...trigger.target.headers,
      "webhook-request-origin": origin,
      ...(secret === null ? {} : { "webhook-request-callback": callback }),
    },
    timeoutMs: Math.min(trigger.timeoutMs, maxTimeoutMs),
    maxResponseBytes,
  } as const;
}

/** The status says nothing of consent (WH-12). Without it a target that was given a callback may still say yes. */
function judge(exchange: Exchange, asked: Consent): Consent {
  if (exchange.kind !== "answered") {
    const why = "detail" in exchange ? exchange.detail : "the request was interrupted";
    return { ...asked, detail: `the target could not be asked: ${why}` };
  }
  const allowed = exchange.headers["webhook-allowed-origin"]?.trim();
  if (allowed === "*" || allowed?.toLowerCase() === asked.origin.toLowerCase()) return verified(asked);
  const detail =
    allowed === undefined
      ? `the target answered ${exchange.status} without WebHook-Allowed-Origin`
      : `the target allows ${JSON.stringify(allowed.slice(0, maxShownName))}, not ${JSON.stringify(asked.origin)}`;
  return { ...asked, state: asked.callback === null ? "refused" : "pending", detail };
}

function verified(asked: Consent): Consent {
  return { ...asked, state: "verified", detail: null, callback: null };
}

// ── The callback ───────────────────────────────────────────────────────────────────────────────────────────────────

async function grant(
  { catalogue, triggers, clock }: ConsentParts,
  triggerKey: string,
  secret: string,
): Promise<boolean> {
  const [, projectId, triggerId] = /^(\d{1,15})-(\d{1,15})$/.exec(triggerKey) ?? [];
  const trigger = (await catalogue.byId(Number(projectId)))?.triggers.get(Number(triggerId));
  if (trigger === undefined) return false;
  let isGranted = false;
  await triggers.setConsent(trigger.projectId, trigger.name, ({ id, consent }) => {
    isGranted = id === trigger.id && consent !== null && opens(consent, secret, clock.now());
    return isGranted && consent !== null ? verified({ ...consent, at: clock.now() }) : undefined;
  });
  return isGranted;
}

function opens({ callback }: Consent, secret: string, now: number): boolean {
  if (callback === null || callback.expiresAt <= now) return false;
  return timingSafeEqual(Buffer.from(callback.hash), Buffer.from(hashOf(secret)));
}

function keyOf({ projectId, id }: Trigger): string {
  return `${projectId}-${id}`;
}

function makeSecret({ randomness }: ConsentParts): string {
  return Buffer.from(randomness.bytes(secretBytes)).toString("base64url");
}

function hashOf(secret: string): string {
  return hash("sha256", secret, "hex");
}
