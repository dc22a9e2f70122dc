// SPDX-License-Identifier: Apache-2.0
import type { Mesh } from "../test/mesh/mesh.js";
import { curl as curlAs, type Fetched } from "../test/mesh/curl.js";
import type { Host, Program } from "../test/mesh/host.js";
import { uids } from "./documents.js";
import type { Report } from "./report.js";

/** What the chapters share: the mesh, its three hosts, and the report. */
export interface World {
  readonly mesh: Mesh;
  readonly report: Report;
  /** Runs nginx, protected. */
  readonly web: Host;
  /** Runs curl, protected. */
  readonly client: Host;
  /** Has no Signet. */
  readonly outsider: Host;
  /** A folder of this machine that every host sees, read-only. */
  readonly folder: string;
}

export { curlAs };

/** Text that is in the page, and must not be on the wire. */
export const secret = "The page that only /demo/client may read";

/** Fetches a URL with the unmodified curl as /demo/client. */
export function curl(host: Host, url: string): Promise<Fetched> {
  return curlAs(host, uids.client, url);
}

/**
 * Starts a download that takes long, and waits until its connection is open. The server is slow, not
 * curl, which at a limit of its own would look at the connection every few seconds only.
 */
export async function slowDownload(world: World): Promise<Program> {
  const { client, mesh, web } = world;
  const opened = await mesh.counter("client", "opened-client");
  const download = await client.start(
    ["curl", "-sS", "-o", "/dev/null", `http://${web.address}/slowly/large`],
    { uid: uids.client },
  );
  await mesh.until("the download is open", async () => {
    return (await mesh.counter("client", "opened-client")) > opened;
  });
  return download;
}

/** True while a program has not ended. */
export async function running(program: Program): Promise<boolean> {
  const soon = new Promise<true>((resolve) => {
    setTimeout(() => {
      resolve(true);
    }, 50);
  });
  return Promise.race([soon, program.ended.then(() => false)]);
}
