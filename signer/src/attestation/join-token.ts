// SPDX-License-Identifier: Apache-2.0

import { createHash, randomBytes } from "node:crypto";
import { isPathSegment, LIMITS, SignetError, type messages } from "@signet/contract";
import { seconds, type Clock } from "@signet/runtime/clock.js";
import type { Audit } from "../audit.js";
import type { Database } from "../store/database.js";
import { addToken, claimToken, findToken, releaseToken } from "../store/tokens.js";
import type { AttestedNode, Attestor } from "./attestor.js";

const BYTES = 32;
const MOST_GROUPS = 64;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** A token as its operator sees it, once. */
export interface NewToken {
  readonly token: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}

// A token has 256 random bits, so a plain hash can be looked up and tells nothing.
function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Join tokens: made for one node by an operator, stored hashed, used once. */
export class JoinTokens implements Attestor {
  readonly step = "joinToken";
  readonly #db: Database;
  readonly #audit: Audit;
  readonly #clock: Clock;

  constructor(db: Database, audit: Audit, clock: Clock) {
    this.#db = db;
    this.#audit = audit;
    this.#clock = clock;
  }

  /**
   * Makes a token for a node.
   * @param ttl seconds; 0: ten minutes
   * @throws SignetError REQUEST_INVALID
   */
  async create(nodeId: string, groups: readonly string[], ttl: number): Promise<NewToken> {
    if (!isPathSegment(nodeId) || nodeId.length > 255) {
      throw new SignetError(
        "REQUEST_INVALID",
        "node_id must be one segment of A-Z, a-z, 0-9, '.', '-', '_'.",
      );
    }
    if (groups.length > MOST_GROUPS || !groups.every(isPathSegment)) {
      throw new SignetError(
        "REQUEST_INVALID",
        `groups must be at most ${MOST_GROUPS} segments of A-Z, a-z, 0-9, '.', '-', '_'.`,
      );
    }
    if (ttl > LIMITS.longestTokenTtl) {
      throw new SignetError(
        "REQUEST_INVALID",
        `ttl_seconds must be at most ${LIMITS.longestTokenTtl}.`,
      );
    }
    const token = randomBytes(BYTES).toString("base64url");
    const now = seconds(this.#clock);
    const expiresAt = now + (ttl === 0 ? LIMITS.tokenTtl : ttl);
    const unique = [...new Set(groups)].sort();
    await addToken(this.#db, { hash: hashOf(token), nodeId, groups: unique, expiresAt }, now);
    return { token, expiresAt };
  }

  /** @throws SignetError TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_USED */
  async attest(first: messages.AttestRequest): Promise<AttestedNode> {
    const { token = "", csr = Buffer.alloc(0) } = first.joinToken ?? {};
    if (!TOKEN.test(token)) throw new SignetError("TOKEN_INVALID");
    const hash = hashOf(token);
    const found = await findToken(this.#db, hash);
    if (found === undefined) throw new SignetError("TOKEN_INVALID");
    const now = seconds(this.#clock);
    if (found.usedAt === null && found.expiresAt <= now) throw new SignetError("TOKEN_EXPIRED");
    if (found.usedAt !== null || !(await claimToken(this.#db, hash, now))) {
      this.#audit.alarm("token.reused", { node: found.nodeId, token_hash: hash.slice(0, 16) });
      throw new SignetError(
        "TOKEN_USED",
        `The join token of node ${found.nodeId} was used before.`,
      );
    }
    const { nodeId: id, groups } = found;
    return { id, groups, csr, release: () => releaseToken(this.#db, hash) };
  }
}
