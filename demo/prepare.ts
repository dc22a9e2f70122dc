// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { untilListening } from "../test/mesh/listening.js";
import { startMesh, type Mesh } from "../test/mesh/mesh.js";
import { startNamespaces } from "../test/mesh/namespaces.js";
import { startVirtualMachines } from "../test/mesh/virtual-machines.js";
import { vaultForTests } from "../test/vault/server.js";
import { cachePath } from "../tools/setup/cache.mjs";
import { buildKernelModule } from "../tools/setup/kernel-module.js";
import { ownKernel } from "../tools/setup/own-kernel.js";
import { uids } from "./documents.js";
import type { Report } from "./report.js";
import { secret, type World } from "./world.js";

const LARGE_FILE_BYTES = 100_000_000;

/** Chapters 1 to 3: Vault, the signer, and three hosts, two of them with module and agent. */
export async function prepare(
  report: Report,
  options: {
    readonly native: boolean;
    readonly modulePath: string | undefined;
    readonly trustDomain: string;
  },
): Promise<{ world: World; close: () => Promise<void> }> {
  const folder = options.native
    ? await mkdtemp(join(tmpdir(), "signet-demo-"))
    : cachePath("demo", String(process.pid));
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async () => {
    for (const closer of closers.reverse()) await closer();
  };
  try {
    report.chapter("Vault, the signer, and three hosts");
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o755);
    const vault = await report.step("starting Vault", () => vaultForTests());
    closers.push(() => vault.stop());
    report.say(`Vault is at ${vault.address}`);

    const names = ["web", "client", "outsider"];
    const machines = await report.step(
      options.native ? "making three network namespaces" : "booting three virtual machines",
      async () => {
        if (!options.native) return startVirtualMachines(names);
        const modulePath = options.modulePath ?? (await buildKernelModule(ownKernel()));
        return startNamespaces(names, modulePath);
      },
    );
    closers.push(() => machines.stop());

    const mesh = await report.step("configuring Vault, starting the signer and two agents", () =>
      startMesh({
        machines,
        vault,
        folder,
        trustDomain: options.trustDomain,
        nodes: ["web", "client"],
      }),
    );
    closers.push(() => mesh.stop());
    const world = await hostPrograms({ mesh, report, folder });
    return { world, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Starts nginx on the server, protected on port 80 and, outside the scope, on port 8080. */
async function hostPrograms(parts: { mesh: Mesh; report: Report; folder: string }): Promise<World> {
  const { mesh, report, folder } = parts;
  const [web, client, outsider] = [mesh.host("web"), mesh.host("client"), mesh.host("outsider")];
  const www = join(folder, "www");
  await mkdir(www, { mode: 0o755 });
  await writeFile(join(www, "index.html"), `<h1>${secret}</h1>\n`);
  await writeFile(join(www, "large"), randomBytes(LARGE_FILE_BYTES));
  const configuration = join(folder, "nginx.conf");
  await writeFile(configuration, nginx(www, web.address, web.plainAddress));
  await web.start(["nginx", "-c", configuration, "-g", "daemon off;"]);
  await untilListening(web, 80);
  report.say("nginx listens on port 80 of web");
  return { mesh, report, web, client, outsider, folder };
}

function nginx(www: string, address: string, plain: string): string {
  return `user www-data; # uid ${String(uids.nginx)}
worker_processes 1;
pid /run/nginx-demo.pid;
error_log stderr warn;
events { worker_connections 256; }
http {
  access_log off;
  sendfile on;
  server {
    listen ${address}:80;
    root ${www};
    location /slowly/ { alias ${www}/; limit_rate 1m; }
  }
  server { listen ${plain}:8080; return 200 "plain and public\\n"; }
}
`;
}
