// SPDX-License-Identifier: Apache-2.0

import { createSecureContext, type PeerCertificate } from "node:tls";
import { credentials, type ChannelCredentials, type ChannelOptions } from "@grpc/grpc-js";
import { isSignerId } from "./control-plane-id.js";
import { SignetError } from "./signet-error.js";
import { trustDomainOf } from "./spiffe-id.js";
import { checkSvid, type Svid } from "./svid.js";

/** What a client of a signer shows, and whom it believes. All PEM. */
export interface SignerTrust {
  /** The control-plane CA's roots. */
  readonly roots: Buffer;
  /** The trust domain that the signer must be of; undefined: any that the roots vouch for. */
  readonly trustDomain?: string | undefined;
  /** The client's own certificate, leaf first, and its key; without it none is shown. */
  readonly identity?: { readonly chain: Buffer; readonly key: Buffer } | undefined;
}

/**
 * Credentials for a channel to a signer: TLS 1.3, a chain to the control-plane CA, and the SPIFFE
 * ID /signet/signer instead of a host name. Give {@link SIGNER_CHANNEL_OPTIONS} to the client too.
 */
export function signerChannelCredentials(trust: SignerTrust): ChannelCredentials {
  const { roots, identity, trustDomain } = trust;
  const context = createSecureContext({
    ca: roots,
    ...(identity === undefined ? {} : { cert: identity.chain, key: identity.key }),
    minVersion: "TLSv1.3",
  });
  return credentials.createFromSecureContext(context, {
    checkServerIdentity: (_host, certificate) => signerFault(certificate.raw, trustDomain),
    rejectUnauthorized: true,
  });
}

/** Signers are known by SPIFFE ID, so the server name is the same for all, addresses included. */
export const SIGNER_CHANNEL_OPTIONS: ChannelOptions = {
  "grpc.ssl_target_name_override": "signet-signer",
};

/**
 * Says why a certificate, DER, is not a signer's; undefined when it is. The chain is checked
 * elsewhere.
 */
export function signerFault(der: Uint8Array, trustDomain?: string): SignetError | undefined {
  try {
    const { spiffeId } = checkSvid(der);
    const right = trustDomain === undefined || trustDomainOf(spiffeId) === trustDomain;
    if (isSignerId(spiffeId) && right) return undefined;
    return new SignetError("SIGNER_NOT_TRUSTED", `SIGNER_NOT_TRUSTED: the server is ${spiffeId}.`);
  } catch (cause) {
    const { code } = SignetError.from(cause);
    return new SignetError("SIGNER_NOT_TRUSTED", `SIGNER_NOT_TRUSTED: ${code}`, { cause });
  }
}

/** What grpc-js knows of a caller: the result of `call.getAuthContext()`. */
export interface CallerContext {
  readonly sslPeerCertificate?: PeerCertificate;
}

/**
 * The X.509-SVID that the caller of an RPC showed. TLS has checked its chain by then.
 * @throws SignetError PEER_UNAUTHENTICATED when there is none, else as checkSvid
 */
export function peerSvid(context: CallerContext): Svid {
  const certificate: Partial<PeerCertificate> | undefined = context.sslPeerCertificate;
  if (certificate?.raw === undefined) throw new SignetError("PEER_UNAUTHENTICATED");
  return checkSvid(certificate.raw);
}
