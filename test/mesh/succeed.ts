// SPDX-License-Identifier: Apache-2.0
import type { Host } from "./host.js";

/**
 * Runs a command that must succeed.
 *
 * @returns what it wrote to standard output.
 * @throws Error with its standard error when it ended with another status than 0
 */
export async function succeed(
  host: Host,
  argv: readonly string[],
  timeoutMs = 60_000,
): Promise<string> {
  const { status, stdout, stderr } = await host.run(argv, { timeoutMs });
  if (status !== 0) throw new Error(`${host.name}: ${argv.join(" ")}: ${stderr}`);
  return stdout;
}
