// SPDX-License-Identifier: Apache-2.0
import { startVirtualMesh } from "../../mesh/virtual-mesh.js";
import type { Benchmark } from "../benchmark.js";
import { ratio, type Measurement } from "../measurement.js";
import type { BurstOutcome } from "./outcome.js";
import { Rig, type Road } from "./rig.js";

// More than any machine finishes one after the other.
const ENDLESS = 100_000_000;

/** Many connections at once against one after the other, with Signet and without. */
export const burst: Benchmark<"count" | "seconds"> = {
  name: "burst",
  summary: "connections opened at once: how many are served, ÷ one after the other",
  parameters: {
    count: { what: "connections opened at once, from ten addresses", usual: 5000, most: 60_000 },
    seconds: { what: "how long either is given", usual: 30, most: 600 },
  },
  async run({ count, seconds }, steps) {
    const { mesh, stop } = await startVirtualMesh({
      step: (what, work) => steps.start(what, work),
    });
    try {
      const rig = await steps.start("starting the servers", () => Rig.build(mesh));
      const signet = await compare(rig, rig.protected, "mutual TLS");
      const plain = await compare(rig, rig.plain, "plain TCP");
      return [...measurements("handshakes", count, signet), ...measurements("plain", count, plain)];
    } finally {
      await steps.end("ending the virtual machines", stop);
    }

    async function compare(rig: Rig, road: Road, what: string): Promise<Comparison> {
      const inTurn = () =>
        measured("one after the other", () => rig.inTurn(road, ENDLESS, seconds));
      const before = await inTurn();
      const atOnce = await measured(`${String(count)} at once`, () =>
        rig.atOnce(road, count, seconds),
      );
      return { before, atOnce, after: await inTurn() };

      async function measured(how: string, work: () => Promise<BurstOutcome>) {
        const outcome = await steps.wait(`${what}, ${how}, ${String(seconds)} s`, work);
        await steps.wait("waiting until the last connection is gone", () => rig.settled());
        return outcome;
      }
    }
  },
};

/** What came of the same connections at once, and one after the other before and after that. */
interface Comparison {
  readonly before: BurstOutcome;
  readonly atOnce: BurstOutcome;
  readonly after: BurstOutcome;
}

function measurements(
  kind: string,
  count: number,
  { before, atOnce, after }: Comparison,
): Measurement[] {
  // No more than all can be served, be the machine ever so fast.
  const attainable = Math.min(count, Math.max(before.served, after.served));
  const connections = (name: string, value: number): Measurement => {
    return { measure: `${kind}.${name}`, value, unit: "connections" };
  };
  const time = (name: string, value: number): Measurement => {
    return { measure: `${kind}.${name}`, value, unit: "seconds" };
  };
  return [
    ratio(`${kind}.burst_served`, atOnce.served, attainable),
    connections("in_turn_before", before.served),
    connections("in_turn_after", after.served),
    connections("burst_served_connections", atOnce.served),
    connections("burst_unfinished", atOnce.unfinished),
    connections("burst_unbegun", atOnce.unbegun),
    ...[...atOnce.failed].map(([how, value]) =>
      connections(`burst_failed.${how.replace(" ", ".")}`, value),
    ),
    time("burst_begun", atOnce.begun),
    time("burst_last_served", atOnce.last),
  ];
}
