// The one table of errors (STANDARDS §6.2): what each code means and with which status it is answered. docs/errors.md and
// the codes of the OpenAPI document are made from it.

interface ProblemKind {
  readonly status: number;
  /** The same for every occurrence. */
  readonly title: string;
  /** For whoever meets it: what to do. */
  readonly meaning: string;
}

export const problemKinds = {
  invalid_request: {
    status: 400,
    title: "Several things are wrong",
    meaning: "The request breaks rules of different kinds. `errors` lists each with its place.",
  },
  malformed_request: {
    status: 400,
    title: "Not HTTP as it should be",
    meaning: "The request line, a header, the URL or the framing of the body cannot be read.",
  },
  body_missing: {
    status: 400,
    title: "The body is missing",
    meaning: "This request needs a JSON body.",
  },
  invalid_utf8: {
    status: 400,
    title: "The body is not UTF-8",
    meaning: "JSON travels as UTF-8, without unpaired surrogates.",
  },
  invalid_json: {
    status: 400,
    title: "The body is not JSON",
    meaning: "`detail` names the place. A byte order mark is not allowed either.",
  },
  duplicate_key: {
    status: 400,
    title: "A key is there twice",
    meaning: "An object of the body holds the same key twice, and no reader could know which value was meant.",
  },
  json_too_deep: {
    status: 400,
    title: "The JSON nests too deep",
    meaning: "Arrays and objects may nest 64 deep, the envelope included.",
  },
  unknown_field: {
    status: 400,
    title: "Unknown field",
    meaning: "A field that this request does not know, so that a slip of the pen is not lost in silence.",
  },
  missing_field: { status: 400, title: "A field is missing", meaning: "`pointer` says which." },
  wrong_type: { status: 400, title: "Wrong type", meaning: "A value is of another JSON type than the field takes." },
  invalid_field: { status: 400, title: "A field breaks its rule", meaning: "`detail` names the field and the rule." },
  conflicting_fields: {
    status: 400,
    title: "Fields exclude each other",
    meaning: "Only one of them may be there, such as `deliverAt` or `delay`, `data` or `data_base64`.",
  },
  missing_attribute: {
    status: 400,
    title: "An attribute is missing",
    meaning: "The event lacks an attribute that its form requires (CloudEvents 1.0).",
  },
  invalid_attribute: {
    status: 400,
    title: "An attribute breaks its rule",
    meaning: "The value of an event's attribute is not what CloudEvents 1.0 allows.",
  },
  invalid_attribute_name: {
    status: 400,
    title: "Not a name for an attribute",
    meaning: "Attributes of events are named with a-z and 0-9 alone.",
  },
  unsupported_specversion: {
    status: 400,
    title: "Unknown version of CloudEvents",
    meaning: '`specversion` must be "1.0".',
  },
  invalid_data: {
    status: 400,
    title: "The data does not fit its content type",
    meaning: "`datacontenttype` says JSON, text or bytes, and `data` is something else.",
  },
  invalid_header: {
    status: 400,
    title: "A header breaks its rule",
    meaning: "`detail` names the header and the rule.",
  },
  duplicate_header: { status: 400, title: "A header is there twice", meaning: "It may be there once." },
  invalid_secret: {
    status: 400,
    title: "Not a signing secret",
    meaning: "A secret is `whsec_` or `whsk_` and base64, as Standard Webhooks has it.",
  },
  unknown_parameter: { status: 400, title: "Unknown query parameter", meaning: "`detail` lists those that are known." },
  invalid_parameter: {
    status: 400,
    title: "A query parameter breaks its rule",
    meaning: "`detail` names the parameter and the rule.",
  },
  invalid_cursor: {
    status: 400,
    title: "Not a cursor of this list",
    meaning: "Cursors come from `nextCursor` and `prevCursor`, and hold for the same list with the same filters.",
  },
  invalid_idempotency_key: {
    status: 400,
    title: "Not an idempotency key",
    meaning: '`Idempotency-Key` takes 1 to 255 printable ASCII characters, in quotes ("…") or bare and without spaces.',
  },
  system_type: {
    status: 400,
    title: "A type of the platform's own",
    meaning: "Events of this type are published by the platform alone.",
  },
  schedule_too_far: {
    status: 400,
    title: "Too far ahead",
    meaning: "An event may be scheduled at most ten years ahead.",
  },
  attribute_too_long: {
    status: 400,
    title: "An attribute is too long",
    meaning: "An event's id and type may have 1,024 characters each, its source and subject 2,048.",
  },
  fan_out_too_wide: {
    status: 400,
    title: "Too many triggers want this event",
    meaning: "One event may owe only so many deliveries; POSTHORN_MAX_FAN_OUT sets how many.",
  },
  target_refused: {
    status: 400,
    title: "Posthorn does not send there",
    meaning: "The target's URL is not allowed. Where a setting would allow it, `detail` names the setting.",
  },
  unauthenticated: {
    status: 401,
    title: "No valid key",
    meaning: "Send `Authorization: Bearer <key>` with the admin key or a key of the project.",
  },
  scope_missing: {
    status: 403,
    title: "The key lacks a scope",
    meaning: "The key is valid here, and may not do this. `detail` names the scope.",
  },
  admin_key_required: {
    status: 403,
    title: "Only for the admin key",
    meaning: "Projects are made and deleted with the admin key of the platform alone.",
  },
  route_not_found: { status: 404, title: "No such path", meaning: "`/docs` lists all paths." },
  project_not_found: {
    status: 404,
    title: "No such project",
    meaning: "There is no such project, or the key is not one of its keys: both are answered alike.",
  },
  event_not_found: { status: 404, title: "No such event", meaning: "It never was there, or its retention is over." },
  trigger_not_found: { status: 404, title: "No such trigger", meaning: "The project has no trigger of that name." },
  delivery_not_found: {
    status: 404,
    title: "No such delivery",
    meaning: "It never was there, or its retention is over.",
  },
  key_not_found: { status: 404, title: "No such key", meaning: "The project has no key with that id." },
  consent_not_found: {
    status: 404,
    title: "No such consent",
    meaning: "The callback is unknown, has been used, or is too old. Ask for the trigger to be validated again.",
  },
  method_not_allowed: {
    status: 405,
    title: "The path does not take this method",
    meaning: "The header `Allow` lists those that it takes.",
  },
  request_timeout: {
    status: 408,
    title: "The request came too slowly",
    meaning: "A request must be here within a minute, its headers within 20 seconds.",
  },
  name_taken: { status: 409, title: "The name is taken", meaning: "Another project or trigger has it already." },
  too_many_triggers: {
    status: 409,
    title: "The project is full",
    meaning: "A project may have only so many triggers; POSTHORN_MAX_TRIGGERS sets how many.",
  },
  too_many_keys: { status: 409, title: "The project has too many keys", meaning: "Delete those that nobody uses." },
  ambiguous_event: {
    status: 409,
    title: "Two events have this id",
    meaning: "Different sources used it. Say which one is meant: `?source=…`.",
  },
  delivery_busy: {
    status: 409,
    title: "The delivery is due or under way",
    meaning: "What is about to be tried anyway cannot be retried.",
  },
  trigger_gone: {
    status: 409,
    title: "The trigger was deleted",
    meaning: "Its deliveries can still be read, but not be tried again.",
  },
  trigger_not_running: {
    status: 409,
    title: "The trigger sends nothing now",
    meaning: "It is paused, disabled, or waits for its target's consent: resume, enable or validate it first.",
  },
  validation_off: {
    status: 409,
    title: "The trigger asks for no consent",
    meaning: 'Only a trigger with `validation: "required"` has its target asked.',
  },
  foreign_trigger: {
    status: 409,
    title: "The name belongs to a trigger of another kind",
    meaning: "This face changes only triggers of its own format.",
  },
  body_too_large: {
    status: 413,
    title: "The body is too large",
    meaning: "POSTHORN_MAX_BODY_BYTES sets the limit for events; other bodies may have 128 KiB.",
  },
  batch_too_large: {
    status: 413,
    title: "Too many events at once",
    meaning: "POSTHORN_MAX_BATCH_EVENTS sets how many one request may hold.",
  },
  url_too_long: {
    status: 414,
    title: "A part of the path is too long",
    meaning: "No name or id of ours is that long.",
  },
  unsupported_media_type: {
    status: 415,
    title: "Unknown content type",
    meaning: "`detail` lists the content types that this path takes. Bodies come without a Content-Encoding.",
  },
  idempotency_key_reused: {
    status: 422,
    title: "The idempotency key came with another body",
    meaning: "A key stands for one request. Take a new one for a new request.",
  },
  headers_too_large: { status: 431, title: "The headers are too large", meaning: "All together may have 64 KiB." },
  internal_error: {
    status: 500,
    title: "Something went wrong inside",
    meaning:
      "The log of the node says what. Nothing of the request was kept, unless the answer came too late to say so.",
  },
  webhook_failed: {
    status: 502,
    title: "The webhook failed",
    meaning: "The event is stored; every delivery that a synchronous caller waited for has failed.",
  },
  store_busy: {
    status: 503,
    title: "Too much at once",
    meaning: "Nothing of the request was kept. Try it again soon.",
  },
  store_full: { status: 503, title: "The disk is full", meaning: "Nothing of the request was kept." },
  store_unavailable: {
    status: 503,
    title: "The store cannot be reached",
    meaning: "Nothing of the request was kept. Try it again later.",
  },
  too_many_waiting: {
    status: 503,
    title: "Too many callers are waiting or listening",
    meaning: "Only so many may listen live or wait for a webhook at one time.",
  },
  webhook_late: {
    status: 504,
    title: "The webhook did not answer in time",
    meaning: "The event is stored and its deliveries go on; a synchronous caller waits at most 10 seconds.",
  },
} as const satisfies Readonly<Record<string, ProblemKind>>;

