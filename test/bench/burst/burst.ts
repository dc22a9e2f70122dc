// SPDX-License-Identifier: Apache-2.0
import { startVirtualMesh } from "../../mesh/virtual-mesh.js";
import type { Benchmark } from "../benchmark.js";
import { counted } from "./counters.js";
import { measurementsOf, type Comparison } from "./measurements.js";
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
  examples: ["burst", "burst --json --count 600 --seconds 10"],
  async run({ count, seconds }, steps) {
    const { mesh, stop } = await startVirtualMesh({
      step: (what, work) => steps.start(what, work),
    });
    try {
      const rig = await steps.start("starting the servers", () => Rig.build(mesh));
      const signet = await compare(rig, rig.protected, "mutual TLS");
      const plain = await compare(rig, rig.plain, "plain TCP");
      return [
        ...measurementsOf("handshakes", count, signet),
        ...measurementsOf("plain", count, plain),
      ];
    } finally {
      await steps.end("ending the virtual machines", stop);
    }

    async function compare(rig: Rig, road: Road, what: string): Promise<Comparison> {
      const inTurn = () =>
        measured("one after the other", () => rig.inTurn(road, ENDLESS, seconds));
      const before = await inTurn();
      const [atOnce, counters] = await measured(`${String(count)} at once`, () =>
        counting(rig, () => rig.atOnce(road, count, seconds)),
      );
      return { before, atOnce, after: await inTurn(), counted: counters };

      async function measured<T>(how: string, work: () => Promise<T>): Promise<T> {
        const outcome = await steps.wait(`${what}, ${how}, ${String(seconds)} s`, work);
        await steps.wait("waiting until the last connection is gone", () => rig.settled());
        return outcome;
      }
    }
  },
};

/** Does something, and looks at what each node's module counted meanwhile. */
async function counting<T>(rig: Rig, work: () => Promise<T>) {
  const before = await rig.counters();
  const result = await work();
  const after = await rig.counters();
  const grown = [...after].map(([node, counters]) => {
    return [node, counted(before.get(node) ?? new Map(), counters)] as const;
  });
  return [result, new Map(grown)] as const;
}
