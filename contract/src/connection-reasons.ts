// SPDX-License-Identifier: Apache-2.0

/** Why a protected connection failed or ended: one line for each `reason` of kmod/signet.yaml. */
export interface ConnectionReason {
  /** What the program sees: a name of errno.h; undefined when it sees no error. */
  readonly errno: string | undefined;
  /** The TLS alert that the kernel sends (RFC 8446 §6), when it sends one. */
  readonly alert?: string;
  readonly sentence: string;
  readonly help: string;
}

/** The table of connection reasons, by their names in kmod/signet.yaml and in its order. */
export const CONNECTION_REASONS = {
  none: { errno: undefined, sentence: "Nothing failed.", help: "Nothing to do." },
  "no-agent": {
    errno: "EACCES",
    sentence: "No agent is registered and the process is not identified.",
    help: "Start signet-agent; processes that were identified before go on.",
  },
  "identify-timeout": {
    errno: "EACCES",
    sentence: "The agent did not say in time who the process is.",
    help: "Look at the agent's log and the machine's load.",
  },
  "no-identity": {
    errno: "EACCES",
    sentence: "No entry matches the process.",
    help: "Compare the process with the selectors in `signet entry list`: path, uid and namespaces must fit.",
  },
  "ambiguous-identity": {
    errno: "EACCES",
    sentence: "Several entries with different SPIFFE IDs match the process.",
    help: "Make the selectors of one of the entries more exact.",
  },
  "no-certificate": {
    errno: "ENOKEY",
    sentence: "The identity has no certificate yet, and none came in time.",
    help: "`signet status` may show why; check that the agent reaches a signer and the signer Vault.",
  },
  "certificate-refused": {
    errno: "ENOKEY",
    sentence: "The signer refuses this identity a certificate, or the kernel the one it gave.",
    help: "`signet status` shows the code of the refusal; look it up above.",
  },
  "certificate-expired": {
    errno: "EKEYEXPIRED",
    sentence: "The identity's own certificate has expired.",
    help: "Check the clock, and that the agent reaches a signer.",
  },
  "self-revoked": {
    errno: "EKEYREVOKED",
    alert: "access_denied (49)",
    sentence: "The identity of this process is revoked.",
    help: "See `signet revocation list`; `signet unban` ends a ban.",
  },
  "no-memory": {
    errno: "ENOMEM",
    alert: "internal_error (80)",
    sentence: "The kernel had no memory for the connection.",
    help: "Free memory or raise the cgroup's limit.",
  },
  limit: {
    errno: "ENOBUFS",
    sentence: "A limit of the module was reached.",
    help: "See the counters in /proc/net/signet_stat.",
  },
  "handshake-timeout": {
    errno: "ETIMEDOUT",
    sentence: "The TLS handshake was not done in time.",
    help: "The peer accepts connections but says nothing, or is too slow to go on: see whether it is overloaded, and whether its program calls accept().",
  },
  "peer-plaintext": {
    errno: "EPROTO",
    alert: "protocol_version (70)",
    sentence: "The peer does not speak TLS.",
    help: "Give the peer an identity, or take its address out of the scope.",
  },
  "peer-closed": {
    errno: "ECONNRESET",
    sentence: "The peer closed the connection during the handshake.",
    help: "Look at the peer's own events.",
  },
  "peer-alert": {
    errno: "ECONNREFUSED",
    sentence: "The peer refused with a TLS alert.",
    help: "The alert says why: 49 access denied, 44 revoked, 45 expired, 48 unknown issuer, 116 no certificate.",
  },
  protocol: {
    errno: "EPROTO",
    alert:
      "unexpected_message (10), record_overflow (22), decode_error (50) or illegal_parameter (47)",
    sentence: "The peer broke the TLS protocol.",
    help: "Report it with the peer's TLS library and version.",
  },
  "no-shared-parameters": {
    errno: "EPROTO",
    alert: "handshake_failure (40) or protocol_version (70)",
    sentence: "The two sides have no TLS version, group, cipher or signature in common.",
    help: "Signet speaks TLS 1.3 with X25519 or P-256, AES-128-GCM or ChaCha20-Poly1305, and ECDSA on P-256.",
  },
  "peer-no-certificate": {
    errno: "EKEYREJECTED",
    alert: "certificate_required (116)",
    sentence: "The peer showed no certificate.",
    help: "Every peer inside the scope needs an X.509-SVID.",
  },
  "peer-certificate-invalid": {
    errno: "EKEYREJECTED",
    alert: "bad_certificate (42)",
    sentence: "The peer's certificate is not a valid X.509-SVID.",
    help: "The event's detail names the fault; see the SVID_ codes above.",
  },
  "peer-certificate-expired": {
    errno: "EKEYREJECTED",
    alert: "certificate_expired (45)",
    sentence: "The peer's certificate is not valid now.",
    help: "Compare the clocks of both machines.",
  },
  "peer-unknown-issuer": {
    errno: "EKEYREJECTED",
    alert: "unknown_ca (48)",
    sentence: "The peer's chain does not end at a root of the trust bundle.",
    help: "Check that both sides belong to one trust domain and hold its current bundle.",
  },
  "peer-wrong-domain": {
    errno: "EKEYREJECTED",
    alert: "bad_certificate (42)",
    sentence: "The peer's SPIFFE ID is of another trust domain.",
    help: "Federation is not part of this version.",
  },
  "peer-revoked": {
    errno: "EKEYREVOKED",
    alert: "certificate_revoked (44)",
    sentence: "The peer's certificate or identity is revoked.",
    help: "See `signet revocation list`.",
  },
  "peer-not-destination": {
    errno: "EKEYREJECTED",
    alert: "access_denied (49)",
    sentence: "The server is none of the destination's identities.",
    help: "Correct the Destination document, or find out who answers at that address.",
  },
  "policy-denied": {
    errno: "EACCES",
    alert: "access_denied (49)",
    sentence: "No rule lets this client connect here.",
    help: "Add the client to an AccessPolicy of the subject, if it may connect.",
  },
  ktls: {
    errno: "EPROTO",
    sentence: "The kernel's TLS did not take the keys.",
    help: "Check that the module tls is the running kernel's; report it with the kernel's version.",
  },
  truncated: {
    errno: "EBADMSG",
    sentence: "The peer's data ended without close_notify: some of it may be missing.",
    help: "The peer crashed, or someone cut the connection.",
  },
  "bad-record": {
    errno: "EBADMSG",
    alert: "bad_record_mac (20)",
    sentence: "A record failed authentication.",
    help: "Something between the machines changes data.",
  },
  "key-update": {
    errno: "EPROTO",
    alert: "internal_error (80)",
    sentence: "The peer asked for new traffic keys, which this kernel cannot do.",
    help: "Turn off KeyUpdate at the peer, or connect anew more often.",
  },
  "policy-changed": {
    errno: "EACCES",
    alert: "access_denied (49)",
    sentence: "A new policy no longer allows the open session.",
    help: "If it should be allowed, add it to an AccessPolicy.",
  },
  "max-age": {
    errno: "ETIMEDOUT",
    sentence: "The session reached the greatest age that the policy allows.",
    help: "Connect anew.",
  },
  "local-close": {
    errno: undefined,
    sentence: "The program closed the connection or was interrupted.",
    help: "Nothing to do.",
  },
  "connect-failed": {
    errno: "as TCP says",
    sentence: "TCP itself could not connect.",
    help: "As for any TCP connection: ECONNREFUSED, EHOSTUNREACH, ETIMEDOUT.",
  },
  "other-acceptor": {
    errno: "EACCES",
    sentence: "The handshake was made as another identity than that of the process that accepted.",
    help: "The connection had waited too long for accept(), so it began as the process that listens there. Let the one that accepts listen, or give both one identity.",
  },
  cloned: {
    errno: "ECONNRESET",
    sentence:
      "This machine was cloned or restored from a snapshot, so another may have the session's keys.",
    help: "Connect anew: the identities get new keys and certificates by themselves.",
  },
  internal: {
    errno: "EPROTO",
    alert: "internal_error (80)",
    sentence: "Something went wrong inside the module.",
    help: "The kernel log may say more; report it.",
  },
} as const satisfies Record<string, ConnectionReason>;

/** Name of a connection reason, as in kmod/signet.yaml. */
export type ConnectionReasonName = keyof typeof CONNECTION_REASONS;

/** True when a string names a connection reason. */
export function isConnectionReason(name: string): name is ConnectionReasonName {
  return Object.hasOwn(CONNECTION_REASONS, name);
}
