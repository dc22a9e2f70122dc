// SPDX-License-Identifier: Apache-2.0

// The one table of Signet's error codes. docs/errors.md is made from it.

/** What sort of failure a code is: fixes how every boundary expresses it. */
export type ErrorKind = keyof typeof KINDS;

/** Name of a gRPC status code. */
export type GrpcStatusName =
  | "INVALID_ARGUMENT"
  | "NOT_FOUND"
  | "PERMISSION_DENIED"
  | "RESOURCE_EXHAUSTED"
  | "FAILED_PRECONDITION"
  | "UNAVAILABLE"
  | "DEADLINE_EXCEEDED"
  | "CANCELLED"
  | "UNAUTHENTICATED"
  | "UNIMPLEMENTED"
  | "INTERNAL";

interface KindInfo {
  readonly grpc: GrpcStatusName;
  readonly exit: number;
  readonly http: number;
  readonly retryable: boolean;
}

/** Exit codes are those of sysexits.h. */
const KINDS = {
  usage: { grpc: "INVALID_ARGUMENT", exit: 64, http: 400, retryable: false },
  invalid: { grpc: "INVALID_ARGUMENT", exit: 65, http: 400, retryable: false },
  missing: { grpc: "NOT_FOUND", exit: 66, http: 404, retryable: false },
  state: { grpc: "FAILED_PRECONDITION", exit: 65, http: 409, retryable: false },
  unbuilt: { grpc: "UNIMPLEMENTED", exit: 65, http: 501, retryable: false },
  unavailable: { grpc: "UNAVAILABLE", exit: 69, http: 503, retryable: true },
  internal: { grpc: "INTERNAL", exit: 70, http: 500, retryable: false },
  limit: { grpc: "RESOURCE_EXHAUSTED", exit: 75, http: 429, retryable: true },
  late: { grpc: "DEADLINE_EXCEEDED", exit: 75, http: 504, retryable: true },
  cancelled: { grpc: "CANCELLED", exit: 75, http: 499, retryable: true },
  unproven: { grpc: "UNAUTHENTICATED", exit: 77, http: 401, retryable: false },
  denied: { grpc: "PERMISSION_DENIED", exit: 77, http: 403, retryable: false },
  configuration: { grpc: "FAILED_PRECONDITION", exit: 78, http: 500, retryable: false },
} as const satisfies Record<string, KindInfo>;

/** One line of the error table. */
export interface ErrorInfo extends KindInfo {
  readonly kind: ErrorKind;
  /** What happened. */
  readonly sentence: string;
  /** What to do about it. */
  readonly help: string;
}

function line(kind: ErrorKind, sentence: string, help: string): ErrorInfo {
  return { kind, ...KINDS[kind], sentence, help };
}

