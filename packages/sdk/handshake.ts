// The receiving side of the CloudEvents webhook validation (WH-11 to WH-14): a sender asks by OPTIONS whether it may deliver.
import type { MessageHeaders } from "@posthorn/wire/cloudevents";
import { headerValue } from "@posthorn/wire/signed-message";

export interface HandshakeOptions {
  /** Which senders may deliver, by their DNS names; "*" if not given, since a signature decides in the end. */
  readonly origins?: "*" | readonly string[];
  /** Requests that a sender may make in a minute; as many as it likes if not given. */
  readonly ratePerMinute?: number;
}

export const allowedMethods = "POST, OPTIONS";

/** Consent is in the headers, not in the status (WH-12). */
export function answerHandshake(headers: MessageHeaders, options: HandshakeOptions): Response {
  const origin = headerValue(headers, "webhook-request-origin");
  if (origin === "") return new Response(null, { status: 204, headers: { allow: allowedMethods } });
  const { origins = "*", ratePerMinute } = options;
  if (origins !== "*" && !origins.some((each) => each.toLowerCase() === origin.toLowerCase()))
    return Response.json(
      { error: "this origin may not deliver here" },
      { status: 403, headers: { allow: allowedMethods } },
    );
  const rate = grantedRate(headerValue(headers, "webhook-request-rate"), ratePerMinute);
  return new Response(null, {
    status: 200,
    headers: {
      allow: allowedMethods,
      "webhook-allowed-origin": origin,
      ...(rate === undefined ? {} : { "webhook-allowed-rate": rate }),
    },
  });
}

/** Must be there if a rate was asked for. A wish for less than we grant is granted as it is. */
function grantedRate(wish: string, ratePerMinute: number | undefined): string | undefined {
  if (ratePerMinute === undefined) return wish === "" ? undefined : "*";
  const wished = /^[1-9]\d{0,8}$/.test(wish) ? Number(wish) : ratePerMinute;
  return String(Math.min(wished, ratePerMinute));
}
