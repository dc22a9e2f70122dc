// SPDX-License-Identifier: Apache-2.0

/** The demo's trust domain. */
export const trustDomain = "demo.test";

/** Users that the demo's programs run as. */
export const uids = { nginx: 33, client: 1000, nobody: 1001, stranger: 1002 } as const;

/** The SPIFFE ID of one of the demo's workloads. */
export function demoId(name: "web" | "client" | "stranger"): string {
  return `spiffe://${trustDomain}/demo/${name}`;
}

/**
 * What the operator applies: three workloads, who may connect to the server, where it is, and what
 * holds for the whole trust domain.
 *
 * @param ttl lifetime of the workloads' certificates, such as "1h".
 */
export function documents(ttl: string): string {
  return `# The demo's policy, as an operator would write it.
apiVersion: signet/v1
kind: TrustDomain
spec:
  meshCidrs: [10.77.0.0/24]
  defaultDeny: true
  unidentified: deny
---
apiVersion: signet/v1
kind: Workload
metadata: {name: web}
spec:
  spiffeId: /demo/web
  nodes: [{"node:group": web}]
  selectors:
    - {process:binary:path: /usr/sbin/nginx, process:uid: ${String(uids.nginx)}}
  ttl: ${ttl}
---
apiVersion: signet/v1
kind: Workload
metadata: {name: client}
spec:
  spiffeId: /demo/client
  nodes: [{"node:group": client}]
  selectors:
    - {process:binary:path: /usr/bin/curl, process:uid: ${String(uids.client)}}
  ttl: ${ttl}
---
apiVersion: signet/v1
kind: Workload
metadata: {name: stranger}
spec:
  spiffeId: /demo/stranger
  nodes: [{"node:group": client}]
  selectors:
    - {process:binary:path: /usr/bin/curl, process:uid: ${String(uids.stranger)}}
  ttl: ${ttl}
---
apiVersion: signet/v1
kind: AccessPolicy
metadata: {name: web}
spec:
  subject: /demo/web
  inbound:
    - {from: [/demo/client], ports: [80]}
---
apiVersion: signet/v1
kind: Destination
metadata: {name: web}
spec:
  addresses: ["10.77.0.11:80"]
  identities: [/demo/web]
`;
}
