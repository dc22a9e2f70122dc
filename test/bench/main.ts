// SPDX-License-Identifier: Apache-2.0
import { BENCHMARKS } from "./benchmarks.js";
import { helpText, parseCommandLine, UsageError } from "./command-line.js";
import { jsonLines, table } from "./measurement.js";
import { Interrupted, Steps } from "./steps.js";

async function main(): Promise<void> {
  const command = parseCommandLine(process.argv.slice(2), BENCHMARKS);
  if (command.kind === "help") {
    process.stdout.write(helpText(BENCHMARKS));
    return;
  }
  const steps = new Steps(process.stderr, interruption());
  const measurements = await command.benchmark.run(command.values, steps);
  process.stdout.write(command.json ? jsonLines(measurements) : table(measurements));
}

/** Aborts at the first Ctrl-C; a second one ends the program without cleaning up. */
function interruption(): AbortSignal {
  const interruption = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (interruption.signal.aborted) process.exit(130);
      process.stderr.write("[bench] stopping, and cleaning up …\n");
      interruption.abort();
    });
  }
  return interruption.signal;
}

function exitStatus(error: unknown): number {
  if (error instanceof UsageError) return 2;
  return error instanceof Interrupted ? 130 : 1;
}

try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(`[bench] ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(exitStatus(error));
}
