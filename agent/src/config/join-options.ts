// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { SignetError } from "@signet/contract/signet-error.js";
import type { JoinOptions } from "../signer/join.js";
import { parseHostPort, type AgentConfig } from "./schema.js";

/**
 * How this node is to join.
 *
 * @throws SignetError CONFIG_INVALID naming the key that is missing; CONFIG_UNREADABLE.
 */
export function joinOptionsOf({ signer, join }: AgentConfig): JoinOptions {
  demand(signer.attestationAddress, "signer.attestationAddress");
  demand(join.caPin, "join.caPin");
  const token = join.token === "" ? readToken(join.tokenFile) : join.token;
  return { address: parseHostPort(signer.attestationAddress), caPin: join.caPin, token };
}

function readToken(file: string): string {
  demand(file, "join.tokenFile");
  try {
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw new SignetError("CONFIG_UNREADABLE", `join.tokenFile: ${file} cannot be read.`, {
      cause,
    });
  }
}

function demand(value: string, key: string): void {
  if (value !== "") return;
  throw new SignetError("CONFIG_INVALID", `${key}: is needed, as this node has not joined yet.`);
}
