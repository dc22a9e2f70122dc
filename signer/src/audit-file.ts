// SPDX-License-Identifier: Apache-2.0

import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { SignetError } from "@signet/contract";

/** Takes whole lines, and throws when it could not. */
export type AuditSink = (line: string) => void;

/** Where audit lines go. */
export interface AuditFile {
  readonly write: AuditSink;
  /** Opens it by its name again, because it was renamed. Until that succeeds the one before is written to. */
  reload(): void;
  close(): void;
}

const NEWLINE = 0x0a;

/**
 * Appends to a file which only its owner can read, or to standard output for "". Waits for no reader:
 * what a pipe has no room for is an error.
 * @throws SignetError AUDIT_UNAVAILABLE when it can't be opened
 */
export function auditFile(path: string): AuditFile {
  const nothing = () => undefined;
  if (path === "") {
    const { fd } = process.stdout; // Looked at, it is made one that doesn't block, as Node needs it.
    const lines = new Lines(fd, false);
    return { write: (line) => lines.write(line), reload: nothing, close: nothing };
  }
  let lines = openForAppending(path);
  return {
    write: (line) => lines.write(line),
    reload: () => {
      const before = lines;
      lines = openForAppending(path);
      closeSync(before.fd);
    },
    close: () => closeSync(lines.fd),
  };
}

/** Writes lines that begin where a line begins, whatever became of the one before. */
class Lines {
  readonly fd: number;
  #torn: boolean;

  /** @param torn true when the last line that is there has no end */
  constructor(fd: number, torn: boolean) {
    this.fd = fd;
    this.#torn = torn;
  }

  write(line: string): void {
    const bytes = Buffer.from(this.#torn ? `\n${line}` : line);
    for (let at = 0; at < bytes.length;) {
      at += writeSync(this.fd, bytes, at);
      this.#torn = bytes[at - 1] !== NEWLINE;
    }
  }
}

const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;

function openForAppending(path: string): Lines {
  let fd: number | undefined;
  try {
    fd = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
    return new Lines(fd, fstatSync(fd).isFile() && isTorn(path));
  } catch (cause) {
    if (fd !== undefined) closeSync(fd);
    throw new SignetError("AUDIT_UNAVAILABLE", undefined, { cause });
  }
}

/** A crash or a full disk may have torn the last line. */
function isTorn(path: string): boolean {
  const fd = openSync(path, constants.O_RDONLY | O_NOFOLLOW);
  try {
    const { size } = fstatSync(fd);
    const last = Buffer.of(NEWLINE);
    if (size > 0) readSync(fd, last, 0, 1, size - 1);
    return last[0] !== NEWLINE;
  } finally {
    closeSync(fd);
  }
}
