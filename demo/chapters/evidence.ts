// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { applicationDataRecords } from "../../test/mesh/pcap.js";
import { demoId } from "../documents.js";
import { secret, slowDownload, type World } from "../world.js";

const exec = promisify(execFile);

/** Chapter 5: what each kernel saw, what Vault signed, and what was on the wire. */
export async function evidence(world: World, packets: Buffer): Promise<void> {
  const { report, mesh } = world;
  report.chapter("What each kernel saw, and what was on the wire");
  const download = await slowDownload(world);
  const [[seenByClient], [seenByWeb]] = await Promise.all([
    open(world, "client"),
    open(world, "web"),
  ]);
  await download.kill();
  await download.ended;

  const both = `${demoId("client")} → ${demoId("web")}`;
  report.check(
    "the client's kernel knows both sides",
    seenByClient?.localSpiffeId === demoId("client") && seenByClient.peerSpiffeId === demoId("web"),
    both,
  );
  report.check(
    "the server's kernel knows both sides",
    seenByWeb?.localSpiffeId === demoId("web") && seenByWeb.peerSpiffeId === demoId("client"),
    both,
  );
  const ciphers = ["TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"];
  report.check(
    "both kernels speak TLS 1.3 with the same cipher",
    ciphers.includes(seenByClient?.cipher ?? "") && seenByClient?.cipher === seenByWeb?.cipher,
    `${String(seenByClient?.cipher)}, ${String(seenByClient?.group)}`,
  );

  const names = ["web", "client"] as const;
  const identities = await Promise.all(names.map((name) => mesh.identity(name, demoId(name))));
  for (const [index, name] of names.entries()) {
    const { chain = [] } = identities[index] ?? {};
    const verified = await verify(world, name, chain.map(pem));
    report.check(
      `openssl verifies ${name}'s chain against the root in Vault`,
      verified.ok,
      verified.text,
    );
  }

  const records = applicationDataRecords(packets);
  report.check(
    "the wire carries TLS records",
    records > 100,
    `${String(records)} application data records in ${(packets.length / 1e6).toFixed(0)} MB of packets`,
  );
  report.check(
    "the wire carries none of the page's text",
    !packets.includes(secret) && !packets.includes("GET / HTTP"),
    `searched for "${secret}" and "GET / HTTP"`,
  );
}

function open(world: World, host: "client" | "web") {
  return world.mesh
    .connections(host)
    .then((all) => all.filter((connection) => connection.state === "open"));
}

function pem(base64: string): string {
  const lines = base64.replaceAll(/.{1,64}/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`;
}

async function verify(world: World, name: string, chain: readonly string[]) {
  const [leaf = "", ...intermediates] = chain;
  const file = (kind: string) => join(world.folder, `${name}-${kind}.pem`);
  await writeFile(file("leaf"), leaf);
  await writeFile(file("intermediates"), intermediates.join("\n"));
  await writeFile(file("root"), await world.mesh.control.workloadRoot());
  const args = ["verify", "-CAfile", file("root"), "-untrusted", file("intermediates")];
  try {
    const { stdout } = await exec("openssl", [...args, "-x509_strict", file("leaf")]);
    return { ok: stdout.trim().endsWith(": OK"), text: "openssl verify: OK" };
  } catch (error) {
    return { ok: false, text: String(error) };
  }
}
