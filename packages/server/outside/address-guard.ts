// The SSRF guard's decisions (STANDARDS SS-1..SS-10): may a target with this URL be, and may a request leave for this
// address? The first is asked when a trigger is written and again before every try, the second for every address before
// a connection is opened and once more for the address that the connection really has. Pure but for a look at this
// machine's interfaces.
import { networkInterfaces } from "node:os";
import { contains, isSameAddress, parseAddress, parseRange, specialPurpose } from "./addresses.ts";
import { type AllowList, allowsAddress, allowsName } from "./allow-list.ts";

export interface NetworkPolicy {
  /** Plain http targets (POSTHORN_ALLOW_HTTP). */
  readonly allowHttp: boolean;
  readonly allow: AllowList;
  /** What nobody may reach through Posthorn, whatever `allow` says: its own port and its database's (SS-7). */
  readonly forbidden: readonly ForbiddenEndpoint[];
}

export interface ForbiddenEndpoint {
  /** An address or a name. Without one, or with one that means this machine, every address of this machine is meant. */
  readonly host?: string;
  readonly port: number;
}

type UrlRefusal =
  | "invalid_url"
  | "scheme_not_allowed"
  | "credentials_in_url"
  | "fragment_in_url"
  | "port_not_allowed"
  | "address_not_allowed";

type TargetUrlCheck =
  | { readonly ok: true; readonly url: URL }
  | { readonly ok: false; readonly code: UrlRefusal; readonly detail: string };

const maxTargetUrlLength = 2048;

const unlessListed = "Posthorn does not send there unless POSTHORN_ALLOW_TARGETS lists it";

/** Ports of other protocols that a request could be mistaken for: "bad ports" of the Fetch standard. */
const otherProtocolsPorts = new Set([
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
  111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
  540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
  6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

/** Names that mean this machine or a cloud's own services, whatever they resolve to. */
const internalNames = /(?:^|\.)(?:localhost|internal)$|^(?:metadata|metadata\.goog|instance-data)$/;

/**
 * Whether `text` may be a target's URL, as far as can be said without asking a name server. The one parse happens here:
 * what is connected to later is the `url` of the answer. `detail` is a sentence for the user that names the setting.
 */
export function checkTargetUrl(text: string, policy: NetworkPolicy): TargetUrlCheck {
  const url = parseStrictly(text);
  if (url === undefined) {
    return refuse("invalid_url", `the URL is not an absolute http(s) URL of at most ${maxTargetUrlLength} characters`);
  }
  const scheme = refuseScheme(url, policy);
  if (scheme !== undefined) return refuse("scheme_not_allowed", scheme);
  if (url.username !== "" || url.password !== "") {
    return refuse("credentials_in_url", "the URL holds credentials; put them in a header of the target");
  }
  if (url.hash !== "") return refuse("fragment_in_url", "the URL has a fragment (#…), which is never sent");
  const detail = refuseHost(hostOf(url), portOf(url), policy);
  if (detail !== undefined) return refuse("address_not_allowed", detail);
  const portDetail = refusePort(hostOf(url), portOf(url), policy);
  return portDetail === undefined ? { ok: true, url } : refuse("port_not_allowed", portDetail);
}

/** The port that a connection for `url` uses. */
export function portOf(url: URL): number {
  if (url.port !== "") return Number(url.port);
  return url.protocol === "http:" ? 80 : 443;
}

/** The host as a resolver wants it: no brackets, no final dot. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$|\.$/g, "");
}

/**
 * Why no request may leave for `address`, which is text in any form, as a sentence; `undefined` where it may. `name` is
 * what was resolved to get there: a name that the operator allows opens every address behind it, save those that are
 * forbidden.
 */
export function refuseAddress(address: string, port: number, policy: NetworkPolicy, name?: string): string | undefined {
  const parsed = parseAddress(address);
  if (parsed === undefined) return `${address} is not an address`;
  if (isForbidden(address, port, policy)) return describeForbidden(address, port);
  const words = specialPurpose(parsed);
  if (words === undefined || allowsAddress(policy.allow, parsed, port)) return undefined;
  if (name === undefined) return `${address} is ${words}; ${unlessListed}`;
  return allowsName(policy.allow, name, port) ? undefined : `${name} resolves to ${address}, ${words}; ${unlessListed}`;
}

function refuseHost(host: string, port: number, policy: NetworkPolicy): string | undefined {
  if (parseAddress(host) !== undefined) return refuseAddress(host, port, policy);
  if (isForbidden(host, port, policy)) return describeForbidden(host, port);
  if (!internalNames.test(host) || allowsName(policy.allow, host, port)) return undefined;
  return `${host} is an internal name; ${unlessListed}`;
}

/** Who lists a host may talk to any port of it. */
function refusePort(host: string, port: number, { allow }: NetworkPolicy): string | undefined {
  if (port === 0) return "port 0 cannot be connected to";
  if (!otherProtocolsPorts.has(port)) return undefined;
  const address = parseAddress(host);
  const isListed = address === undefined ? allowsName(allow, host, port) : allowsAddress(allow, address, port);
  return isListed ? undefined : `port ${port} belongs to another protocol; ${unlessListed}`;
}

function refuseScheme(url: URL, policy: NetworkPolicy): string | undefined {
  if (url.protocol === "https:" || (url.protocol === "http:" && policy.allowHttp)) return undefined;
  if (url.protocol === "http:") return "plain http is not allowed; use https, or set POSTHORN_ALLOW_HTTP";
  return `the scheme ${url.protocol.slice(0, -1)} is not allowed; use https`;
}

/**
 * `URL` forgives blanks, control characters and backslashes; nobody means them, and other parsers read them otherwise.
 */
function parseStrictly(text: string): URL | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (text.length > maxTargetUrlLength || /[\u0000-\u0020\u007f\\]/.test(text)) return undefined;
  return URL.parse(text) ?? undefined;
}

function isForbidden(host: string, port: number, policy: NetworkPolicy): boolean {
  return policy.forbidden.some((endpoint) => {
    if (endpoint.port !== port) return false;
    if (endpoint.host === undefined || meansThisMachine(endpoint.host))
      return meansThisMachine(host) || isOwnAddress(host);
    return endpoint.host.toLowerCase() === host || isSameAddress(endpoint.host, host);
  });
}

const ownRanges = ["0.0.0.0/8", "127.0.0.0/8", "::/128", "::1/128"]
  .map(parseRange)
  .filter((range) => range !== undefined);

function meansThisMachine(host: string): boolean {
  const address = parseAddress(host);
  if (address === undefined) return /(?:^|\.)localhost$/i.test(host);
  return ownRanges.some((range) => contains(range, address));
}

function isOwnAddress(host: string): boolean {
  return Object.values(networkInterfaces()).some((all) => all?.some((one) => isSameAddress(one.address, host)));
}

function describeForbidden(host: string, port: number): string {
  return `port ${port} of ${host} is Posthorn's own or its database's; Posthorn never sends there`;
}

function refuse(code: UrlRefusal, detail: string): TargetUrlCheck {
  return { ok: false, code, detail };
}
