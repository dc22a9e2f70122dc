// SPDX-License-Identifier: Apache-2.0
import { Duplex } from "node:stream";
import { connect } from "node:tls";

/** The ClientHello with which this Node.js begins TLS 1.3, in its record. */
export function clientHello(): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const wire = new Duplex({ read: () => undefined, write: (record: Buffer) => resolve(record) });
    connect({ socket: wire, minVersion: "TLSv1.3" }).on("error", reject);
  });
}
