// What became of a message, as a value: for the answer to its sender, and for the log and figures of whoever receives.
import type { ReceivedEvent } from "./received-event.ts";
import type { Refusal } from "./refusal.ts";

export type Reception =
  /** Every event was handled now or before; `response` is what a handler answered, if one did. */
  | {
      readonly outcome: "handled";
      readonly handled: readonly ReceivedEvent[];
      readonly duplicates: readonly ReceivedEvent[];
      readonly response: Response | undefined;
    }
  /** It is not acceptable, and nothing of it was handled. */
  | { readonly outcome: "refused"; readonly refusal: Refusal }
  /** Another try of the same event is being handled right now. */
  | { readonly outcome: "busy"; readonly event: ReceivedEvent; readonly forMs: number }
  /** A handler threw, or answered a status that is no success. Without an event, it came to no handler. */
  | {
      readonly outcome: "failed";
      readonly event: ReceivedEvent | undefined;
      readonly error: unknown;
      readonly response: Response | undefined;
    };

/** The answer to the sender: `{"status": "success"}` or `{"error": …}`, as globalMOO's document has it. */
export function answerOf(reception: Reception): Response {
  switch (reception.outcome) {
    case "handled":
      return reception.response ?? Response.json({ status: "success" });
    case "refused": {
      const { code, status, message } = reception.refusal;
      return Response.json({ error: message, code }, { status });
    }
    case "busy":
      return Response.json(
        { error: "this event is being handled right now" },
        { status: 409, headers: { "retry-after": String(Math.ceil(reception.forMs / 1000)) } },
      );
    case "failed":
      // What was thrown is nobody's business out there.
      return reception.response ?? Response.json({ error: "the message could not be handled" }, { status: 500 });
    default:
      return reception satisfies never;
  }
}
