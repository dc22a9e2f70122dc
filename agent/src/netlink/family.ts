// SPDX-License-Identifier: Apache-2.0
import { SignetError } from "@signet/contract/signet-error.js";
import { decodeAttributes, demand, encodeAttributes, readAttributes } from "./attributes.js";
import type { AttributeTable } from "./attributes.js";
import type { NetlinkClient } from "./client.js";
import { refusedWith } from "./refusal.js";

/** A family as this kernel numbers it. */
export interface Family {
  readonly id: number;
  readonly version: number;
  /** Name → number of each multicast group. */
  readonly groups: ReadonlyMap<string, number>;
}

interface ControlAttributes {
  familyId?: number;
  familyName?: string;
  version?: number;
  groups?: Buffer;
}

interface GroupAttributes {
  name?: string;
  id?: number;
}

const CONTROL_FAMILY = 16;
const GET_FAMILY = 3;
const CONTROL_VERSION = 1;

// linux/genetlink.h, CTRL_ATTR_*
const controlTable: AttributeTable<ControlAttributes> = {
  familyId: { id: 1, type: "u16" },
  familyName: { id: 2, type: "string" },
  version: { id: 3, type: "u32" },
  groups: { id: 7, type: "binary" },
};

const groupTable: AttributeTable<GroupAttributes> = {
  name: { id: 1, type: "string" },
  id: { id: 2, type: "u32" },
};

/**
 * Asks the kernel for the number of a family.
 *
 * @throws SignetError MODULE_MISSING when the kernel has no such family.
 */
export async function resolveFamily(client: NetlinkClient, name: string): Promise<Family> {
  const [reply] = await client
    .request(CONTROL_FAMILY, "get-family", {
      command: GET_FAMILY,
      version: CONTROL_VERSION,
      attributes: encodeAttributes(controlTable, { familyName: name }),
    })
    .catch((error: unknown) => {
      if (refusedWith(error) !== "ENOENT") throw error;
      throw new SignetError("MODULE_MISSING", `The kernel has no netlink family "${name}".`, {
        cause: error,
      });
    });
  if (reply === undefined) throw new SignetError("NETLINK_MALFORMED", "get-family said nothing.");
  const attributes = decodeAttributes(controlTable, reply.attributes);
  const { familyId, version } = demand(attributes, "familyId", "version");
  return { id: familyId, version, groups: readGroups(attributes.groups) };
}

function readGroups(list: Buffer | undefined): ReadonlyMap<string, number> {
  const groups = [...readAttributes(list ?? Buffer.alloc(0))].map(({ payload }) =>
    demand(decodeAttributes(groupTable, payload), "name", "id"),
  );
  return new Map(groups.map(({ name, id }) => [name, id]));
}
