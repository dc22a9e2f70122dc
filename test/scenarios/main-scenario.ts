// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import type { KernelFlavour } from "../../tools/setup/kernel.js";
import { cachePath } from "../../tools/setup/cache.mjs";
import { access, destination, documents, strictTrustDomain, workload } from "../mesh/documents.js";
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
      await mesh().until("nginx listens", async () => {
        return (await web.run(["ss", "-Hltn", "sport", "=", ":80"])).stdout !== "";
      });
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

    function curl(uid: number, ...args: string[]) {
      const argv = ["curl", "-sS", "--max-time", "120", ...args];
      return mesh().host("client").run(argv, { uid, timeoutMs: 130_000 });
    }

    async function download() {
      const argv = ["curl", "-sS", "-o", "/dev/null", "--limit-rate", "64k", `${url}/large`];
      const running = await mesh().host("client").start(argv, { uid: UID });
      await mesh().until("the download is open", async () => {
        return (await mesh().connections("client")).some(({ state }) => state === "open");
      });
      return running;
    }

    it("a page arrives", async () => {
      const page = await curl(UID, url);
      expect(page.stdout, page.stderr).to.equal(PAGE);
    });

    it("a large file arrives whole", async () => {
      const { stdout, stderr } = await curl(
        UID,
        ...["-o", "/dev/null", "-w", "%{size_download}", `${url}/large`],
      );
      expect(stdout, stderr).to.equal(String(bytes));
    });

    it("both kernels know both SPIFFE IDs", async () => {
      const running = await download();
      const [web] = await mesh().connections("web");
      const [client] = await mesh().connections("client");
      expect(web).to.include({ localSpiffeId: WEB_ID, peerSpiffeId: CLIENT_ID });
      expect(client).to.include({ localSpiffeId: CLIENT_ID, peerSpiffeId: WEB_ID });
      await running.kill();
      await running.ended;
    });

    it("a process without an entry is refused", async () => {
      const { status, stderr } = await curl(NOBODY, url);
      expect(status).to.equal(7);
      expect(stderr).to.include("Permission denied");
    });

    it("a plaintext client is refused", async () => {
      const outsider = mesh().host("outsider");
      const { status, stdout } = await outsider.run(["curl", "-sS", "--max-time", "60", url]);
      expect(status).not.to.equal(0);
      expect(stdout).not.to.include(PAGE);
    });

    it("keys and certificates change while connections succeed", async () => {
      const before = await mesh().serial("client", CLIENT_ID);
      await mesh().enforce(all("20s"));
      await mesh().until("the client has another certificate", async () => {
        expect((await curl(UID, url)).stdout).to.equal(PAGE);
        return (await mesh().serial("client", CLIENT_ID)) !== before;
      });
      const second = await mesh().serial("client", CLIENT_ID);
      await mesh().until("and another", async () => {
        expect((await curl(UID, url)).stdout).to.equal(PAGE);
        return (await mesh().serial("client", CLIENT_ID)) !== second;
      });
    });

    it("a revocation ends the open download and refuses new connections", async () => {
      await mesh().enforce(all("1h"));
      const running = await download();
      const revoked = await mesh().control.signet("revoke", "--spiffe-id", CLIENT_ID);
      expect(revoked.status, revoked.stderr).to.equal(0);
      expect((await running.ended).status).not.to.equal(0);
      const refused = await curl(UID, url);
      expect(refused.stderr).to.include("Key has been revoked");
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
