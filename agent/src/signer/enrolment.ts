// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { SignetError, type ErrorCode } from "@signet/contract";
import { Backoff } from "@signet/runtime/backoff.js";
import { pause, type Clock } from "@signet/runtime/clock.js";
import type { Log } from "@signet/runtime/log.js";
import type { JoinOptions } from "./join.js";
import type { CredentialsFile, IssuedCredentials, NodeCredentials } from "./node-credentials.js";

/** What enrolment needs. */
export interface EnrolmentParts {
  readonly file: CredentialsFile;
  /** How to join. @throws SignetError CONFIG_INVALID when the configuration doesn't say. */
  readonly joinOptions: () => JoinOptions;
  /** Exchanges a token for a certificate. @throws SignetError */
  readonly join: (options: JoinOptions) => Promise<IssuedCredentials>;
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

/** How this node comes by credentials. */
export class Enrolment {
  readonly #parts: EnrolmentParts;
  /** SHA-256 of a token that a signer refused for good. */
  #refused: string | undefined;

  constructor(parts: EnrolmentParts) {
    this.#parts = parts;
  }

  /**
   * The credentials of this node: those on disk, else new ones for the join token, asked for until a
   * signer gives them.
   *
   * @returns undefined when the signal aborted first.
   * @throws SignetError CONFIG_INVALID, FILE_UNREADABLE, TOKEN_*, CA_PIN_MISMATCH, NODE_BANNED.
   */
  async credentials(signal: AbortSignal): Promise<NodeCredentials | undefined> {
    const { file, joinOptions, clock, log } = this.#parts;
    const held = await file.read();
    if (held !== undefined) return held;
    const options = joinOptions();
    const backoff = new Backoff(clock, 500, 10_000);
    while (!signal.aborted) {
      try {
        return await this.#join(options);
      } catch (error) {
        if (isFinal(error)) throw error;
        log.warn({ err: error }, "not joined yet");
        await pause(clock, backoff.next(), signal);
      }
    }
    return undefined;
  }

  /**
   * New credentials in place of ones that no signer takes any more, for a token that is neither the
   * one that gave those nor one that was refused: a token that is used twice raises an alarm.
   *
   * @returns undefined when there is no such token, or it gave none.
   */
  async again(held: NodeCredentials): Promise<NodeCredentials | undefined> {
    const { log } = this.#parts;
    const options = this.#freshOptions(held);
    if (options === undefined) {
      log.error({ node: held.nodeId }, "this node has to join again: give it a new join token");
      return undefined;
    }
    try {
      return await this.#join(options);
    } catch (error) {
      if (isFinal(error)) this.#refused = hashOf(options.token);
      log.error({ err: error, node: held.nodeId }, "not joined again");
      return undefined;
    }
  }

  /** Read each time, as an operator may have given another. */
  #freshOptions(held: NodeCredentials): JoinOptions | undefined {
    try {
      const options = this.#parts.joinOptions();
      const hash = hashOf(options.token);
      return hash === held.tokenHash || hash === this.#refused ? undefined : options;
    } catch {
      return undefined;
    }
  }

  async #join(options: JoinOptions): Promise<NodeCredentials> {
    const { file, join, log } = this.#parts;
    const credentials = { ...(await join(options)), tokenHash: hashOf(options.token) };
    await file.write(credentials);
    log.info({ node: credentials.nodeId, trustDomain: credentials.trustDomain }, "node joined");
    return credentials;
  }
}

function isFinal(error: unknown): boolean {
  return error instanceof SignetError && FINAL.includes(error.code);
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
