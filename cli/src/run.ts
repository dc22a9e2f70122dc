// SPDX-License-Identifier: Apache-2.0

import { ERRORS, SignetError } from "@signet/contract";
import { CommanderError } from "commander";
import { errorJson, errorText } from "./error-report.js";
import type { Io } from "./io.js";
import { createProgram } from "./program.js";

/**
 * Runs one command line.
 * @param args what follows the program's name
 * @returns the exit code: 0, or that of the error table
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  try {
    await createProgram(io).parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has printed what is wrong, or the help that was asked for.
      return error.exitCode === 0 ? 0 : ERRORS.USAGE.exit;
    }
    const known = SignetError.from(error);
    io.stderr(args.includes("--json") ? errorJson(known) : errorText(known));
    return known.info.exit;
  }
}
