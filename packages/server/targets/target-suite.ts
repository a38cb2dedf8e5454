// The suite of SEAM 2: what every kind of target does, run on each of them by its own test file.
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { AttemptReport, DeliveryRequest, Target } from "./target.ts";

/** How the far end behaves. `hang` never answers. */
type Behaviour = "succeed" | "fail" | "hang";

export interface TargetUnderTest {
  readonly target: Target;
  /** A request to a far end that behaves so, with plenty of time. */
  requestTo(behaviour: Behaviour): DeliveryRequest;
  close(): Promise<void>;
}

/** Runs the suite on a kind of target. */
export function suiteOfTarget(name: string, setUp: () => Promise<TargetUnderTest>): void {
  suite(`target: ${name}`, () => {
    let under: TargetUnderTest;
    before(async () => {
      under = await setUp();
    });
    after(() => under.close());
    const never = new AbortController().signal;
    const deliver = (
      behaviour: Behaviour,
      rest: Partial<DeliveryRequest> = {},
      signal = never,
    ): Promise<AttemptReport> => under.target.deliver({ ...under.requestTo(behaviour), ...rest }, signal);

    test("it serves the kind that its requests name", () => {
      assert.equal(under.requestTo("succeed").target.kind, under.target.kind);
    });

    test("a success is delivered, with proof of what was sent", async () => {
      const { outcome, request } = await deliver("succeed");
      assert.equal(outcome.kind, "delivered");
      assert.ok(request !== undefined && request.bytes > 0);
    });

    test("a failure is a value that says so", async () => {
      const { outcome } = await deliver("fail");
      assert.ok(outcome.kind === "rejected" || outcome.kind === "network", outcome.kind);
    });

    test("a far end that hangs is given up when the time is over, and delays nobody else", async () => {
      let isGivenUp = false;
      const hanging = deliver("hang", { timeoutMs: 300 }).finally(() => {
        isGivenUp = true;
      });
      assert.equal((await deliver("succeed")).outcome.kind, "delivered");
      assert.equal(isGivenUp, false);
      assert.equal((await hanging).outcome.kind, "timeout");
    });

    test("an abort interrupts what runs and keeps from starting", async () => {
      const stopping = new AbortController();
      const hanging = deliver("hang", {}, stopping.signal);
      stopping.abort();
      assert.deepEqual((await hanging).outcome, { kind: "interrupted" });
      assert.deepEqual((await deliver("succeed", {}, stopping.signal)).outcome, { kind: "interrupted" });
    });

    test("many tries at once each get their own answer", async () => {
      const behaviours = Array.from({ length: 60 }, (_, index): Behaviour => (index % 3 === 0 ? "fail" : "succeed"));
      const reports = await Promise.all(behaviours.map((behaviour) => deliver(behaviour)));
      for (const [index, { outcome }] of reports.entries()) {
        assert.equal(outcome.kind === "delivered", behaviours[index] === "succeed");
      }
    });
  });
}
