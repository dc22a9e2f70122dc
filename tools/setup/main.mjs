// SPDX-License-Identifier: Apache-2.0
// Prepares a fresh clone, then runs a command in it:
//
//   node tools/setup/main.mjs [--need=WHAT,…] [-- COMMAND [ARGUMENT…]]
//
// Debian's and npm's packages are installed here, in plain Node.js, as nothing else is there yet.
// What else is needed is TypeScript's to prepare (prepare.ts has the list).
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { repositoryRoot } from "./cache.mjs";
import { installDebianPackages } from "./debian-packages.mjs";
import { installNpmPackages } from "./npm-packages.mjs";
import { say } from "./progress.mjs";
import { withSetupLock } from "./setup-lock.mjs";

const separator = process.argv.indexOf("--");
const ownArguments = process.argv.slice(2, separator < 0 ? undefined : separator);
const command = separator < 0 ? [] : process.argv.slice(separator + 1);

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
try {
  const { values } = parseArgs({ args: ownArguments, options: { need: { type: "string" } } });
  const needs = values.need?.split(",").filter(Boolean) ?? [];
  await withSetupLock(async () => {
    await installDebianPackages({ debugKernel: needs.some((need) => need.startsWith("debug-")) });
    await installNpmPackages();
    if (needs.length > 0) await prepare(needs);
  });
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.off(signal, stop);
if (command.length > 0) process.exitCode = await run(command);

/** @param {string[]} needs */
async function prepare(needs) {
  const script = new URL("prepare.ts", import.meta.url).pathname;
  const status = await run([process.execPath, "--import=tsx", script, ...needs]);
  if (status !== 0) throw new Error("not everything could be prepared");
}

function stop() {
  process.exit(130);
}

/**
 * Runs a command with this one's terminal; a signal is the command's to handle.
 * @param {string[]} argv
 * @returns {Promise<number>} its exit status
 */
function run([program = "", ...args]) {
  const path = `${repositoryRoot}/node_modules/.bin:${process.env["PATH"] ?? ""}`;
  const env = { ...process.env, PATH: path };
  const child = spawn(program, args, { cwd: repositoryRoot, env, stdio: "inherit" });
  const forward = (/** @type {NodeJS.Signals} */ signal) => void child.kill(signal);
  const ignore = () => undefined;
  process.on("SIGINT", ignore).on("SIGTERM", forward).on("SIGHUP", forward);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      process.off("SIGINT", ignore).off("SIGTERM", forward).off("SIGHUP", forward);
      resolve(code ?? 1);
    });
  });
}
