// SPDX-License-Identifier: Apache-2.0

import { SignetError } from "@signet/contract";

/**
 * A certificate's serial as people copy it from OpenSSL or Vault ("3F:0A:91"), in the form that
 * Signet uses: lower-case hex without separators or leading zero octets.
 * @throws SignetError USAGE
 */
export function parseSerial(text: string): string {
  const hex = text.replace(/^0x/i, "").replaceAll(/[:-]/g, "").toLowerCase();
  if (!/^(?:[0-9a-f]{2}){1,21}$/.test(hex)) {
    throw new SignetError("USAGE", `${JSON.stringify(text)} is not a serial: octets in hex.`);
  }
  const serial = hex.replace(/^(?:00)+/, "");
  if (serial === "") throw new SignetError("USAGE", "0 is no certificate's serial.");
  return serial;
}
