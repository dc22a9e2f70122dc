// SPDX-License-Identifier: Apache-2.0
import { documents, uids } from "../documents.js";
import type { World } from "../world.js";

/** Chapters 3 and 4: the nodes are there; the operator says who is who, and who may call whom. */
export async function policy(world: World): Promise<void> {
  const { report, mesh } = world;
  report.chapter("Two nodes joined, and the operator's documents");
  const nodes = await mesh.control.nodes();
  for (const name of ["web", "client"]) {
    report.check(
      `node ${name} joined with its one-use token`,
      nodes.some((node) => node.id === name && node.connected),
      `spiffe://demo.test/signet/node/${name}`,
    );
  }

  const refused = await mesh.apply(
    documents("1h").replace("/demo/client], ports", "/demo/*], ports"),
  );
  report.check(
    "a document with a field that is not built yet is refused by name",
    refused.status !== 0 && refused.stderr.includes("from"),
    refused.stderr,
  );
  const applied = await mesh.apply(documents("1h"));
  report.check("the documents are applied", applied.status === 0, applied.stdout + applied.stderr);
  await mesh.policyInForce();
  report.say(
    `/demo/web    is /usr/sbin/nginx as uid ${String(uids.nginx)}\n` +
      `/demo/client is /usr/bin/curl as uid ${String(uids.client)}, and may connect to /demo/web on port 80`,
  );
}
