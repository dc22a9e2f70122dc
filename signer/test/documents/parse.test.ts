// SPDX-License-Identifier: Apache-2.0

import { expect } from "chai";
import fc from "fast-check";
import { SignetError, type FieldFault } from "@signet/contract";
import type { PolicyDocument } from "../../src/documents/document.js";
import { parseDocuments } from "../../src/documents/parse.js";

const TD = "example.org";

function parse(content: string): PolicyDocument[] {
  return parseDocuments([{ file: "a.yaml", content }], TD);
}

function faults(...contents: string[]): readonly FieldFault[] {
  const files = contents.map((content, i) => ({ file: `${"abc"[i] ?? ""}.yaml`, content }));
  try {
    parseDocuments(files, TD);
    return [];
  } catch (error) {
    if (!(error instanceof SignetError) || error.code !== "DOCUMENT_INVALID") throw error;
    return error.faults;
  }
}

const WORKLOAD = `apiVersion: signet/v1
kind: Workload
metadata: {name: checkout}
spec:
  spiffeId: /shop/checkout
  nodes: [{"node:group": web}]
  selectors:
    - {process:binary:path: /usr/bin/checkout, process:uid: 1001}
  ttl: 1h
`;

function workload(change: (text: string) => string): readonly FieldFault[] {
  return faults(change(WORKLOAD));
}

