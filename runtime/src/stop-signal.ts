// SPDX-License-Identifier: Apache-2.0
import type { Log } from "./log.js";

/** A signal that aborts when the process is asked to end: SIGTERM or SIGINT. */
export function stopSignal(log: Log): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    process.once(name, () => {
      log.info({ signal: name }, "stopping");
      controller.abort();
    });
  }
  return controller.signal;
}
