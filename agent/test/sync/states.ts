// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from "node:crypto";
import type { messages } from "@signet/contract";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A self-signed P-256 CA certificate, DER, made by OpenSSL. */
export function makeRoot(name: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "signet-root-"));
  try {
    const [key, pem] = [join(folder, "key"), join(folder, "pem")];
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
    const out = ["-keyout", key, "-out", pem, "-subj", `/CN=${name}`, "-days", "2", "-nodes"];
    execFileSync("openssl", ["req", "-x509", ...curve, ...out], { stdio: "ignore" });
    return new X509Certificate(readFileSync(pem)).raw;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const ROOT = makeRoot("root");

export function entry(id: string, path = `/${id}`): messages.Entry {
  return {
    id,
    spiffeId: `spiffe://demo.test${path}`,
    name: id,
    workloadSelectors: [{ selectors: [{ key: "process:uid", values: ["0"] }] }],
    nodeSelectors: [],
    ttlSeconds: 3600,
  };
}

export function ban(id: string, path: string): messages.Revocation {
  const spiffeId = `spiffe://demo.test${path}`;
  return { id, spiffeId, what: "spiffeId", revokedAt: "1", reason: "" };
}

export function banSerial(id: string, serial: string): messages.Revocation {
  return { id, serial, what: "serial", revokedAt: "1", reason: "" };
}

export function snapshot(changes: Partial<messages.Snapshot> = {}): messages.Snapshot {
  return {
    trustDomain: {
      name: "demo.test",
      meshCidrs: [{ address: Buffer.from([10, 0, 0, 0]), prefixLength: 8, port: 0 }],
      defaultDeny: true,
      unidentified: "UNIDENTIFIED_ACTION_DENY",
      exemptPorts: [22],
    },
    bundle: { trustDomain: "demo.test", roots: [ROOT] },
    entries: [entry("web")],
    rules: [
      {
        subject: "spiffe://demo.test/web",
        from: ["spiffe://demo.test/client"],
        ports: [80],
        policy: "web",
      },
    ],
    destinations: [
      {
        name: "web",
        addresses: [{ address: Buffer.from([10, 0, 0, 1]), prefixLength: 32, port: 80 }],
        identities: ["spiffe://demo.test/web"],
      },
    ],
    revocations: [],
    ...changes,
  };
}

export function change(changes: Partial<messages.Change> = {}): messages.Change {
  return {
    revocationsAdded: [],
    revocationsRemoved: [],
    trustDomain: null,
    bundle: null,
    entriesSet: [],
    entriesRemoved: [],
    rules: null,
    destinations: null,
    ...changes,
  };
}

export function update(
  revision: number,
  content: Pick<messages.SyncUpdate, "snapshot" | "change" | "heartbeat">,
  databaseEpoch = "epoch-1",
): messages.SyncUpdate {
  return { databaseEpoch, revision: String(revision), ...content };
}
