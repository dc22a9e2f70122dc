// SPDX-License-Identifier: Apache-2.0
import { protectedNetwork } from "./addresses.js";

/** A workload of a test: a program at a path, run by a user, on the node group of the same name. */
export interface WorkloadOptions {
  /** Last segment of its SPIFFE ID, and its name. */
  readonly name: string;
  readonly group: string;
  readonly path: string;
  readonly uid: number;
  readonly ttl?: string;
}

/** The TrustDomain document of the tests: the whole protected network, everything denied. */
export const strictTrustDomain = `
apiVersion: signet/v1
kind: TrustDomain
spec:
  meshCidrs: [${protectedNetwork}]
  defaultDeny: true
  unidentified: deny
`;

/** A Workload document. */
export function workload({ name, group, path, uid, ttl = "1h" }: WorkloadOptions): string {
  return `
apiVersion: signet/v1
kind: Workload
metadata: {name: ${name}}
spec:
  spiffeId: /demo/${name}
  nodes: [{"node:group": ${group}}]
  selectors:
    - {process:binary:path: ${path}, process:uid: ${String(uid)}}
  ttl: ${ttl}
`;
}

/** An AccessPolicy document that lets some workloads connect to one. */
export function access(subject: string, from: readonly string[], port: number): string {
  return `
apiVersion: signet/v1
kind: AccessPolicy
metadata: {name: ${subject}}
spec:
  subject: /demo/${subject}
  inbound:
    - {from: [${from.map((name) => `/demo/${name}`).join(", ")}], ports: [${String(port)}]}
`;
}

/** A Destination document. */
export function destination(name: string, address: string, port: number): string {
  return `
apiVersion: signet/v1
kind: Destination
metadata: {name: ${name}}
spec:
  addresses: ["${address}:${String(port)}"]
  identities: [/demo/${name}]
`;
}

/** A program on host "web", and one on host "client" that may connect to it, and to nothing else. */
export interface ServerAndClient {
  readonly server: Pick<WorkloadOptions, "path" | "uid">;
  readonly client: Pick<WorkloadOptions, "path" | "uid">;
  /** Where the server listens. */
  readonly address: string;
  readonly port: number;
}

/** All documents of a test with one server and one client, /demo/web and /demo/client. */
export function serverAndClient({ server, client, address, port }: ServerAndClient): string {
  return documents(
    strictTrustDomain,
    workload({ name: "web", group: "web", ...server }),
    workload({ name: "client", group: "client", ...client }),
    access("web", ["client"], port),
    destination("web", address, port),
  );
}

/** Several documents as one YAML stream. */
export function documents(...all: readonly string[]): string {
  return all.join("---");
}
