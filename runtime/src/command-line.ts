// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from "node:util";
import { SignetError } from "@signet/contract/signet-error.js";

/** What a service's command line asks for. */
export interface CommandLine {
  readonly help: boolean;
  /** The configuration file. */
  readonly config: string | undefined;
}

/** Reads a service's command line: --config FILE, --help. @throws SignetError USAGE */
export function parseCommandLine(args: readonly string[]): CommandLine {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { config: { type: "string" }, help: { type: "boolean", default: false } },
    });
    return { help: values.help, config: values.config };
  } catch (cause) {
    throw new SignetError("USAGE", cause instanceof Error ? cause.message : undefined, { cause });
  }
}
