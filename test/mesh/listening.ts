// SPDX-License-Identifier: Apache-2.0
import type { Host } from "./host.js";
import { until } from "./until.js";

/** Waits until something listens on a TCP port of a host. */
export async function untilListening(host: Host, port: number): Promise<void> {
  await until(`something listens on port ${String(port)} of ${host.name}`, async () => {
    const { stdout } = await host.run(["ss", "-Hltn", "sport", "=", `:${String(port)}`]);
    return stdout !== "";
  });
}
