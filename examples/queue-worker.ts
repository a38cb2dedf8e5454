// GreyMatter's advice (Notification Best Practices): answer 202 at once, put the notification into a queue, let a worker do
// the rest, and remember the ids, so that a notification that comes twice is handled once. The queue is a table, so it
// outlives the process.
import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";
import { receiver, toNode } from "@posthorn/sdk";

const database = new DatabaseSync(process.env.DATABASE ?? "queue.db");
database.exec(`
  CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, type TEXT NOT NULL, data TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0)`);
const add = database.prepare("INSERT OR IGNORE INTO jobs (id, type, data) VALUES (?, ?, ?)");
const next = database.prepare("SELECT id, type, data FROM jobs WHERE done = 0 ORDER BY rowid LIMIT 1");
const finish = database.prepare("UPDATE jobs SET done = 1 WHERE id = ?");

/** Whatever the type: 202 says that it is taken, and not yet done. */
const hooks = receiver({ secret: process.env.POSTHORN_SECRET }).fallback((event) => {
  add.run(event.messageId, event.type, event.dataText ?? "null");
  setImmediate(work);
  return new Response(null, { status: 202 });
});

let isWorking = false;

/** One job after the other. A crash leaves its job undone, and the next start takes it up again. */
async function work(): Promise<void> {
  if (isWorking) return;
  isWorking = true;
  for (let job = next.get(); job !== undefined; job = next.get()) {
    await handle(String(job.type), JSON.parse(String(job.data)));
    finish.run(String(job.id));
  }
  isWorking = false;
}

async function handle(type: string, data: unknown): Promise<void> {
  console.log(`${type}: ${JSON.stringify(data)}`);
}

await work();
const server = createServer(toNode(hooks));
server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => console.log("ready"));
