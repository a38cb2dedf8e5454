// The page "Subscribing to notifications", word by word: its commands run against a real node, its answers come, and what
// it says of failures, tries and duplicates holds at the endpoint.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { patternOf, repository } from "../commands.ts";
import { settles, startNodeUnderTest } from "../live/node-under-test.ts";
import { adminKey } from "../live/posthorn-process.ts";

interface Step {
  readonly command: string;
  /** What it prints, where the page says so. */
  readonly answer: string;
}

const page = readFileSync(join(repository, "docs/notifications.md"), "utf8");

function stepsOf(markdown: string): readonly Step[] {
  const blocks = markdown.matchAll(/^```sh\n(.*?)^```$(?:\n^```text\n(.*?)^```$)?/gms);
  return [...blocks].map(([, command = "", answer = ""]) => ({ command, answer }));
}

test("the page on notifications works word by word", async (context) => {
  const node = await startNodeUnderTest(context, {
    conduct: () => ({ status: 302, headers: { location: "/elsewhere" } }),
  });
  const replaced = page
    .replaceAll("http://127.0.0.1:4100", node.url)
    .replaceAll("$(cat data/admin.key)", adminKey)
    .replaceAll("https://wms.example.com/notifications", node.receiver.url("/notifications"));
  const [setup, subscribe, publish, list, retry, end, ...more] = stepsOf(replaced);
  assert.ok(setup && subscribe && publish && list && retry && end && more.length === 0);
  const exports: string[] = [setup.command];
  const run = async ({ command, answer }: Step): Promise<void> => {
    const { stdout } = await promisify(execFile)("bash", ["-ec", [...exports, command].join("\n")]);
    assert.match(stdout, patternOf(answer));
  };

  await run(subscribe);
  const tried = node.nextFact((fact) => fact.kind === "attempt.finished");
  await run(publish);
  const fact = await tried;
  // A redirect is a failure, and the next try comes after the interval.
  assert.ok(fact.kind === "attempt.finished" && fact.status === 302 && fact.state === "retrying");
  assert.deepEqual(node.receiver.arrivals("/elsewhere"), []);
  const dueIn = (fact.nextAttemptAt ?? 0) - (node.receiver.arrivals()[0]?.at ?? 0);
  assert.ok(dueIn >= 29_990 && dueIn < 35_000, `the next try is due in ${dueIn} ms`);

  await run(list);
  node.receiver.behave(() => ({ status: 202, body: "ignored" }));
  const delivered = node.nextFact(settles("warehouse", "delivered"));
  await run(retry);
  await delivered;
  const [first, second] = node.receiver.arrivals("/notifications");
  assert.ok(first !== undefined && second !== undefined);
  assert.deepEqual(second.body, first.body);
  assert.equal(first.headers["content-type"], "application/json; charset=utf-8");
  const notification = JSON.parse(first.body.toString());
  const [shown = ""] = /(?<=^```json\n).*?(?=^```$)/ms.exec(page) ?? [];
  assert.deepEqual({ ...notification, notification_id: "…" }, JSON.parse(shown));
  assert.equal(notification.notification_id, first.headers["webhook-id"]);
  await run(end);
  assert.equal((await node.api.ask("GET", "/triggers/warehouse")).status, 404);
});
