// Puts what went wrong between this machine and a target into words that the target's owner can act on. The errors come
// from Node and undici and are known by their codes; a code nobody foresaw is shown with its own message rather than
// hidden.

/** How far a try had come. */
export type Phase = "dns" | "connect" | "tls" | "send" | "headers" | "body";

/** What is known about a try that failed. */
export interface Failure {
  readonly error: Error;
  readonly phase: Phase;
  /** The name or address in the target's URL. */
  readonly host: string;
  readonly port: number;
}

/** Members that Node and undici put on their errors; each may be missing. */
interface ErrorDetails {
  readonly code?: unknown;
  readonly address?: unknown;
  readonly errors?: unknown;
  /** OpenSSL's own words, without its file names. */
  readonly reason?: unknown;
  /** When the certificate ended, where the connector saw one. */
  readonly validTo?: unknown;
}

const phaseWords: Readonly<Record<Phase, string>> = {
  dns: "while its name was looked up",
  connect: "while connecting",
  tls: "during the TLS handshake",
  send: "while sending the request",
  headers: "while waiting for the answer",
  body: "while reading the answer's body",
};

const sentences: Readonly<Record<string, (failure: Failure) => string>> = {
  ENOTFOUND: ({ host }) => `the name ${host} does not resolve`,
  EAI_AGAIN: ({ host }) => `no name server answered for ${host}`,
  ECONNREFUSED: (failure) => `connection refused by ${describePeer(failure)}`,
  EHOSTUNREACH: (failure) => `there is no route to ${describePeer(failure)}`,
  ENETUNREACH: (failure) => `there is no route to ${describePeer(failure)}`,
  EADDRNOTAVAIL: (failure) => `this machine has no address from which to reach ${describePeer(failure)}`,
  ETIMEDOUT: (failure) => `${describePeer(failure)} did not answer`,
  ECONNRESET: ({ phase }) => `the connection was reset ${phaseWords[phase]}`,
  EPIPE: ({ phase }) => `the connection was closed ${phaseWords[phase]}`,
  UND_ERR_SOCKET: ({ phase }) => `the connection was closed ${phaseWords[phase]}`,
  UND_ERR_HEADERS_OVERFLOW: () => "the headers of the answer exceed 16 KiB",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: () => "the connection was closed before the whole body of the answer had come",
  EPROTO: describeOtherProtocol,
  ERR_SSL_WRONG_VERSION_NUMBER: describeOtherProtocol,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: describeOtherProtocol,
  CERT_HAS_EXPIRED: ({ host, error }) => `the TLS certificate of ${host} expired${describeDate(error)}`,
  CERT_NOT_YET_VALID: ({ host }) => `the TLS certificate of ${host} is not valid yet`,
  ERR_TLS_CERT_ALTNAME_INVALID: ({ host }) => `the TLS certificate is not for ${host}`,
  DEPTH_ZERO_SELF_SIGNED_CERT: ({ host }) => `the TLS certificate of ${host} is self-signed`,
  SELF_SIGNED_CERT_IN_CHAIN: describeUnknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: describeUnknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: describeUnknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: describeUnknownAuthority,
};

/** One sentence, without a full stop. */
export function describeFailure(failure: Failure): string {
  const code = codeOf(failure.error);
  const describe = sentences[code];
  if (describe !== undefined) return describe(failure);
  if (failure.error.name === "HTTPParserError") return `${describePeer(failure)} did not answer in HTTP/1.1`;
  const { reason } = detailsOf(failure.error);
  return `${phaseWords[failure.phase]}: ${typeof reason === "string" ? reason : failure.error.message}`;
}

/** What did not happen in time, as one sentence. */
export function describeTimeout(phase: Phase, timeoutMs: number): string {
  return `the try took longer than ${timeoutMs} ms: time ran out ${phaseWords[phase]}`;
}

/** Empty where `error` has none. */
export function codeOf(error: Error): string {
  const { code } = detailsOf(error);
  return typeof code === "string" ? code : "";
}

/** Where several addresses were tried, the first of them speaks for all. */
function describePeer({ error, host, port }: Failure): string {
  const { errors } = detailsOf(error);
  const first: unknown = Array.isArray(errors) ? errors[0] : error;
  const details = first instanceof Error ? detailsOf(first) : {};
  return joinPort(typeof details.address === "string" ? details.address : host, port);
}

function joinPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function describeDate(error: Error): string {
  const { validTo } = detailsOf(error);
  const at = typeof validTo === "string" ? Date.parse(validTo) : Number.NaN;
  return Number.isNaN(at) ? "" : ` on ${new Date(at).toISOString().slice(0, 10)}`;
}

function describeOtherProtocol({ host, port }: Failure): string {
  return `${joinPort(host, port)} does not speak TLS`;
}

function describeUnknownAuthority({ host }: Failure): string {
  return `the TLS certificate of ${host} was not issued by an authority that this machine trusts`;
}

/** Reading members that may be missing is safe on any object; each is checked where it is used. */
function detailsOf(error: Error): ErrorDetails {
  return error as ErrorDetails;
}
