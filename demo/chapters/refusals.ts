// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import type { Fetched } from "../../test/mesh/curl.js";
import { demoId, uids } from "../documents.js";
import { curl, curlAs, running, secret, slowDownload, type World } from "../world.js";

const exec = promisify(execFile);

/** Chapter 6: what is refused, and the error that the program sees. */
export async function refusals(world: World): Promise<void> {
  world.report.chapter("What is refused, and what the program sees");
  await fromOutside(world);
  await fromInside(world);
  await withoutAgent(world);
  await outsideTheScope(world);
}

async function fromOutside(world: World): Promise<void> {
  const { report, outsider, web } = world;
  const target = `${web.address}:80`;
  report.say("From a third host, which has no Signet:");
  const plain = await curl(outsider, `http://${target}/`);
  refused(world, "a plaintext client is refused", plain);

  const sClient = ["openssl", "s_client", "-connect", target, "-tls1_3", "-quiet"];
  const naked = await outsider.run(["sh", "-c", `echo | timeout 20 ${sClient.join(" ")} 2>&1`]);
  report.check(
    "a TLS client without a certificate is refused",
    /certificate required|alert number 116/.test(naked.stdout),
    alertLine(naked.stdout),
  );

  await otherCa(world.folder);
  const own = ["-cert", join(world.folder, "other.crt"), "-key", join(world.folder, "other.key")];
  const forged = await outsider.run([
    ...["sh", "-c", `echo | timeout 20 ${[...sClient, ...own].join(" ")} 2>&1`],
  ]);
  report.check(
    "a certificate of another CA with the client's SPIFFE ID is refused",
    /unknown ca|alert number 48/.test(forged.stdout),
    alertLine(forged.stdout),
  );
}

async function fromInside(world: World): Promise<void> {
  const { report, client, web } = world;
  report.say("On the client's host:");
  const url = `http://${web.address}/`;
  const nobody = await curlAs(client, uids.nobody, url);
  refused(world, "a process without an entry cannot connect", nobody, "Permission denied");
  const stranger = await curlAs(client, uids.stranger, url);
  refused(
    world,
    `${demoId("stranger")}, which no rule names, is refused by the server`,
    stranger,
    "Connection refused",
  );
  const denied = await world.mesh.counter("web", "refused-policy-denied");
  report.check(
    "the server's kernel counted why",
    denied > 0,
    `refused-policy-denied ${String(denied)}`,
  );
}

async function withoutAgent(world: World): Promise<void> {
  const { report, mesh, client, web } = world;
  report.say("With the agent of the client's host killed:");
  const download = await slowDownload(world);
  await mesh.node("client").killAgent();
  const unknown = await curl(client, `http://${web.address}/`);
  refused(world, "a program not yet identified cannot connect", unknown, "Permission denied");
  report.check("a connection that was open goes on", await running(download));
  await mesh.node("client").startAgent();
  await download.kill();
  await download.ended;
  const again = await curl(client, `http://${web.address}/`);
  report.check("with the agent back it can", again.stdout.includes(secret), again.error);
}

async function outsideTheScope(world: World): Promise<void> {
  const { report, client, web } = world;
  const plain = await curlAs(client, uids.nobody, `http://${web.plainAddress}:8080/`);
  report.check(
    "traffic outside the scope is untouched",
    plain.stdout.includes("plain and public"),
    plain.stdout || plain.error,
  );
}

function refused(world: World, claim: string, fetched: Fetched, expected = ""): void {
  const { stdout, error, status } = fetched;
  const holds = status !== 0 && !stdout.includes(secret) && error.includes(expected);
  world.report.check(claim, holds, `curl: exit status ${String(status)}, ${error}${stdout}`);
}

/** Makes a CA that nobody trusts, and a certificate of it that claims the client's ID. */
async function otherCa(folder: string): Promise<void> {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc"];
  const file = (name: string) => join(folder, name);
  await exec("openssl", [
    ...["req", "-x509", ...key, "-subj", "/CN=Other CA", "-days", "1"],
    ...["-keyout", file("other-ca.key"), "-out", file("other-ca.crt")],
  ]);
  await exec("openssl", [
    ...["req", "-x509", ...key, "-subj", "/", "-days", "1"],
    ...["-CA", file("other-ca.crt"), "-CAkey", file("other-ca.key")],
    ...["-addext", `subjectAltName=critical,URI:${demoId("client")}`],
    ...["-addext", "basicConstraints=critical,CA:FALSE"],
    ...["-addext", "keyUsage=critical,digitalSignature"],
    ...["-addext", "extendedKeyUsage=serverAuth,clientAuth"],
    ...["-keyout", file("other.key"), "-out", file("other.crt")],
  ]);
  await sleep(2_000); // a guest's clock may be a second behind, and the certificate begins now
}

function alertLine(text: string): string {
  return text.split("\n").find((line) => line.includes("alert")) ?? text.slice(-120);
}
