// SPDX-License-Identifier: Apache-2.0

import { parseAddress } from "./address.js";
import type { Destination } from "./document.js";
import { all, type Field } from "./field.js";
import { workloadId } from "./values.js";

const REQUIRED = ["addresses", "identities"];
const NOT_BUILT = { until: "a destination holds until it is changed", mode: "it is enforced" };

/** Reads the spec of a Destination document. */
export function readDestination(
  name: string,
  spec: Field,
  trustDomain: string,
): Destination | undefined {
  const fields = spec.fields(REQUIRED, REQUIRED, NOT_BUILT);
  if (fields === undefined) return undefined;
  const addresses = all(fields.get("addresses")?.items(), (item) => {
    const text = item.string();
    const address = text === undefined ? undefined : parseAddress(text);
    if (typeof address !== "string") return address;
    item.fault(address);
    return undefined;
  });
  const identities = all(fields.get("identities")?.items(), (id) => workloadId(id, trustDomain));
  if (!addresses || !identities) return undefined;
  return { kind: "Destination", name, addresses, identities: [...new Set(identities)] };
}
