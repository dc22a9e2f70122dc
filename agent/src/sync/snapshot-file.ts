// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { SignetError } from "@signet/contract/signet-error.js";
import { writeFileAtomically } from "../atomic-file.js";
import { checkState } from "./check-state.js";
import type { NodeState } from "./node-state.js";

const FORMAT = 1;

/** The last state that this node was told, on disk: what holds after a restart. */
export class SnapshotFile {
  /** @param path Absolute. */
  constructor(readonly path: string) {}

  /**
   * @returns undefined when there is no file.
   * @throws SignetError FILE_UNREADABLE when it can't be read or holds something else.
   */
  async read(): Promise<NodeState | undefined> {
    try {
      const text = await readFile(this.path, "utf8");
      return parse(text);
    } catch (cause) {
      if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
      throw new SignetError("FILE_UNREADABLE", `${this.path} holds no snapshot.`, { cause });
    }
  }

  async write(state: NodeState): Promise<void> {
    const content = { format: FORMAT, ...state, revision: String(state.revision) };
    await writeFileAtomically(this.path, JSON.stringify(content, withBase64));
  }
}

function parse(text: string): NodeState {
  const { format, revision, ...rest } = JSON.parse(text, withBuffers) as Omit<
    NodeState,
    "revision"
  > & { format: number; revision: string };
  if (format !== FORMAT) throw new Error(`format ${String(format)} is not known`);
  const state = { ...rest, revision: BigInt(revision) };
  checkState(state, undefined);
  return state;
}

/** Buffers come here as what their toJSON made of them. */
function withBase64(_key: string, value: unknown): unknown {
  return isBufferJson(value) ? { base64: Buffer.from(value.data).toString("base64") } : value;
}

function withBuffers(_key: string, value: unknown): unknown {
  return isBase64(value) ? Buffer.from(value.base64, "base64") : value;
}

function isBufferJson(value: unknown): value is { readonly data: number[] } {
  return isObject(value) && value["type"] === "Buffer" && Array.isArray(value["data"]);
}

function isBase64(value: unknown): value is { readonly base64: string } {
  return isObject(value) && typeof value["base64"] === "string";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
