// SPDX-License-Identifier: Apache-2.0

import { pino, type DestinationStream, type Logger } from "pino";

export type { Logger };

// Nothing that holds a secret is logged on purpose; this is the second line.
const SECRET = ["token", "secretId", "secret_id", "secret", "key", "privateKey", "csr", "headers"];

/** A logger that writes one JSON line per event and leaves out what could be a secret. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const paths = SECRET.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino({ level, name: "signet-signer", redact: { paths, remove: true } }, destination);
}
