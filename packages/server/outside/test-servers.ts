// Receivers for tests, on loopback: well-behaved ones and ones that count bytes or break the protocol by hand.
// Certificates are committed in `test-certificates/`: issued by `authority.pem` for shop.example, localhost and
// 127.0.0.1, valid until 2120 (`server.pem`) and until the end of 2020 (`expired.pem`).
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttp, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcp, type Socket } from "node:net";
import { createServer as createTls } from "node:tls";

export interface TestServer {
  readonly port: number;
  /** How many connections were accepted. */
  connections(): number;
  close(): Promise<void>;
}

const certificates = new URL("./test-certificates/", import.meta.url);
export const authorityFile = new URL("authority.pem", certificates).pathname;

/** Answers what `listener` answers; bodies are read, so that connections can be used again. */
export function startHttp(listener: RequestListener): Promise<TestServer> {
  return listen(
    createHttp((request, response) => {
      request.resume();
      listener(request, response);
    }),
  );
}

/** Hands out the raw connection. */
export function startTcp(handle: (socket: Socket) => void): Promise<TestServer> {
  return listen(createTcp((socket) => handle(socket.on("error", () => {}))));
}

/** Answers every request with an empty 204, over TLS. */
export function startTls(certificate: "server" | "expired"): Promise<TestServer> {
  const key = readFileSync(new URL("server.key", certificates));
  const cert = readFileSync(new URL(`${certificate}.pem`, certificates));
  const server = createTls({ key, cert }, (socket) => {
    socket.on("error", () => {});
    socket.on("data", () => socket.write("HTTP/1.1 204 No Content\r\n\r\n"));
  });
  return listen(server.on("tlsClientError", () => {}));
}

async function listen(server: ReturnType<typeof createTcp>): Promise<TestServer> {
  const open = new Set<Socket>();
  let count = 0;
  server.on("connection", (socket: Socket) => {
    count += 1;
    open.add(socket.on("close", () => open.delete(socket)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    // A listening TCP server's address is never text or null.
    port: (server.address() as AddressInfo).port,
    connections: () => count,
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
