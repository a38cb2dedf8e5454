// What arrived at `posthorn listen`, understood: whether its signature is good, which event it carries, and how to show it.
import { decodeBinary, detectMode, structuredText } from "@posthorn/wire/cloudevents";
import type { Event, EventData } from "@posthorn/wire/event";
import { decodeUtf8, scanJson } from "@posthorn/wire/json";
import { verify } from "@posthorn/wire/signature";
import { decodeWebhook } from "@posthorn/wire/space-cloud";
import { layOutJson } from "./json-layout.ts";
import type { Arrival } from "./receiver.ts";
import { styled, withoutControls } from "./terminal.ts";

export type Signature =
  /** There is no secret to verify with. */
  { readonly kind: "unchecked" } | { readonly kind: "good" } | { readonly kind: "bad"; readonly detail: string };

export function checkSignature({ headers, body }: Arrival, secret: string | undefined, nowMs: number): Signature {
  if (secret === undefined) return { kind: "unchecked" };
  const result = verify(headers, body, [secret], { nowSeconds: Math.floor(nowMs / 1000) });
  return result.ok ? { kind: "good" } : { kind: "bad", detail: result.faults[0]?.detail ?? "" };
}

/** The event in any format that Posthorn sends; undefined where something else came. */
export function readEvent({ headers, body }: Arrival): Event | undefined {
  const decoded = detectMode(headers) === "binary" ? decodeBinary(headers, body) : decodeWebhook(body);
  return decoded.ok ? decoded.value : undefined;
}

/** `webhook-id`, the same for all tries of a delivery; undefined where it is missing. */
export function webhookId({ headers }: Arrival): string | undefined {
  const value = headers["webhook-id"];
  return typeof value === "string" ? value : undefined;
}

export interface Reception {
  readonly arrival: Arrival;
  readonly event: Event | undefined;
  readonly signature: Signature;
  /** The status it was answered with. */
  readonly status: number;
  /** How often this webhook-id has come by now; undefined without one. */
  readonly attempt: number | undefined;
}

// ── For people ─────────────────────────────────────────────────────────────────────────────────────────────────────

const textWidth = 88;

export function describeReception({ arrival, event, signature, status, attempt }: Reception): string {
  const isFine = signature.kind !== "bad" && status >= 200 && status < 300;
  const sign = isFine ? styled("green", "✓") : styled("red", "✗");
  const name = styled("bold", withoutControls(event?.type ?? "no event that Posthorn knows"));
  const rest = [
    `${arrival.method} ${arrival.path}`,
    ...(attempt === undefined ? [] : [`try ${attempt}`]),
    describeSignature(signature),
    `answered ${status}`,
  ];
  const rows = [...attributeRows(event), ["webhook-id", webhookId(arrival)], ["data", shownData(arrival, event)]];
  return [`${sign} ${[name, ...rest.map(withoutControls)].join(" · ")}`, ...rows.flatMap(describeRow)].join("\n");
}

function describeSignature(signature: Signature): string {
  switch (signature.kind) {
    case "unchecked":
      return "signature not checked";
    case "good":
      return "signature good";
    case "bad":
      return `signature bad: ${signature.detail}`;
    default:
      return signature satisfies never;
  }
}

type Row = readonly (string | undefined)[];

function attributeRows(event: Event | undefined): readonly Row[] {
  if (event === undefined) return [];
  const { id, source, subject, time, extensions } = event;
  const known: readonly Row[] = [
    ["id", id],
    ["source", source],
    ["subject", subject],
    ["time", time],
  ];
  return [...known, ...Object.entries(extensions).map(([name, value]) => [name, String(value)])];
}

function describeRow([name = "", text]: Row): readonly string[] {
  if (text === undefined) return [];
  const label = styled("dim", name.padEnd(10));
  const [first = "", ...more] = withoutControls(text).split("\n");
  if (more.length === 0) return [`  ${label}  ${first}`];
  return [`  ${label}`, ...[first, ...more].map((line) => `    ${line}`)];
}

/** Of an event its data, of anything else the whole body; undefined where there is none. */
function shownData({ body }: Arrival, event: Event | undefined): string | undefined {
  const data = event === undefined ? bodyData(body) : event.data;
  switch (data?.kind) {
    case undefined:
      return undefined;
    case "json":
      return layOutJson(data.text, textWidth);
    case "text":
      return data.text;
    case "binary":
      return `${data.bytes.length} bytes`;
    default:
      return data satisfies never;
  }
}

function bodyData(body: Uint8Array): EventData | undefined {
  if (body.length === 0) return undefined;
  const text = decodeUtf8(body);
  if (!text.ok) return { kind: "binary", bytes: body };
  return { kind: scanJson(text.value).ok ? "json" : "text", text: text.value };
}

// ── For programs ───────────────────────────────────────────────────────────────────────────────────────────────────

/** One line of JSON. Written around the event's own text, so that its data stays as it came. */
export function receptionLine({ arrival, event, signature, status, attempt }: Reception): string {
  const { method, path, body } = arrival;
  const line = JSON.stringify({
    method,
    path,
    status,
    try: attempt,
    signature: signature.kind,
    webhookId: webhookId(arrival),
    ...(event === undefined ? { body: Buffer.from(body).toString() } : {}),
  });
  return event === undefined ? line : `${line.slice(0, -1)},"event":${structuredText(event)}}`;
}
