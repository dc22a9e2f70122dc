// SPDX-License-Identifier: Apache-2.0
import { opendir } from "node:fs/promises";
import { whenGone } from "../native.js";

/** A thread of a process, numbered in the initial pid namespace. */
export interface Thread {
  /** Thread group ID. */
  readonly pid: number;
  readonly tid: number;
}

/** Threads that have ended may stay for a debugger to see, as many as one likes. */
const OTHERS_LOOKED_AT = 64;

/**
 * The folders in which /proc shows a process: that of one thread, then of others, as the one may have
 * ended by now. What all threads share (the file that runs) can be read in any of them; a thread that
 * has ended shows none of it, not even the main one of a process that goes on.
 */
export async function* threadFolders({ pid, tid }: Thread): AsyncGenerator<string, void> {
  const folder = `/proc/${String(pid)}/task`;
  yield `${folder}/${String(tid)}`;
  const threads = await opendir(folder).catch(whenGone);
  if (threads === undefined) return;
  let left = OTHERS_LOOKED_AT;
  for await (const { name } of threads) {
    if (left-- === 0) return;
    if (name !== String(tid)) yield `${folder}/${name}`;
  }
}
