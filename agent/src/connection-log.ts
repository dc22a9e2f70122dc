// SPDX-License-Identifier: Apache-2.0
import type { Log } from "@signet/runtime/log.js";
import type { ConnectionEventEvent } from "./netlink/family.generated.js";
import { KernelModule } from "./netlink/kernel-module.js";

/**
 * Logs what becomes of protected connections. On a socket of its own: when events come faster than
 * they are read, those are lost and nothing else.
 *
 * @returns The socket, to be closed at the end.
 */
export async function logConnections(log: Log): Promise<Pick<KernelModule, "close">> {
  const module = await KernelModule.connect({
    onConnectionEvent: (event) => {
      logConnection(log, event);
    },
    onOverrun: () => {
      log.warn("connection events were lost");
    },
    onFault: (error) => {
      log.warn({ err: error }, "a connection event could not be read");
    },
  });
  try {
    module.subscribe();
    return module;
  } catch (error) {
    module.close();
    throw error;
  }
}

function logConnection(log: Log, event: ConnectionEventEvent): void {
  const { eventKind, reason, detail, role, pid, localSpiffeId, peerSpiffeId, peerPort, localPort } =
    event;
  const fields = {
    connection: String(event.id),
    role,
    reason,
    alert: event.alert,
    detail,
    pid,
    localSpiffeId,
    peerSpiffeId,
    localPort,
    peerPort,
  };
  const ordinary = eventKind === "opened" || eventKind === "closed";
  log[ordinary ? "debug" : "warn"](fields, `connection ${eventKind ?? "changed"}`);
}
