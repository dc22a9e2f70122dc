// SPDX-License-Identifier: Apache-2.0
import type { Host, Outcome } from "./host.js";

/** What came of a request with curl. */
export interface Fetched extends Outcome {
  /** The error that the kernel gave curl, in the C library's words; empty when there was none. */
  readonly error: string;
}

/** Runs the unmodified curl as a user. Only its verbose output names the error of a connect(). */
export async function curl(
  host: Host,
  uid: number,
  url: string,
  ...options: readonly string[]
): Promise<Fetched> {
  const argv = ["curl", "-sSv", "--max-time", "120", ...options, url];
  const outcome = await host.run(argv, { uid, timeoutMs: 130_000 });
  return { ...outcome, error: errorOf(outcome.stderr) };
}

/** The error of the kernel in what curl wrote to standard error. */
export function errorOf(stderr: string): string {
  const words = /(?:connect fail for .*|failed|[Ff]ailure): (.*)/.exec(stderr)?.[1];
  return words ?? /^curl: (.*)/m.exec(stderr)?.[1] ?? "";
}
