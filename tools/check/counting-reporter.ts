// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from "node:fs";
import Mocha from "mocha";

// Shorter suites aren't worth a look.
const LONG_SECONDS = 10;

/**
 * Mocha's "spec" report on the terminal, then which suites took longest, with what they set up; and
 * the counts in the file that the options name.
 */
export default class CountingReporter extends Mocha.reporters.Spec {
  readonly #seconds = new Map<string, number>();

  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const { file } = options.reporterOptions as { file: string };
    let began = 0;
    runner.on("suite", (suite) => {
      if (suite.parent?.root) began = Date.now();
    });
    runner.on("suite end", (suite) => {
      if (suite.parent?.root) this.#seconds.set(suite.title, (Date.now() - began) / 1000);
    });
    runner.once("end", () => {
      const { passes: passed = 0, failures: failed = 0 } = runner.stats ?? {};
      writeFileSync(file, JSON.stringify({ passed, failed }));
      this.#showLongest();
    });
  }

  #showLongest(): void {
    const long = [...this.#seconds].filter(([, seconds]) => seconds >= LONG_SECONDS);
    for (const [title, seconds] of long.sort(([, one], [, other]) => other - one)) {
      console.log(`${seconds.toFixed(0).padStart(7)} s  ${title}`);
    }
  }
}
