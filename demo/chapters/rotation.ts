// SPDX-License-Identifier: Apache-2.0
import { demoId, documents } from "../documents.js";
import { curl, running, secret, slowDownload, type World } from "../world.js";

/** Chapter 7: with short lifetimes both sides change keys while traffic goes on. */
export async function rotation(world: World): Promise<void> {
  const { report, mesh, client, web } = world;
  report.chapter("Rotation: a certificate lives for twenty seconds");
  const names = ["web", "client"] as const;
  const before = await Promise.all(names.map((name) => mesh.serials(demoId(name))));
  const download = await slowDownload(world);
  await mesh.apply(documents("20s"));

  let attempts = 0;
  const failures: string[] = [];
  await report.step("25 seconds of new connections while both sides rotate", async () => {
    const until = Date.now() + 25_000;
    while (Date.now() < until) {
      const page = await curl(client, `http://${web.address}/`);
      attempts++;
      if (!page.stdout.includes(secret)) failures.push(page.error);
    }
  });
  const goesOn = await running(download);
  const identities = await Promise.all(names.map((name) => mesh.identity(name, demoId(name))));
  for (const [index, name] of names.entries()) {
    const old = before[index] ?? [];
    const { serial: installed = "" } = identities[index] ?? {};
    const fresh = (await mesh.serials(demoId(name))).filter((serial) => !old.includes(serial));
    report.check(
      `${demoId(name)} changed its key and certificate again and again`,
      fresh.length >= 2 && fresh.includes(installed),
      `serial ${short(old[0])} → ${short(installed)}, ${String(fresh.length)} new certificates`,
    );
  }
  report.check(
    "every new connection succeeded meanwhile",
    attempts > 5 && failures.length === 0,
    failures.length === 0
      ? `${String(attempts)} of ${String(attempts)}`
      : `${String(failures.length)} of ${String(attempts)} did not: ${await explained(failures)}`,
  );
  await download.kill();
  const { stderr } = await download.ended;
  report.check("the slow download went on", goesOn, stderr);

  /** The first failure, and what the kernels refused from the start of the demo. */
  async function explained([first = "no page"]: readonly string[]): Promise<string> {
    const refusals = names.map(async (name) => {
      return `${name} refused ${(await mesh.refusals(name)).join(", ")}`;
    });
    return [first, ...(await Promise.all(refusals))].join("; ");
  }
}

function short(serial = ""): string {
  return `${serial.slice(0, 12)}…`;
}