export type ProblemCode = keyof typeof problemKinds;

/** One thing that is wrong with a body. */
export interface Fault {
  readonly detail: string;
  /** RFC 6901 in its URI fragment form: "#/retry/jitter". */
  readonly pointer: string;
}

/** Thrown by whatever answers a request, and turned into an answer in one place (problem-answers.ts). */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly faults: readonly Fault[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    detail: string,
    extras: { readonly faults?: readonly Fault[]; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    this.code = code;
    this.faults = extras.faults ?? [];
    this.headers = extras.headers ?? {};
  }
}

/** A fault and the code that it would have alone. */
export interface CodedFault extends Fault {
  readonly code: ProblemCode;
}

/** More faults than this help nobody. */
export const maxFaults = 50;

/** The problem of a body with these faults, at least one: theirs when they agree on a code, else `invalid_request`. */
export function problemOf(faults: readonly CodedFault[]): Problem {
  const shown = faults.slice(0, maxFaults);
  const first = faults[0] ?? { code: "invalid_request" as const, detail: "the request cannot be read", pointer: "#" };
  const code = faults.every((fault) => fault.code === first.code) ? first.code : "invalid_request";
  const detail = faults.length <= 1 ? first.detail : `${first.detail}; and ${faults.length - 1} more, see errors`;
  return new Problem(code, detail, { faults: shown.map(({ detail, pointer }) => ({ detail, pointer })) });
}

