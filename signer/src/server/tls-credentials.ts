// SPDX-License-Identifier: Apache-2.0

import { ServerCredentials } from "@grpc/grpc-js";
import { toPem } from "@signet/contract";
import type { ServerCertificate } from "./server-certificate.js";

const TLS = { minVersion: "TLSv1.3", maxVersion: "TLSv1.3" } as const;

/**
 * TLS 1.3 credentials whose certificate can be replaced while the server listens: connections that
 * are open go on, new ones get the new one.
 */
export class TlsCredentials extends ServerCredentials {
  /** @param clientRoots DER; when given, clients must show a certificate under one of them */
  constructor(certificate: ServerCertificate, clientRoots?: readonly Buffer[]) {
    const mutual = clientRoots !== undefined;
    super({ ...TLS, requestCert: mutual, rejectUnauthorized: mutual });
    certificate.listen(({ chain, key }) => {
      const ca = clientRoots?.map(toPem);
      this.updateSecureContextOptions({ ...TLS, cert: chain, key, ...(ca && { ca }) });
    });
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}
