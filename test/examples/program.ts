// An example as its reader runs it: a program of its own, which can be waited for and listened to.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { formatSecret } from "@posthorn/wire/secret";

export const secret = formatSecret(new Uint8Array(32).fill(7));

export interface Program {
  readonly url: string;
  /** The next line that it prints. */
  line(): Promise<string>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Starts examples/<name>.ts and resolves when it has printed "ready". */
export async function startExample(
  context: TestContext,
  name: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Program> {
  const port = await freePort();
  const file = new URL(`../../examples/${name}.ts`, import.meta.url).pathname;
  const env = { ...process.env, PORT: String(port), POSTHORN_SECRET: secret, ...environment };
  const child = spawn(process.execPath, [file], { env, stdio: ["ignore", "pipe", "inherit"] });
  context.after(() => child.kill());
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} has ended`);
    return value;
  };
  while ((await line()) !== "ready");
  return { url: `http://127.0.0.1:${port}/webhook`, line };
}
