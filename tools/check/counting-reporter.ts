// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from "node:fs";
import Mocha from "mocha";

/** Mocha's "spec" report on the terminal, and the counts in the file that the options name. */
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const { file } = options.reporterOptions as { file: string };
    runner.once("end", () => {
      const { passes: passed = 0, failures: failed = 0 } = runner.stats ?? {};
      writeFileSync(file, JSON.stringify({ passed, failed }));
    });
  }
}
