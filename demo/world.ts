// SPDX-License-Identifier: Apache-2.0
import type { Mesh } from "../test/mesh/mesh.js";
import type { Host, Outcome, Program } from "../test/mesh/host.js";
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

/** Text that is in the page, and must not be on the wire. */
export const secret = "The page that only /demo/client may read";

/** Runs the unmodified curl on a host; its error text is on stderr. */
export function curl(host: Host, url: string, ...options: string[]): Promise<Outcome> {
  return curlAs(host, uids.client, url, ...options);
}

/** The same as another user, who is another workload or none. */
export function curlAs(
  host: Host,
  uid: number,
  url: string,
  ...options: string[]
): Promise<Outcome> {
  return host.run(["curl", "-sS", "--max-time", "40", ...options, url], { uid });
}

/** Starts a download that takes long, and waits until its first bytes are there. */
export async function slowDownload(world: World, bytesPerSecond: string): Promise<Program> {
  const url = `http://${world.web.address}/large`;
  const download = await world.client.start(
    ["curl", "-sS", "-o", "/dev/null", "--limit-rate", bytesPerSecond, url],
    { uid: uids.client },
  );
  await world.mesh.until("the download is open", async () => {
    const open = await world.mesh.connections("client");
    return open.some((connection) => connection.state === "open" && connection.rxBytes > 0);
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
