// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import type { KernelFlavour } from "../../tools/setup/kernel.js";
import { cachePath } from "../../tools/setup/cache.mjs";
import { curl } from "../mesh/curl.js";
import { access, destination, documents, strictTrustDomain, workload } from "../mesh/documents.js";
import { untilListening } from "../mesh/listening.js";
import { useMesh } from "../mesh/use-mesh.js";

const WWW_DATA = 33;
const UID = 1000;
const NOBODY = 1001;
const PAGE = "a page for the client alone";
const WEB_ID = "spiffe://demo.test/demo/web";
const CLIENT_ID = "spiffe://demo.test/demo/client";

/**
 * The main scenario: an unmodified curl and an unmodified nginx, both identified; what is refused;
 * rotation and revocation. Run on both kernels.
 *
 * @param bytes size of the large file.
 */
export function mainScenario(kernel: KernelFlavour, bytes: number): void {
  describe(`curl and nginx, unmodified, on the ${kernel} kernel`, function () {
    this.timeout(600_000);
    const mesh = useMesh({ kernel, others: ["outsider"] });
    const folder = cachePath("scenario", `www-${String(process.pid)}`);
    let url: string;

    before(async () => {
      const web = mesh().host("web");
      url = `http://${web.address}`;
      await mesh().enforce(all("1h"));
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, "index.html"), PAGE);
      await writeFile(join(folder, "large"), Buffer.alloc(bytes, "signet "));
      const configuration = join(folder, "nginx.conf");
      await writeFile(configuration, nginx(folder));
      await web.start(["nginx", "-c", configuration, "-g", "daemon off;"]);
      await untilListening(web, 80);
    });

    function all(ttl: string): string {
      return documents(
        strictTrustDomain,
        workload({ name: "web", group: "web", path: "/usr/sbin/nginx", uid: WWW_DATA, ttl }),
        workload({ name: "client", group: "client", path: "/usr/bin/curl", uid: UID, ttl }),
        access("web", ["client"], 80),
        destination("web", mesh().host("web").address, 80),
      );
    }

    function fetchPage(uid: number, ...options: string[]) {
      return curl(mesh().host("client"), uid, `${url}/`, ...options);
    }

    async function download() {
      const argv = ["curl", "-sS", "-o", "/dev/null", "--limit-rate", "16k", `${url}/large`];
      const opened = await mesh().counter("client", "opened-client");
      const running = await mesh().host("client").start(argv, { uid: UID });
      await mesh().until("the download is open", async () => {
        return (await mesh().counter("client", "opened-client")) > opened;
      });
      return running;
    }

    it("a page arrives", async () => {
      const page = await fetchPage(UID);
      expect(page.stdout, page.error).to.equal(PAGE);
    });

    it("a large file arrives whole", async () => {
      const client = mesh().host("client");
      const size = ["-o", "/dev/null", "-w", "%{size_download}"];
      const { stdout, error } = await curl(client, UID, `${url}/large`, ...size);
      expect(stdout, error).to.equal(String(bytes));
    });

    it("both kernels know both SPIFFE IDs", async () => {
      const running = await download();
      const [[web], [client]] = await Promise.all([
        mesh().connections("web"),
        mesh().connections("client"),
      ]);
      expect(web).to.include({ localSpiffeId: WEB_ID, peerSpiffeId: CLIENT_ID });
      expect(client).to.include({ localSpiffeId: CLIENT_ID, peerSpiffeId: WEB_ID });
      await running.kill();
      await running.ended;
    });

    it("a process without an entry is refused", async () => {
      const { status, error } = await fetchPage(NOBODY);
      expect(status).to.equal(7);
      expect(error).to.equal("Permission denied");
    });

    it("a plaintext client is refused", async () => {
      const { status, stdout } = await curl(mesh().host("outsider"), UID, url);
      expect(status).not.to.equal(0);
      expect(stdout).not.to.include(PAGE);
    });

    it("keys and certificates change while connections succeed", async () => {
      await mesh().enforce(all("20s"));
      const before = await mesh().serials(CLIENT_ID);
      await mesh().until("the client has two more certificates", async () => {
        expect((await fetchPage(UID)).stdout).to.equal(PAGE);
        return (await mesh().serials(CLIENT_ID)).length >= before.length + 2;
      });
    });

    it("a revocation ends the open download and refuses new connections", async () => {
      await mesh().enforce(all("1h"));
      const running = await download();
      const revoked = await mesh().control.signet("revoke", "--spiffe-id", CLIENT_ID);
      expect(revoked.status, revoked.stderr).to.equal(0);
      expect((await running.ended).status).not.to.equal(0);
      expect((await fetchPage(UID)).error).to.equal("Key has been revoked");
    });
  });
}

function nginx(folder: string): string {
  return `user www-data;
worker_processes 1;
pid /run/nginx-scenario.pid;
error_log stderr warn;
events { worker_connections 256; }
http {
  access_log off;
  sendfile on;
  server { listen 80; root ${folder}; }
}
`;
}
