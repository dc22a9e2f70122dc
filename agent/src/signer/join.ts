// SPDX-License-Identifier: Apache-2.0
import {
  AttestationService,
  fetchPinnedRoot,
  fromGrpcError,
  signerChannelCredentials,
  toPem,
  type messages,
} from "@signet/contract";
import { SignetError } from "@signet/contract/signet-error.js";
import { createNodeKey } from "./certificate-request.js";
import { credentialsFrom, type IssuedCredentials } from "./node-credentials.js";
import { SERVER_NAME } from "./server-name.js";

/** How a node joins. */
export interface JoinOptions {
  /** The attestation listener. */
  readonly address: { readonly host: string; readonly port: number };
  /** SHA-256 of the control-plane CA, lower-case hex. */
  readonly caPin: string;
  /** Secret; one use. */
  readonly token: string;
}

const DEADLINE_MS = 15_000;

/**
 * Gives this node its first certificate for a join token. The token is sent only to a signer that
 * the pinned control-plane CA vouches for.
 *
 * @throws SignetError CA_PIN_MISMATCH, SIGNER_UNAVAILABLE, SIGNER_NOT_TRUSTED, TOKEN_*, CSR_*,
 * VAULT_*, SVID_*.
 */
export async function join({ address, caPin, token }: JoinOptions): Promise<IssuedCredentials> {
  const root = await fetchPinnedRoot(address, caPin);
  const { privateKey, request } = createNodeKey();
  const answer = await attest(address, Buffer.from(toPem(root)), { token, csr: request });
  return credentialsFrom(answer, privateKey, [root], new Date());
}

async function attest(
  { host, port }: JoinOptions["address"],
  roots: Buffer,
  joinToken: messages.JoinTokenInput,
): Promise<messages.NodeCertificate> {
  const credentials = signerChannelCredentials({ roots });
  const client = new AttestationService(authority(host, port), credentials, SERVER_NAME);
  try {
    const call = client.attest({ deadline: Date.now() + DEADLINE_MS });
    call.write({ joinToken });
    call.end();
    for await (const response of call) {
      const { certificate } = response as messages.AttestResponse;
      if (certificate) return certificate;
    }
    throw new SignetError("SIGNER_UNAVAILABLE", "The signer ended the attestation unanswered.");
  } catch (error) {
    throw fromGrpcError(error);
  } finally {
    client.close();
  }
}

/** "host:port", with brackets around IPv6 addresses. */
function authority(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
}
