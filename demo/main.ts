// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from "node:util";

import { trustDomain } from "./documents.js";
import { Report } from "./report.js";
import { prepare } from "./prepare.js";
import { evidence } from "./chapters/evidence.js";
import { policy } from "./chapters/policy.js";
import { refusals } from "./chapters/refusals.js";
import { revocation } from "./chapters/revocation.js";
import { rotation } from "./chapters/rotation.js";
import { transfer } from "./chapters/transfer.js";

const HELP = `The whole path of one connection, checked line by line.

Usage: npm run demo [-- --native [--module FILE]]

  --native        no virtual machines: network namespaces of this machine, whose kernel must
                  be able to load the module
  --module FILE   a signet.ko that was built already; with --native
  --help          this text

Vault: VAULT_ADDR with VAULT_TOKEN, else \`vault\` or \`bao\` on PATH, else one is built.
Exits 0 only if every claim was checked and holds.
`;

/** How many claims the chapters check. */
const CLAIMS = 33;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      native: { type: "boolean", default: false },
      module: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const report = new Report(process.stdout);
  const interrupted = interruption(report);
  const options = { native: values.native, modulePath: values.module, trustDomain };
  const prepared = await prepare(report, options).catch((error: unknown) => {
    report.check("everything is made ready", false, String(error));
    return undefined;
  });
  if (prepared === undefined) return report.close(CLAIMS) ? 0 : 1;
  const { world, close } = prepared;
  try {
    await Promise.race([interrupted, story()]);
  } catch (error) {
    report.check("the demo runs to its end", false, String(error));
    report.say(`what was logged last:\n${world.mesh.lastLogged()}`);
  } finally {
    await close();
  }
  return report.close(CLAIMS) ? 0 : 1;

  async function story(): Promise<void> {
    await policy(world);
    const packets = await transfer(world);
    await evidence(world, packets);
    await refusals(world);
    await rotation(world);
    await revocation(world);
    await world.mesh.machines.checkKernels();
    report.check("no kernel reported a fault", true);
  }
}

/** Rejects at the first Ctrl-C or SIGTERM; those that follow don't disturb the cleaning up. */
function interruption(report: Report): Promise<never> {
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => {
        report.say("stopping, and cleaning up …");
        reject(new Error("interrupted"));
      });
    }
  });
  interrupted.catch(() => undefined); // it may come before anybody waits for it
  return interrupted;
}

// What a chapter still waited for when it was interrupted must not keep the program alive.
process.exit(await main());
