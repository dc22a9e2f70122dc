// SPDX-License-Identifier: Apache-2.0
import { SignetError } from "@signet/contract/signet-error.js";
import { Limits } from "./family.generated.js";
import { refusedWith } from "./refusal.js";

/** Demands that the module speaks the version of this program. @throws SignetError MODULE_ABI */
export function demandSameAbi(version: number | undefined): void {
  if (version === Limits.abiVersion) return;
  throw new SignetError(
    "MODULE_ABI",
    `The module speaks version ${String(version)}, this program ${String(Limits.abiVersion)}.`,
  );
}

/** What it means that the module refused an agent: MODULE_ABI, NETLINK_BUSY, else what it was. */
export function registrationError(cause: unknown): unknown {
  switch (refusedWith(cause)) {
    case "EPROTONOSUPPORT":
      return new SignetError("MODULE_ABI", undefined, { cause });
    case "EBUSY":
      return new SignetError("NETLINK_BUSY", undefined, { cause });
    default:
      return cause;
  }
}
