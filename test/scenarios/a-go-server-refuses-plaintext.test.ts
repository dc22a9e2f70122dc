// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { access, destination, documents, strictTrustDomain, workload } from "../mesh/documents.js";
import { useMesh } from "../mesh/use-mesh.js";
import { buildGoServer } from "../programs/build.js";

const UID = 1000;
const PORT = 7001;

describe("a Go server, which listens with MPTCP by default", function () {
  this.timeout(180_000);
  const mesh = useMesh({ others: ["outsider"] });
  let url: string;

  before(async () => {
    const server = await buildGoServer();
    const web = mesh().host("web");
    url = `http://${web.address}:${String(PORT)}/`;
    await mesh().enforce(
      documents(
        strictTrustDomain,
        workload({ name: "web", group: "web", path: server, uid: UID }),
        workload({ name: "client", group: "client", path: "/usr/bin/curl", uid: UID }),
        access("web", ["client"], PORT),
        destination("web", web.address, PORT),
      ),
    );
    const running = await web.start([server, `${web.address}:${String(PORT)}`], { uid: UID });
    await mesh().until("it listens", async () => {
      const { stdout } = await web.run(["ss", "-Hltn", "sport", "=", `:${String(PORT)}`]);
      if (running.output().stderr !== "") throw new Error(running.output().stderr);
      return stdout !== "";
    });
  });

  it("is answered when the client is who it should be", async () => {
    const page = await mesh().host("client").run(["curl", "-sS", url], { uid: UID });
    expect(page.stdout, page.stderr).to.equal("hello from go\n");
  });

  it("refuses plaintext", async () => {
    const page = await mesh().host("outsider").run(["curl", "-sS", "--max-time", "30", url]);
    expect(page.status).not.to.equal(0);
    expect(page.stdout).not.to.include("hello");
  });
});
