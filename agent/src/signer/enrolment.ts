// SPDX-License-Identifier: Apache-2.0
import { SignetError, type ErrorCode } from "@signet/contract";
import { Backoff } from "../backoff.js";
import { pause, type Clock } from "../clock.js";
import type { Log } from "../log.js";
import { join, type JoinOptions } from "./join.js";
import type { CredentialsFile, NodeCredentials } from "./node-credentials.js";

/** What enrolment needs. */
export interface EnrolmentParts {
  readonly file: CredentialsFile;
  /** How to join. @throws SignetError CONFIG_INVALID when the configuration doesn't say. */
  readonly joinOptions: () => JoinOptions;
  readonly clock: Clock;
  readonly log: Log;
}

/** Trying again can't help with these: the operator has to. */
const FINAL: readonly ErrorCode[] = [
  "TOKEN_INVALID",
  "TOKEN_EXPIRED",
  "TOKEN_USED",
  "CA_PIN_MISMATCH",
  "NODE_BANNED",
  "REQUEST_INVALID",
];

/**
 * The credentials of this node: those on disk, else new ones for the join token, asked for until a
 * signer gives them.
 *
 * @returns undefined when the signal aborted first.
 * @throws SignetError CONFIG_INVALID, FILE_UNREADABLE, TOKEN_*, CA_PIN_MISMATCH, NODE_BANNED.
 */
export async function enrol(
  { file, joinOptions, clock, log }: EnrolmentParts,
  signal: AbortSignal,
): Promise<NodeCredentials | undefined> {
  const held = await file.read();
  if (held !== undefined) return held;
  const options = joinOptions();
  const backoff = new Backoff(clock, 500, 10_000);
  while (!signal.aborted) {
    try {
      const credentials = await join(options);
      await file.write(credentials);
      log.info({ node: credentials.nodeId, trustDomain: credentials.trustDomain }, "node joined");
      return credentials;
    } catch (error) {
      if (error instanceof SignetError && FINAL.includes(error.code)) throw error;
      log.warn({ err: error }, "not joined yet");
      await pause(clock, backoff.next(), signal);
    }
  }
  return undefined;
}
