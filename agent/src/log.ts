// SPDX-License-Identifier: Apache-2.0
import { pino, type Logger } from "pino";
import type { LogLevel } from "./log-levels.js";

/** A structured log. */
export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

/** Names under which a secret could ever be logged. */
const SECRETS = ["token", "key", "csr", "privateKey"].flatMap((name) => [name, `*.${name}`]);

/** One JSON line for each thing that happens, on standard output. */
export function createLog(level: LogLevel): Log {
  return pino({
    name: "signet-agent",
    level,
    redact: { paths: SECRETS, censor: "[redacted]" },
    serializers: { err: describeError },
  });
}

/** An error with its code and causes, but nothing else that hangs on it (requests, metadata). */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const code: unknown = "code" in error ? error.code : undefined;
  return {
    message: error.message,
    ...(code === undefined ? {} : { code }),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
