// SPDX-License-Identifier: Apache-2.0
// Boots guests and runs a command in the first of them:
//
//   npm run vm -- [--hosts N] [--kernel stock|debug] [--cpus N] [--memory MiB] [--kvm] [-- COMMAND…]
//
// The command sees the others as host2, host3 … and itself as host1. Without a command, the guests
// run until Ctrl-C, and each line typed is run in host1.
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { startLab, type Lab } from "./lab.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    hosts: { type: "string", default: "1" },
    kernel: { type: "string", default: "stock" },
    cpus: { type: "string", default: "2" },
    memory: { type: "string", default: "1024" },
    kvm: { type: "boolean", default: false },
  },
});
if (values.kernel !== "stock" && values.kernel !== "debug") {
  throw new Error(`--kernel is "stock" or "debug", not "${values.kernel}"`);
}

const lab = await startLab({
  hosts: Array.from({ length: Number(values.hosts) }, (_, i) => ({ name: `host${i + 1}` })),
  kernel: values.kernel,
  cpus: Number(values.cpus),
  memoryMiB: Number(values.memory),
  kvm: values.kvm,
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void lab.stop().then(() => process.exit(130)));
}
try {
  process.exitCode =
    positionals.length > 0 ? await runShown(lab, positionals.join(" ")) : await prompt(lab);
  await lab.checkKernelLogs();
} finally {
  await lab.stop();
}

async function runShown(lab: Lab, line: string): Promise<number> {
  const command = lab.host("host1").spawn(line, { cwd: process.cwd() });
  command.on("stdout", (data) => process.stdout.write(data));
  command.on("stderr", (data) => process.stderr.write(data));
  command.end();
  const { status, signal } = await command.exited;
  return status ?? 128 + (signal ?? 0);
}

async function prompt(lab: Lab): Promise<number> {
  const lines = createInterface({
    input: process.stdin,
    output: process.stdout,
    prompt: "host1# ",
  });
  lines.prompt();
  for await (const line of lines) {
    await runShown(lab, line);
    lines.prompt();
  }
  return 0;
}
