// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { promisify } from "node:util";

import type { Machines, Outcome } from "./host.js";

const exec = promisify(execFile);

/*
 * What signet.ko needs is loaded by name; signet.ko itself is not installed, so by path.
 */
const LOAD = `
set -e
needs=$(modinfo -F depends "$0" | tr ',' ' '; modinfo -F softdep "$0" | sed 's/pre: //g')
for name in $needs; do modprobe -q "$name" || true; done
insmod "$0"
`;

// Emulated, with every check of the debug kernel on.
const LOAD_TIMEOUT_MS = 300_000;

/** Loads signet.ko on every node: into each kernel, or once where all share this machine's. */
export async function loadModule(machines: Machines, nodes: readonly string[]): Promise<void> {
  const command = ["sh", "-c", LOAD, machines.modulePath];
  if (!machines.ownKernels) {
    await exec("sh", command.slice(1));
    return;
  }
  await Promise.all(
    nodes.map(async (name) => {
      const loaded = await machines.hosts.get(name)?.run(command, { timeoutMs: LOAD_TIMEOUT_MS });
      if (loaded?.status !== 0) throw new Error(`${name}: insmod: ${said(loaded)}`);
    }),
  );
}

function said(outcome: Outcome | undefined): string {
  return outcome === undefined ? "no such host" : `${outcome.stdout}${outcome.stderr}`;
}