/** The members of `application/problem+json` (RFC 9457). The type leads to the node's own page of errors. */
export function problemBody({ code, message, faults }: Problem): string {
  const { status, title } = problemKinds[code];
  return JSON.stringify({
    type: `/docs/errors#${code}`,
    title,
    status,
    detail: message,
    code,
    ...(faults.length === 0 ? {} : { errors: faults }),
  });
}

/** docs/errors.md. */
export function renderErrorsPage(): string {
  const rows = Object.entries(problemKinds).map(([code, { status, title, meaning }]) => {
    return `| <a id="${code}"></a>\`${code}\` | ${status} | ${title} | ${meaning} |`;
  });
  return `# Errors

Every error of the API is a [problem](https://www.rfc-editor.org/rfc/rfc9457) with the content type
\`application/problem+json\`: \`type\`, \`title\`, \`status\`, \`detail\`, \`code\`, and where a body is to blame \`errors\`, a list of
\`{detail, pointer}\`. Programs should look at \`code\`, people at \`detail\`. The Space Cloud paths (\`/v1/api/…\`,
\`/v1/config/…\`) answer \`{"error": detail}\` with the same statuses.

<!-- Made from packages/server/api/problems.ts by \`npm run generate\`. -->

| code | status | title | what it means |
|---|---|---|---|
${rows.join("\n")}
`;
}