const TABLE = {
  // Configuration
  CONFIG_INVALID: line(
    "configuration",
    "The configuration is not valid.",
    "Correct the key that the message names; each key is documented in the part's configuration schema.",
  ),
  CONFIG_UNREADABLE: line(
    "configuration",
    "A file that the configuration names cannot be read.",
    "Check that the file exists, is readable by this user, and holds what its key asks for.",
  ),
  USAGE: line(
    "usage",
    "The command line is not valid.",
    "Run the command with --help to see its arguments and examples.",
  ),
  FILE_UNREADABLE: line("missing", "A file cannot be read.", "Check the path and its permissions."),

  // Documents
  DOCUMENT_SYNTAX: line(
    "invalid",
    "The document is not valid YAML.",
    "Correct the line that the message names; indentation is spaces, never tabs.",
  ),
  DOCUMENT_INVALID: line(
    "invalid",
    "The documents are not valid; nothing was changed.",
    "Correct every fault listed: documents apply together or not at all.",
  ),
  DOCUMENT_KIND_UNKNOWN: line(
    "invalid",
    "The document's apiVersion or kind is unknown.",
    "Use apiVersion signet/v1 and kind Workload, AccessPolicy, Destination or TrustDomain.",
  ),
  DOCUMENT_FIELD_UNKNOWN: line(
    "invalid",
    "The document has a field that Signet does not know.",
    "Check the spelling of the field, and its place.",
  ),
  DOCUMENT_FIELD_NOT_BUILT: line(
    "unbuilt",
    "The field is part of the policy language but is not built in this version.",
    "Remove the field; it is refused because ignoring it could allow more than you wrote.",
  ),
  DOCUMENT_FIELD_MISSING: line(
    "invalid",
    "A field that is required is missing.",
    "Add the field that the message names.",
  ),
  DOCUMENT_FIELD_INVALID: line(
    "invalid",
    "The value of a field is not valid.",
    "Correct the value; the message says what is allowed.",
  ),
  DOCUMENT_DUPLICATE: line(
    "invalid",
    "Two documents of one kind have the same name, or one key appears twice.",
    "Keep one of the two, or rename the other.",
  ),
  DOCUMENT_SPIFFE_ID_RESERVED: line(
    "invalid",
    "Paths under /signet/ are kept for Signet itself.",
    "Choose another path for the workload.",
  ),

  // SPIFFE IDs
  SPIFFE_ID_INVALID: line(
    "invalid",
    "The string is not a SPIFFE ID.",
    "Write spiffe://TRUST-DOMAIN/PATH with segments of A-Z, a-z, 0-9, '.', '-', '_' and no trailing slash.",
  ),

  // Certificate requests
  CSR_MALFORMED: line(
    "invalid",
    "The certificate request is not a well-formed PKCS#10 request.",
    "Send one PKCS#10 request in DER without trailing bytes.",
  ),
  CSR_BAD_SIGNATURE: line(
    "denied",
    "The certificate request is not signed by the key that it holds.",
    "Sign the request with the private key whose public key is in it (ECDSA with SHA-256).",
  ),
  CSR_KEY_NOT_P256: line(
    "invalid",
    "The key in the certificate request is not on P-256.",
    "Use an EC key on P-256 (secp256r1), named curve, uncompressed point.",
  ),
  CSR_URI_MISSING: line(
    "invalid",
    "The certificate request names no SPIFFE ID.",
    "Ask for exactly one URI subject alternative name: the entry's SPIFFE ID.",
  ),
  CSR_URI_MULTIPLE: line(
    "invalid",
    "The certificate request names more than one URI.",
    "Ask for exactly one URI subject alternative name: the entry's SPIFFE ID.",
  ),
  CSR_URI_MISMATCH: line(
    "denied",
    "The certificate request names a SPIFFE ID other than the entry's.",
    "Ask for the SPIFFE ID of the entry that the request is for.",
  ),
  CSR_EXTRA_NAMES: line(
    "invalid",
    "The certificate request holds a subject, names or extensions beside the one URI.",
    "Leave the subject empty and ask for no extension but the URI subject alternative name.",
  ),

  // Entries and identities
  ENTRY_UNKNOWN: line(
    "missing",
    "There is no such entry.",
    "List the entries with `signet entry list`; the node may hold an old snapshot.",
  ),
  ENTRY_NOT_ON_NODE: line(
    "denied",
    "This node may not hold that entry.",
    "Check `nodes` in the Workload document against the node's ID and groups (`signet node list`).",
  ),
  IDENTITY_REVOKED: line(
    "denied",
    "The identity is revoked.",
    "If it may serve again, end the ban with `signet unban --spiffe-id ID`.",
  ),
  IDENTITY_NOT_BANNED: line(
    "missing",
    "The identity is not banned.",
    "See `signet revocation list`.",
  ),
  IDENTITY_UNKNOWN: line(
    "missing",
    "No entry, node or certificate has that SPIFFE ID.",
    "Look for a typing error: `signet entry list`, `signet node list`. To ban it all the same: `signet revoke --force`.",
  ),
  CERTIFICATE_UNKNOWN: line(
    "missing",
    "The ledger has no certificate with that serial.",
    "See `signet certificate list`; serials are lower-case hex.",
  ),

  // Tokens
  TOKEN_INVALID: line(
    "unproven",
    "The join token is not one that this signer made.",
    "Make a new one with `signet token create --node ID`.",
  ),
  TOKEN_EXPIRED: line(
    "unproven",
    "The join token has expired.",
    "Make a new one with `signet token create --node ID`; tokens last ten minutes unless --ttl says otherwise.",
  ),
  TOKEN_USED: line(
    "unproven",
    "The join token was used before.",
    "If this node did not use it, someone else did: look at the audit log, then ban that node; else make a new token.",
  ),

  // Nodes and peers
  NODE_UNKNOWN: line(
    "denied",
    "The signer does not know this node.",
    "Join it with a token from `signet token create --node ID`.",
  ),
  NODE_BANNED: line(
    "denied",
    "This node is banned.",
    "If it may serve again, end the ban with `signet unban --spiffe-id ID`.",
  ),
  NODE_SERIAL_STALE: line(
    "unproven",
    "The node's certificate has been replaced by a newer one.",
    "If the node lost its newer certificate, join it again with a token; else someone holds an old copy.",
  ),
  PEER_UNAUTHENTICATED: line(
    "unproven",
    "The peer showed no valid certificate of the control plane.",
    "Connect with a certificate that the control-plane CA signed.",
  ),
  PEER_NOT_NODE: line(
    "denied",
    "Only a node may ask this.",
    "Connect with a node certificate (/signet/node/ID).",
  ),
  PEER_NOT_ADMIN: line(
    "denied",
    "Only an administrator may ask this.",
    "Connect with an administrator's certificate (/signet/admin/NAME), or through the signer's Unix socket as root.",
  ),
  PERMISSION_DENIED: line("denied", "This user may not do that.", "Run the command as root."),

  // Vault
  VAULT_UNAVAILABLE: line(
    "unavailable",
    "Vault cannot be reached, is sealed or answers with errors of its own.",
    "The signer's log says why; the signer tries again by itself.",
  ),
  VAULT_DENIED: line(
    "configuration",
    "Vault denies the signer's token what it asked.",
    "The signer's log says what was denied: apply vault-config again and check the ACL policy of its AppRole.",
  ),
  VAULT_REFUSED: line(
    "configuration",
    "Vault refused the request.",
    "The signer's log says what Vault answered: check the role and the issuer on the mount that it names.",
  ),
  VAULT_BAD_CERTIFICATE: line(
    "configuration",
    "Vault returned a certificate other than the one asked for; it was discarded.",
    "The message says what was wrong: a clock, or the role in Vault, which vault-config sets right. The role is asked again after a pause that grows up to an hour, or at SIGHUP.",
  ),
  VAULT_LOGIN_FAILED: line(
    "unavailable",
    "The signer cannot log in to Vault.",
    "Check the RoleID and deliver a new SecretID. The signer tries again when the file changes, at SIGHUP, and twice in 15 minutes: else Vault would lock the AppRole.",
  ),

  // X.509-SVIDs
  SVID_MALFORMED: line(
    "invalid",
    "The certificate is not well-formed X.509.",
    "Send one certificate in DER without trailing bytes.",
  ),
  SVID_URI_COUNT: line(
    "invalid",
    "The certificate does not have exactly one URI subject alternative name with a path.",
    "An X.509-SVID names exactly one SPIFFE ID and nothing else.",
  ),
  SVID_IS_CA: line(
    "invalid",
    "The certificate may sign certificates, so it is no leaf.",
    "Use a leaf certificate with cA=false.",
  ),
  SVID_KEY_USAGE: line(
    "invalid",
    "The certificate's key usage is not critical digitalSignature alone.",
    "Set key_usage to DigitalSignature only in the Vault role.",
  ),
  SVID_EXT_KEY_USAGE: line(
    "invalid",
    "The certificate's extended key usage is not serverAuth and clientAuth.",
    "Set server_flag and client_flag, and no ext_key_usage, in the Vault role.",
  ),
  SVID_KEY_TYPE: line(
    "invalid",
    "The certificate's key is not on P-256.",
    "Set key_type ec and key_bits 256, and ask with a P-256 key.",
  ),
  SVID_KEY_MISMATCH: line(
    "invalid",
    "The certificate is for another key.",
    "The key must be that of the request.",
  ),
  SVID_EXPIRED: line(
    "invalid",
    "The certificate has expired.",
    "Compare its validity with this machine's clock; a new certificate may be on its way.",
  ),
  SVID_NOT_YET_VALID: line(
    "invalid",
    "The certificate is not valid yet.",
    "Set this machine's clock; it is behind that of whoever signed the certificate.",
  ),
  SVID_REVOKED: line(
    "denied",
    "The certificate is revoked.",
    "See `signet revocation list`; a new certificate may be on its way.",
  ),
  SVID_WRONG_ID: line(
    "denied",
    "The certificate is for another SPIFFE ID.",
    "Check which identity is expected here.",
  ),
  SVID_CHAIN: line(
    "denied",
    "The certificate's chain does not end at a root of the trust bundle.",
    "Check that both sides belong to one trust domain and that the bundle is current.",
  ),

  // The kernel module
  MODULE_MISSING: line(
    "unavailable",
    "The kernel module signet is not loaded.",
    "Load it: modprobe signet.",
  ),
  MODULE_ABI: line(
    "configuration",
    "The kernel module speaks another version of the netlink protocol.",
    "Install the module and the agent of one release.",
  ),
  NETLINK_REFUSED: line(
    "state",
    "The kernel module refused the request.",
    "The message holds the kernel's own words; docs/netlink.md describes each operation.",
  ),
  NETLINK_MALFORMED: line(
    "internal",
    "A netlink message is not what the protocol says.",
    "Report it with the module's and the agent's version.",
  ),
  NETLINK_BUSY: line(
    "unavailable",
    "Another agent is registered with the kernel module.",
    "Stop the other agent first.",
  ),

  // Reaching a signer
  SIGNER_UNAVAILABLE: line(
    "unavailable",
    "No signer can be reached.",
    "Check the address, the network and that the signer runs.",
  ),
  SYNC_REFUSED: line(
    "invalid",
    "The agent cannot apply an update of the signer.",
    "The state before stays in force; compare the versions of signer and agent. The message names the fault.",
  ),
  SIGNER_NOT_TRUSTED: line(
    "denied",
    "The server is not a signer of this trust domain.",
    "Check the address; if it is right, check who answers there before you go on.",
  ),
  CA_PIN_MISMATCH: line(
    "denied",
    "The server's control-plane CA is not the one that was pinned.",
    "Use the hash that `signet token create` printed with the token; if it was that one, someone is in between.",
  ),

  // Requests
  REQUEST_INVALID: line(
    "invalid",
    "The request is not valid.",
    "Correct the field that the message names.",
  ),
  NOT_BUILT: line("unbuilt", "This is not built in this version.", "Use the version that has it."),
  LIMIT_REACHED: line(
    "limit",
    "A limit was reached.",
    "Try again later; the message names the limit.",
  ),
  DEADLINE_EXCEEDED: line(
    "late",
    "The answer did not come in time.",
    "Try again; if it goes on, look at the load of the signer and of Vault.",
  ),
  CANCELLED: line("cancelled", "The request was given up before it was done.", "Try again."),
  DATABASE_UNAVAILABLE: line(
    "unavailable",
    "The signer's database cannot be used.",
    "Check the disk and the permissions of the database's file.",
  ),
  AUDIT_UNAVAILABLE: line(
    "unavailable",
    "The signer's audit log cannot be written.",
    "See that its file can be opened, make room on its disk, or have its reader go on; revoking works meanwhile, and is recorded then, if the signer runs until then.",
  ),
  STOPPING: line(
    "unavailable",
    "The signer is stopping.",
    "Try again; another replica, or its successor, will answer.",
  ),
  INTERNAL: line(
    "internal",
    "Something went wrong inside Signet.",
    "The log of the part that failed has the cause; report it.",
  ),
} as const satisfies Record<string, ErrorInfo>;

/** The closed set of error codes. */
export type ErrorCode = keyof typeof TABLE;

/** The error table: what each code means, how each boundary expresses it, and what helps. */
export const ERRORS: Readonly<Record<ErrorCode, ErrorInfo>> = TABLE;

/** True when a string is an error code of this version. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(TABLE, code);
}
