#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { SignetError } from "@signet/contract/signet-error.js";
import { systemClock } from "@signet/runtime/clock.js";
import { parseCommandLine } from "@signet/runtime/command-line.js";
import { createLog } from "@signet/runtime/log.js";
import { stopSignal } from "@signet/runtime/stop-signal.js";
import { runAgent } from "./agent.js";
import { HELP, loadConfig } from "./config/load.js";

let log = createLog("signet-agent", "info");
try {
  const { help, config: file } = parseCommandLine(process.argv.slice(2));
  if (help) {
    process.stdout.write(HELP);
  } else {
    const config = await loadConfig(file, process.env);
    log = createLog("signet-agent", config.log.level);
    await runAgent(config, log, systemClock, stopSignal(log));
    log.info("stopped; what is in the kernel stays in force");
  }
} catch (error) {
  const { code, info } = SignetError.from(error);
  log.error({ err: error, code, help: info.help }, info.sentence);
  process.exitCode = info.exit;
}
