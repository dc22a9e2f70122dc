// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";

/** Who a program in a guest runs as; guests have the users of the machine that they run on. */
export interface GuestUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * @param user a name of /etc/passwd, or a number (then the group has the same number)
 * @throws Error when there is no such user
 */
export function guestUser(user: string | number): GuestUser {
  if (typeof user === "number") return { uid: user, gid: user };
  for (const line of readFileSync("/etc/passwd", "utf8").split("\n")) {
    const [name, , uid, gid] = line.split(":");
    if (name === user) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(`there is no user "${user}"`);
}
