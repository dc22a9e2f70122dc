#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { SignetError } from "@signet/contract/signet-error.js";
import { runAgent } from "./agent.js";
import { systemClock } from "./clock.js";
import { HELP, loadConfig, parseCommandLine } from "./config/load.js";
import { createLog } from "./log.js";
import { stopSignal } from "./stop-signal.js";

let log = createLog("info");
try {
  const { help, config: file } = parseCommandLine(process.argv.slice(2));
  if (help) {
    process.stdout.write(HELP);
  } else {
    const config = await loadConfig(file, process.env);
    log = createLog(config.log.level);
    await runAgent(config, log, systemClock, stopSignal(log));
    log.info("stopped; what is in the kernel stays in force");
  }
} catch (error) {
  const { code, info } = SignetError.from(error);
  log.error({ err: error, code, help: info.help }, info.sentence);
  process.exitCode = info.exit;
}
