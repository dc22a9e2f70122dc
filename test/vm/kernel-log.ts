// SPDX-License-Identifier: Apache-2.0

// What a healthy kernel never logs. Each report is quoted from its first line on.
const PROBLEMS = [
  /\bBUG: /,
  /\bWARNING: /,
  /\bOops\b/,
  /Kernel panic/,
  /general protection fault/,
  /\bINFO: task .* blocked for more than/,
  /\brcu: INFO: .*(stall|detected)/,
  /\bUBSAN: /,
  /\bKASAN: /,
  /possible (recursive|circular|irq) locking/,
  /suspicious RCU usage/,
  /sleeping function called from invalid context/,
  /refcount_t: /,
  /list_(add|del) corruption/,
  /kmemleak: .* new suspected memory leaks/,
  /unregister_netdevice: waiting/,
  /scheduling while atomic/,
  /Call Trace:/,
] as const;

const QUOTED_LINES = 40;

/**
 * The first sign of a kernel bug in a console log.
 * @returns that line and those after it; undefined when there is none
 */
export function kernelProblem(log: string): string | undefined {
  const lines = log.split("\n");
  const first = lines.findIndex((line) => PROBLEMS.some((problem) => problem.test(line)));
  return first < 0 ? undefined : lines.slice(first, first + QUOTED_LINES).join("\n");
}
