// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";

const PROGRESS_INTERVAL_MS = 5000;
const TAIL_LINES = 40;

/**
 * Prints one line of setup progress.
 * @param {string} text
 */
export function say(text) {
  process.stderr.write(`[setup] ${text}\n`);
}

/**
 * Runs a step that may take long, and prints its title with the elapsed time every few seconds.
 * @template T
 * @param {string} title what is being done, e.g. "building Vault"
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function timed(title, work) {
  const start = Date.now();
  const elapsed = () => `${Math.round((Date.now() - start) / 1000)}s`;
  say(`${title} …`);
  const timer = setInterval(() => say(`${title} … ${elapsed()}`), PROGRESS_INTERVAL_MS);
  try {
    const result = await work();
    say(`${title} … done in ${elapsed()}`);
    return result;
  } finally {
    clearInterval(timer);
  }
}

/**
 * Runs a program with its output in a log file.
 * @param {string[]} command program and arguments
 * @param {{ log: string, cwd?: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<void>}
 * @throws {Error} with the end of the log when the program fails
 */
export async function runLogged(command, { log, cwd, env }) {
  const [program, ...args] = command;
  if (program === undefined) throw new Error("runLogged needs a program");
  mkdirSync(dirname(log), { recursive: true });
  const output = openSync(log, "a");
  try {
    const child = spawn(program, args, { cwd, env, stdio: ["ignore", output, output] });
    const status = await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve(code ?? signal));
    });
    if (status === 0) return;
    const tail = readFileSync(log, "utf8").split("\n").slice(-TAIL_LINES).join("\n");
    throw new Error(`"${command.join(" ")}" ended with ${status}:\n${tail}`);
  } finally {
    closeSync(output);
  }
}
