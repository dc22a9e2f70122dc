// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

// More than any search here needs: one that reaches it was cut off, and doesn't count.
const DEEPEST = 100_000;
const MOST_OUTPUT = 16 * 1024 * 1024;

/** What a search for a run that breaks a claim came to. */
export interface Verdict {
  /** Every state was visited, and no run breaks the claim. */
  readonly holds: boolean;
  /** A run was found that breaks the claim, and not something else that is wrong. */
  readonly broken: boolean;
  /** Statements that no run reaches. */
  readonly unreached: readonly string[];
  /** All that the verifier said. */
  readonly output: string;
}

/** What Spin makes of a model: a program that visits each of its states. */
export class Verifier {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Builds the verifier of a model, in a folder that remove() deletes.
   * @param model path of a .pml file
   * @param defines for the preprocessor: "NAME" or "NAME=1"
   * @param search "whole": the program is built to be quick; "short": so that the build is
   * @throws Error when Spin or the compiler refuses it
   */
  static async build(
    model: string,
    defines: readonly string[],
    search: "whole" | "short",
  ): Promise<Verifier> {
    const folder = mkdtempSync(join(tmpdir(), "signet-model-"));
    const verifier = new Verifier(folder);
    try {
      copyFileSync(model, join(folder, basename(model)));
      const flags = defines.map((define) => `-D${define}`);
      await run("spin", ["-a", ...flags, basename(model)], { cwd: folder });
      await run("cc", [search === "whole" ? "-O1" : "-O0", "-w", "-o", "pan", "pan.c"], {
        cwd: folder,
      });
      return verifier;
    } catch (error) {
      verifier.remove();
      throw error;
    }
  }

  /** Looks for a run that breaks a claim. */
  async check(claim: string): Promise<Verdict> {
    const args = ["-a", `-m${DEEPEST}`, "-N", claim];
    const options = { cwd: this.#folder, maxBuffer: MOST_OUTPUT };
    const { stdout } = await run(join(this.#folder, "pan"), args, options);
    return verdictOf(claim, stdout);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** Reads what a verifier said of a claim. */
export function verdictOf(claim: string, output: string): Verdict {
  const searched =
    output.includes("Full statespace search for:") &&
    new RegExp(`^\\s*never claim\\s+\\+ \\(${claim}\\)$`, "m").test(output) &&
    !output.includes("max search depth too small");
  const completed = !output.includes("Search not completed") && /, errors: 0$/m.test(output);
  return {
    holds: searched && completed,
    // The models have no assertions: this form is that of a claim.
    broken: searched && /^pan:1: (assertion violated {2}!\( !\(|acceptance cycle )/m.test(output),
    unreached: unreachedIn(output),
    output,
  };
}

function unreachedIn(output: string): readonly string[] {
  const [, ...parts] = output.split(/^unreached in (?=\w)/m);
  return parts.flatMap((part) => {
    const [where = "", ...lines] = part.split("\n");
    return lines
      .filter((line) => /, state \d+, /.test(line) && !line.endsWith('"-end-"'))
      .map((line) => `${where}: ${line.trim()}`);
  });
}
