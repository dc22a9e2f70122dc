// SPDX-License-Identifier: Apache-2.0
import { pino, type DestinationStream, type Logger } from "pino";
import type { LogLevel } from "./log-levels.js";

/** A structured log. */
export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

// Nothing that holds a secret is logged on purpose; this is the second line.
const SECRETS = ["token", "secretId", "secret_id", "secret", "key", "privateKey", "csr", "headers"];

/**
 * One JSON line for each thing that happens, without what could be a secret.
 *
 * @param name of the program
 * @param destination default: standard output
 */
export function createLog(name: string, level: LogLevel, destination?: DestinationStream): Log {
  const paths = SECRETS.flatMap((secret) => [secret, `*.${secret}`, `*.*.${secret}`]);
  const options = {
    name,
    level,
    redact: { paths, censor: "[redacted]" },
    serializers: { err: describeError },
  };
  return pino(options, destination);
}

/** An error with its code and causes, but nothing else that hangs on it (requests, metadata). */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const code: unknown = "code" in error ? error.code : undefined;
  return {
    message: error.message,
    // Nobody meant to throw what has no code: where it was is all that there is to go on.
    ...(code === undefined ? { stack: error.stack } : { code }),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