describe("parsing documents", () => {
  it("reads each kind, with defaults filled in", () => {
    const documents = parse(`${WORKLOAD}
---
apiVersion: signet/v1
kind: AccessPolicy
metadata: {name: db}
spec:
  subject: /shop/db
  inbound:
    - {from: [/shop/checkout], ports: [5432]}
    - {from: [/shop/batch]}
---
apiVersion: signet/v1
kind: Destination
metadata: {name: db}
spec:
  addresses: [10.1.0.7:5432, "10.2.0.0/16:5432", "[fd00::7]:443", "fd00::/8"]
  identities: [/shop/db]
---
apiVersion: signet/v1
kind: TrustDomain
spec:
  meshCidrs: [10.0.0.0/8]
`);
    expect(documents).to.deep.equal([
      {
        kind: "Workload",
        name: "checkout",
        spiffeId: "spiffe://example.org/shop/checkout",
        nodes: [{ selectors: [{ key: "node:group", values: ["web"] }] }],
        selectors: [
          {
            selectors: [
              { key: "process:binary:path", values: ["/usr/bin/checkout"] },
              { key: "process:uid", values: ["1001"] },
            ],
          },
        ],
        ttl: 3600,
      },
      {
        kind: "AccessPolicy",
        name: "db",
        subject: "spiffe://example.org/shop/db",
        inbound: [
          { from: ["spiffe://example.org/shop/checkout"], ports: [5432] },
          { from: ["spiffe://example.org/shop/batch"], ports: [] },
        ],
      },
      {
        kind: "Destination",
        name: "db",
        addresses: [
          { address: "0a010007", prefixLength: 32, port: 5432 },
          { address: "0a020000", prefixLength: 16, port: 5432 },
          { address: "fd000000000000000000000000000007", prefixLength: 128, port: 443 },
          { address: "fd000000000000000000000000000000", prefixLength: 8, port: 0 },
        ],
        identities: ["spiffe://example.org/shop/db"],
      },
      {
        kind: "TrustDomain",
        name: "example.org",
        meshCidrs: [{ address: "0a000000", prefixLength: 8, port: 0 }],
        defaultDeny: true,
        unidentified: "deny",
        exemptPorts: [22],
      },
    ]);
  });

  it("names file, line, column and field of a fault", () => {
    const [fault] = workload((text) => text.replace("1001", "-4"));
    expect(fault).to.deep.equal({
      file: "a.yaml",
      line: 8,
      column: 61,
      field: "spec.selectors[0].process:uid",
      message: "spec.selectors[0].process:uid must be a whole number from 0 to 4294967294",
      code: "DOCUMENT_FIELD_INVALID",
    });
  });

  it("names every fault of every file at once", () => {
    const found = faults(
      WORKLOAD.replace("/shop/checkout\n", "shop\n").replace("1h", "1y"),
      "kind: [",
      WORKLOAD.replace("Workload", "Work"),
    );
    expect(found.map(({ file, field, code }) => [file, field, code])).to.deep.equal([
      ["a.yaml", "spec.spiffeId", "DOCUMENT_FIELD_INVALID"],
      ["a.yaml", "spec.ttl", "DOCUMENT_FIELD_INVALID"],
      ["b.yaml", "", "DOCUMENT_SYNTAX"],
      ["c.yaml", "kind", "DOCUMENT_KIND_UNKNOWN"],
    ]);
  });

  const one: [string, (text: string) => string, string, string][] = [
    ["an unknown field", (t) => `${t}  colour: red\n`, "spec.colour", "DOCUMENT_FIELD_UNKNOWN"],
    [
      "a missing field",
      (t) => t.replace(/ {2}nodes.*\n/, ""),
      "spec.nodes",
      "DOCUMENT_FIELD_MISSING",
    ],
    ["outbound", (t) => `${t}  outbound: deny\n`, "spec.outbound", "DOCUMENT_FIELD_NOT_BUILT"],
    ["priority", (t) => `${t}  priority: 3\n`, "spec.priority", "DOCUMENT_FIELD_NOT_BUILT"],
    [
      "a template",
      (t) => t.replace("/shop/checkout\n", "/ns/{k8s:pod:namespace}\n"),
      "spec.spiffeId",
      "DOCUMENT_FIELD_NOT_BUILT",
    ],
    [
      "a pattern",
      (t) => t.replace("/shop/checkout\n", "/shop/*\n"),
      "spec.spiffeId",
      "DOCUMENT_FIELD_NOT_BUILT",
    ],
    [
      "a reserved ID",
      (t) => t.replace("/shop/checkout\n", "/signet/node/a\n"),
      "spec.spiffeId",
      "DOCUMENT_SPIFFE_ID_RESERVED",
    ],
    [
      "a whole SPIFFE ID",
      (t) => t.replace("/shop/checkout\n", "spiffe://example.org/a\n"),
      "spec.spiffeId",
      "DOCUMENT_FIELD_INVALID",
    ],
    [
      "a dot segment",
      (t) => t.replace("/shop/checkout\n", "/shop/../signet\n"),
      "spec.spiffeId",
      "DOCUMENT_FIELD_INVALID",
    ],
    [
      "a selector of later",
      (t) => t.replace("process:uid: 1001", "k8s:pod:name: a"),
      "spec.selectors[0].k8s:pod:name",
      "DOCUMENT_FIELD_NOT_BUILT",
    ],
    [
      "a selector of never",
      (t) => t.replace("process:uid: 1001", "colour: red"),
      "spec.selectors[0].colour",
      "DOCUMENT_FIELD_UNKNOWN",
    ],
    [
      "a relative path",
      (t) => t.replace("/usr/bin/", "usr/bin/"),
      "spec.selectors[0].process:binary:path",
      "DOCUMENT_FIELD_INVALID",
    ],
    [
      "no selectors",
      (t) => t.replace(/selectors:\n.*\n/, "selectors: []\n"),
      "spec.selectors",
      "DOCUMENT_FIELD_INVALID",
    ],
    [
      "an empty set",
      (t) => t.replace(/selectors:\n.*\n/, "selectors: [{}]\n"),
      "spec.selectors[0]",
      "DOCUMENT_FIELD_INVALID",
    ],
    ["a ttl under 10 s", (t) => t.replace("1h", "9s"), "spec.ttl", "DOCUMENT_FIELD_INVALID"],
    ["a ttl over 24 h", (t) => t.replace("1h", "25h"), "spec.ttl", "DOCUMENT_FIELD_INVALID"],
    [
      "another apiVersion",
      (t) => t.replace("signet/v1", "signet/v2"),
      "apiVersion",
      "DOCUMENT_KIND_UNKNOWN",
    ],
    [
      "a bad name",
      (t) => t.replace("name: checkout", "name: Check Out"),
      "metadata.name",
      "DOCUMENT_FIELD_INVALID",
    ],
    [
      "labels",
      (t) => t.replace("name: checkout", "name: a, labels: {}"),
      "metadata.labels",
      "DOCUMENT_FIELD_NOT_BUILT",
    ],
    ["a key twice", (t) => `${t}  ttl: 2h\n`, "spec.ttl", "DOCUMENT_DUPLICATE"],
    [
      "an alias",
      (t) => t.replace("/shop/checkout", "&a /shop/checkout").replace("1h", "*a"),
      "spec.ttl",
      "DOCUMENT_FIELD_INVALID",
    ],
    ["a document twice", (t) => `${t}---\n${t}`, "", "DOCUMENT_DUPLICATE"],
    ["a list for a document", () => "- a\n", "", "DOCUMENT_FIELD_INVALID"],
  ];
  for (const [what, change, field, code] of one) {
    it(`refuses ${what}, by name`, () => {
      const found = workload(change).map((fault) => [fault.field, fault.code]);
      expect(found).to.deep.equal([[field, code]]);
    });
  }

  it("finds a key twice where it comes again", () => {
    const [fault] = workload((text) => `${text}  ttl: 2h\n`);
    expect(fault).to.include({ line: 10, column: 3, message: "ttl is there twice" });
  });

  it("is not held up by a map of very many keys", () => {
    const keys = Array.from({ length: 40_000 }, (_, i) => `k${i}: 1`);
    const start = performance.now();
    expect(faults(keys.join("\n"))).to.have.length(100);
    expect(performance.now() - start).to.be.lessThan(5_000);
  });

  it("tells of the first hundred faults, of syntax too", () => {
    expect(faults(Array.from({ length: 500 }, () => "a: @\n---\n").join(""))).to.have.length(100);
  });

  const others: [string, string, string, string][] = [
    [
      "mode",
      "kind: AccessPolicy\nmetadata: {name: a}\nspec: {subject: /a, inbound: [{from: [/b]}], mode: audit}",
      "spec.mode",
      "DOCUMENT_FIELD_NOT_BUILT",
    ],
    [
      "deny",
      "kind: AccessPolicy\nmetadata: {name: a}\nspec: {subject: /a, inbound: [{from: [/b]}], deny: []}",
      "spec.deny",
      "DOCUMENT_FIELD_NOT_BUILT",
    ],
    [
      "permissive",
      "kind: AccessPolicy\nmetadata: {name: a}\nspec: {subject: /a, inbound: [{from: [/b]}], permissive: []}",
      "spec.permissive",
      "DOCUMENT_FIELD_NOT_BUILT",
    ],
    [
      "notAfter",
      "kind: AccessPolicy\nmetadata: {name: a}\nspec: {subject: /a, inbound: [{from: [/b], notAfter: x}]}",
      "spec.inbound[0].notAfter",
      "DOCUMENT_FIELD_NOT_BUILT",
    ],
    [
      "a pattern in from",
      "kind: AccessPolicy\nmetadata: {name: a}\nspec: {subject: /a, inbound: [{from: [/b/*]}]}",
      "spec.inbound[0].from[0]",
      "DOCUMENT_FIELD_NOT_BUILT",
    ],
    [
      "port 0",
      "kind: AccessPolicy\nmetadata: {name: a}\nspec: {subject: /a, inbound: [{from: [/b], ports: [0]}]}",
      "spec.inbound[0].ports[0]",
      "DOCUMENT_FIELD_INVALID",
    ],
    [
      "no ports",
      "kind: AccessPolicy\nmetadata: {name: a}\nspec: {subject: /a, inbound: [{from: [/b], ports: []}]}",
      "spec.inbound[0].ports",
      "DOCUMENT_FIELD_INVALID",
    ],
    [
      "host bits",
      'kind: Destination\nmetadata: {name: a}\nspec: {addresses: ["10.1.0.7/8:1"], identities: [/a]}',
      "spec.addresses[0]",
      "DOCUMENT_FIELD_INVALID",
    ],
    [
      "a host name",
      'kind: Destination\nmetadata: {name: a}\nspec: {addresses: ["db:1"], identities: [/a]}',
      "spec.addresses[0]",
      "DOCUMENT_FIELD_INVALID",
    ],
    [
      "no identity",
      'kind: Destination\nmetadata: {name: a}\nspec: {addresses: ["10.0.0.1:1"], identities: []}',
      "spec.identities",
      "DOCUMENT_FIELD_INVALID",
    ],
    [
      "a port in a network",
      'kind: TrustDomain\nspec: {meshCidrs: ["10.0.0.0/8:1"]}',
      "spec.meshCidrs[0]",
      "DOCUMENT_FIELD_INVALID",
    ],
    [
      "unidentified: allow",
      "kind: TrustDomain\nspec: {unidentified: allow}",
      "spec.unidentified",
      "DOCUMENT_FIELD_INVALID",
    ],
    [
      "a word for true",
      'kind: TrustDomain\nspec: {defaultDeny: "yes"}',
      "spec.defaultDeny",
      "DOCUMENT_FIELD_INVALID",
    ],
    [
      "a name of a trust domain",
      "kind: TrustDomain\nmetadata: {name: a}\nspec: {}",
      "metadata",
      "DOCUMENT_FIELD_UNKNOWN",
    ],
  ];
  for (const [what, text, field, code] of others) {
    it(`refuses ${what}, by name`, () => {
      const found = faults(`apiVersion: signet/v1\n${text}\n`);
      expect(found.map((fault) => [fault.field, fault.code])).to.deep.equal([[field, code]]);
    });
  }

  it("takes empty documents for nothing", () => {
    expect(parse("---\n---\n# nothing\n")).to.deep.equal([]);
  });

  it("never fails on any text but with faults that have a place", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        for (const fault of faults(text)) expect(fault.file).to.equal("a.yaml");
      }),
    );
  });

  it("never fails on any change of a right document but with faults", () => {
    const length = WORKLOAD.length;
    fc.assert(
      fc.property(fc.nat(length), fc.nat(8), fc.string({ maxLength: 8 }), (at, cut, text) => {
        faults(WORKLOAD.slice(0, at) + text + WORKLOAD.slice(at + cut));
      }),
    );
  });
});
