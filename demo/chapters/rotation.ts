// SPDX-License-Identifier: Apache-2.0
import { demoId, documents } from "../documents.js";
import { curl, running, secret, slowDownload, type World } from "../world.js";

/** Chapter 7: with short lifetimes both sides change keys while traffic goes on. */
export async function rotation(world: World): Promise<void> {
  const { report, mesh, client, web } = world;
  report.chapter("Rotation: a certificate lives for twenty seconds");
  const download = await slowDownload(world, "1M");
  await mesh.apply(documents("20s"));
  const first = await serials(world);
  const seen = { web: new Set<string>(), client: new Set<string>() };
  let attempts = 0;
  const failures: string[] = [];
  const until = Date.now() + 45_000;
  await report.step("45 seconds of new connections while both sides rotate", async () => {
    while (Date.now() < until) {
      const page = await curl(client, `http://${web.address}/`);
      attempts++;
      if (!page.stdout.includes(secret)) failures.push(page.stderr);
      const now = await serials(world);
      seen.web.add(now.web);
      seen.client.add(now.client);
    }
  });
  const last = await serials(world);
  for (const name of ["web", "client"] as const) {
    report.check(
      `${demoId(name)} changed its key and certificate`,
      seen[name].size >= 3 && first[name] !== last[name],
      `serial ${short(first[name])} → ${short(last[name])}, ${String(seen[name].size)} certificates`,
    );
  }
  report.check(
    "every new connection succeeded meanwhile",
    attempts > 5 && failures.length === 0,
    failures[0] ?? `${String(attempts)} of ${String(attempts)}`,
  );
  report.check("the slow download went on", await running(download));
  await download.kill();
  await download.ended;
}

async function serials(world: World): Promise<{ web: string; client: string }> {
  return {
    web: await world.mesh.serial("web", demoId("web")),
    client: await world.mesh.serial("client", demoId("client")),
  };
}

function short(serial: string): string {
  return `${serial.slice(0, 12)}…`;
}
