// SPDX-License-Identifier: Apache-2.0
import type { ErrorCode } from "@signet/contract";
import { refusedWith } from "../netlink/refusal.js";

/** Why the kernel does not take a certificate. */
export interface InstallRefusal {
  readonly code: ErrorCode;
  /** True when time, a policy or memory can mend it: the same certificate may be taken later. */
  readonly passing: boolean;
  /** True when the kernel's answer was lost: it may have taken the certificate. */
  readonly unsure: boolean;
}

const KNOWN: Readonly<Record<string, Pick<InstallRefusal, "code" | "passing">>> = {
  EAGAIN: { code: "SVID_NOT_YET_VALID", passing: true },
  ENOKEY: { code: "SVID_CHAIN", passing: true },
  EKEYEXPIRED: { code: "SVID_EXPIRED", passing: false },
  EKEYREVOKED: { code: "SVID_REVOKED", passing: false },
  ENOMEM: { code: "NETLINK_REFUSED", passing: true },
  // Of this process's socket, whose receive buffer was full.
  ENOBUFS: { code: "NETLINK_REFUSED", passing: true },
};

/** What an error of svid-install comes to; undefined when the request waits no more. */
export function installRefusal(error: unknown): InstallRefusal | undefined {
  const errno = refusedWith(error);
  if (errno === "ESTALE" || errno === "ENOENT") return undefined;
  const known = KNOWN[errno ?? "ENOBUFS"] ?? { code: "NETLINK_REFUSED", passing: false };
  return { ...known, unsure: errno === undefined || errno === "ENOBUFS" };
}
