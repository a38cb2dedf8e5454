// The door by which the command line reaches a node of Posthorn. Unlike `network.ts` it guards nothing: the person at the
// terminal says where to go.
import { request } from "undici";
import { describeFailure } from "./failures.ts";

export interface ApiRequest {
  readonly url: URL;
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export type ApiAnswer =
  | { readonly kind: "answered"; readonly status: number; readonly text: string }
  | { readonly kind: "unreachable"; readonly detail: string };

const answerTimeoutMs = 30_000;

/** Never rejects. No redirects, no proxies, one connection for each request so that nothing keeps the process alive. */
export async function callApi({ url, method, headers, body }: ApiRequest): Promise<ApiAnswer> {
  try {
    const answer = await request(url, {
      method,
      headers,
      body,
      reset: true,
      headersTimeout: answerTimeoutMs,
      bodyTimeout: answerTimeoutMs,
    });
    return { kind: "answered", status: answer.statusCode, text: await answer.body.text() };
  } catch (caught) {
    const error = caught instanceof Error ? caught : new Error(String(caught));
    const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
    return { kind: "unreachable", detail: describeFailure({ error, phase: "connect", host: url.hostname, port }) };
  }
}
