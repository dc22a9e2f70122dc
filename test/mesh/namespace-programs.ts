// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { constants } from "node:os";

import type { Outcome, Program, RunOptions } from "./host.js";

/** The programs that run in network namespaces of this machine. */
export class NamespacePrograms {
  readonly #running = new Set<ChildProcessWithoutNullStreams>();

  /** Starts a program in a namespace of /run/netns. */
  start(netns: string, argv: readonly string[], options: RunOptions = {}): Program {
    const uid = String(options.uid ?? 0);
    const user = [
      "setpriv",
      "--pdeathsig=KILL",
      `--reuid=${uid}`,
      `--regid=${uid}`,
      "--clear-groups",
    ];
    const child = spawn("nsenter", [`--net=/run/netns/${netns}`, ...user, ...argv], {
      stdio: "pipe",
      detached: true, // a group of its own, so that its children end with it
    });
    this.#running.add(child);
    child.stdin.end();
    const output = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
    const ended = new Promise<Outcome>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => {
        this.#running.delete(child);
        resolve({ status: code ?? 128 + (signal ? constants.signals[signal] : 0), ...output });
      });
    });
    return {
      ended,
      output: () => ({ ...output }),
      kill: (signal = "SIGTERM") => {
        child.kill(signal);
        return Promise.resolve();
      },
    };
  }

  /** Runs a program to its end; kills it and rejects after the timeout. */
  async run(netns: string, argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    const program = this.start(netns, argv, options);
    const timeoutMs = options.timeoutMs ?? 60_000;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        void program.kill("SIGKILL");
        reject(new Error(`${argv.join(" ")}: not done after ${String(timeoutMs)} ms`));
      }, timeoutMs);
    });
    try {
      return await Promise.race([program.ended, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Kills what still runs, and waits until it is gone. */
  async stop(): Promise<void> {
    const ending = [...this.#running].map(
      (child) => new Promise((resolve) => child.once("close", resolve)),
    );
    for (const { pid } of this.#running) if (pid !== undefined) process.kill(-pid, "SIGKILL");
    await Promise.all(ending);
  }
}
