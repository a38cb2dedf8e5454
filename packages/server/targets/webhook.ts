// The webhook target: writes the event in the trigger's format, signs it (Standard Webhooks, STANDARDS §5), sends it
// through the guarded network and reads the verdict from the status. Redirects are not followed; the answer's body is
// proof, not verdict.
import { formats } from "@posthorn/wire/formats";
import { sign } from "@posthorn/wire/signature";
import type { Outcome } from "../domain/outcome.ts";
import { parseRetryAfter } from "../domain/retry-after.ts";
import type { Exchange, Network } from "../outside/network.ts";
import { maskCredentials } from "./headers.ts";
import type { AttemptReport, DeliveryRequest, Target } from "./target.ts";

/** Bytes of an answer's body that are kept; reading stops there. */
const maxResponseBytes = 64 * 1024;
const userAgent = "Posthorn/0.1";

export function createWebhookTarget(network: Pick<Network, "exchange">): Target {
  return {
    kind: "webhook",
    async deliver(request, signal) {
      const message = write(request);
      if ("refusal" in message) return { outcome: { kind: "refused", detail: message.refusal } };
      const { headers, shownHeaders, body } = message;
      const { target, timeoutMs, nowMs } = request;
      const { url } = target;
      const exchange = await network.exchange({
        method: "POST",
        url,
        headers,
        body,
        timeoutMs,
        maxResponseBytes,
        signal,
      });
      return report(exchange, { url, headers: shownHeaders, bytes: body.length }, nowMs);
    },
  };
}

interface Message {
  readonly headers: Readonly<Record<string, string>>;
  /** The same without the user's credentials. */
  readonly shownHeaders: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What cannot be written or signed was taken in by mistake; whoever looks at the delivery shall read why. */
function write(request: DeliveryRequest): Message | { readonly refusal: string } {
  const { event, sequence, format, deliveryId, attempt, target, origin } = request;
  try {
    const { headers: formatHeaders, body } = formats[format].encode(event, { deliveryId, attempt, sequence });
    const ownHeaders = {
      "accept-encoding": "identity",
      ...formatHeaders,
      ...signatureHeaders(request, body),
      ...(origin === null ? {} : { "webhook-request-origin": origin }),
    };
    return {
      headers: { "user-agent": userAgent, ...target.headers, ...ownHeaders },
      shownHeaders: { "user-agent": userAgent, ...maskCredentials(target.headers), ...ownHeaders },
      body,
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { refusal: `the event cannot be sent in the format ${format}: ${why}` };
  }
}

/** The id is that of the delivery, the same for all tries; the time is that of this try (SW-2). */
function signatureHeaders(
  { deliveryId, nowMs, secrets }: DeliveryRequest,
  body: Uint8Array,
): Readonly<Record<string, string>> {
  const timestampSeconds = Math.floor(nowMs / 1000);
  return {
    "webhook-id": deliveryId,
    "webhook-timestamp": String(timestampSeconds),
    "webhook-signature": sign({ id: deliveryId, timestampSeconds, body }, secrets),
  };
}

function report(exchange: Exchange, request: NonNullable<AttemptReport["request"]>, nowMs: number): AttemptReport {
  switch (exchange.kind) {
    case "answered": {
      const { status, headers, body, truncated } = exchange;
      return { outcome: judge(status, headers["retry-after"], nowMs), request, response: { headers, body, truncated } };
    }
    case "timeout":
    case "network":
    case "refused":
      return { outcome: exchange, request };
    case "aborted":
      return { outcome: { kind: "interrupted" }, request };
    default:
      return exchange satisfies never;
  }
}

/** Any 2xx is success (STANDARDS SW-11, SEEDS "Where the four conflict"), anything else is not. */
function judge(status: number, retryAfter: string | undefined, nowMs: number): Outcome {
  if (status >= 200 && status < 300) return { kind: "delivered", status };
  const retryAfterMs = retryAfter === undefined ? undefined : parseRetryAfter(retryAfter, nowMs);
  return {
    kind: "rejected",
    status,
    gone: status === 410,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}
