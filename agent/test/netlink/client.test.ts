// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { encodeAttributes, type AttributeTable } from "../../src/netlink/attributes.js";
import { NetlinkClient } from "../../src/netlink/client.js";
import { resolveFamily } from "../../src/netlink/family.js";
import { refusedWith } from "../../src/netlink/refusal.js";

// nlctrl, the family that lists families, is in every kernel: the tests speak to the real one.
const CONTROL = 16;
const GET_FAMILY = 3;
const table: AttributeTable<{ id?: number; name?: string }> = {
  id: { id: 1, type: "u16" },
  name: { id: 2, type: "string" },
};

describe("a netlink client", () => {
  let client: NetlinkClient;
  beforeEach(() => {
    client = new NetlinkClient();
  });
  afterEach(() => {
    client.close();
  });

  const message = (attributes: Buffer) => ({ command: GET_FAMILY, version: 1, attributes });

  it("finds a family of the kernel", async () => {
    const family = await resolveFamily(client, "nlctrl");
    expect(family.id).to.equal(CONTROL);
    expect(family.groups.get("notify")).to.be.a("number");
  });

  it("says MODULE_MISSING for a family that the kernel lacks", async () => {
    const error: unknown = await resolveFamily(client, "signet-absent").catch((e: unknown) => e);
    expect(error).to.include({ code: "MODULE_MISSING" });
  });

  it("lists, one dump after the other on one socket", async () => {
    const lists = await Promise.all(
      [1, 2, 3].map(() => client.dump(CONTROL, "get-family", message(Buffer.alloc(0)))),
    );
    for (const list of lists) expect(list.length).to.be.greaterThan(0);
  });

  it("gives the kernel's own sentence for what it refuses", async () => {
    const tooLong = "a".repeat(200);
    const attributes = encodeAttributes(table, { name: tooLong });
    const error: unknown = await client
      .request(CONTROL, "get-family", message(attributes))
      .catch((e: unknown) => e);
    expect(error).to.include({ code: "NETLINK_REFUSED" });
    expect((error as Error).message).to.match(/Attribute failed policy validation.*\(E[A-Z]+\)/);
    expect(refusedWith(error)).to.be.oneOf(["EINVAL", "ERANGE"]);
  });

  it("fails what still waits when it is closed", async () => {
    const waiting = client.dump(CONTROL, "get-family", message(encodeAttributes(table, {})));
    await Promise.resolve();
    client.close();
    expect(await waiting.catch((e: unknown) => e)).to.include({ code: "CANCELLED" });
  });
});
