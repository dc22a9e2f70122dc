// SPDX-License-Identifier: Apache-2.0
import { pino } from "pino";
import type { Log } from "../src/log.js";

/** A log that writes nothing. */
export const silentLog: Log = pino({ level: "silent" });
