// SPDX-License-Identifier: Apache-2.0

const TLS_APPLICATION_DATA = Buffer.from([0x17, 0x03, 0x03]);

/**
 * How many TLS application data records begin in the packets of a capture. Counts what looks like a
 * record's header with a possible length, which plain text hardly ever does.
 */
export function applicationDataRecords(packets: Buffer): number {
  let count = 0;
  for (let at = packets.indexOf(TLS_APPLICATION_DATA); at !== -1;) {
    if (at + 5 <= packets.length && packets.readUInt16BE(at + 3) <= 16_384 + 256) count++;
    at = packets.indexOf(TLS_APPLICATION_DATA, at + 3);
  }
  return count;
}
