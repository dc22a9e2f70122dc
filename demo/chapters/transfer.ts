// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

import { curl, secret, type World } from "../world.js";

/** Chapter 4: an unmodified curl fetches a page and a large file from an unmodified nginx. */
export async function transfer(world: World): Promise<Buffer> {
  const { report, client, web } = world;
  report.chapter("Plain programs, protected connections");
  report.say(
    `nginx serves plain http:// on ${web.name}, curl fetches plain http:// on ${client.name}. Neither was changed.`,
  );
  const capture = await world.mesh.machines.capture();

  const page = await curl(client, `http://${web.address}/`);
  report.check("curl fetches the page", page.stdout.includes(secret), page.stdout || page.error);

  const started = Date.now();
  const large = await report.step("curl fetches 100 MB", () =>
    client.run(["sh", "-c", `curl -sS --max-time 300 http://${web.address}/large | sha256sum`], {
      uid: 1000,
      timeoutMs: 320_000,
    }),
  );
  const rate = 100 / ((Date.now() - started) / 1000);
  const expected = await digest(join(world.folder, "www", "large"));
  report.check(
    "100 MB arrive unchanged",
    large.stdout.startsWith(expected),
    large.stderr || `sha256 ${expected.slice(0, 16)}…, ${rate.toFixed(1)} MB/s under emulation`,
  );
  return capture.stop();
}

async function digest(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
