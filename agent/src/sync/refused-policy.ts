// SPDX-License-Identifier: Apache-2.0
import { SignetError } from "@signet/contract/signet-error.js";
import { attributesSize } from "../netlink/attribute-size.js";
import { policyTable, type PolicyChangeRequest } from "../netlink/family.generated.js";
import type { PolicyItems } from "./policy-items.js";
import { NetlinkRefusal, refusedWith } from "../netlink/refusal.js";

/** With these the kernel refuses what a policy says: only another policy can help. */
const FOR_GOOD: readonly (string | undefined)[] = ["EINVAL", "ERANGE", "E2BIG", "EKEYREJECTED"];

/** The kernel refuses a policy for what it says; asked again, it would refuse it again. */
export class PolicyRefused extends SignetError {
  /**
   * @param what The item that is at fault, or the policy.
   * @param cause What the kernel said.
   */
  constructor(what: string, cause: NetlinkRefusal) {
    super("NETLINK_REFUSED", `The kernel refuses ${what}: ${cause.text ?? cause.message}.`, {
      cause,
    });
  }
}

/** Whether the kernel refuses what an operation says, so that trying again can't help. */
export function refusedForGood(error: unknown): boolean {
  return FOR_GOOD.includes(refusedWith(error));
}

/**
 * The error of an operation that loads a policy, as one that says which item is at fault.
 *
 * @param sent The messages with items up to the one that was refused; none for another operation.
 * @returns PolicyRefused, or the error itself when trying again may help.
 */
export function refusedPolicy(error: unknown, sent: readonly PolicyChangeRequest[]): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof NetlinkRefusal) || !refusedForGood(error)) return error;
  return new PolicyRefused(itemAt(sent, cause.offset) ?? "the policy", cause);
}

type Item = Readonly<Record<string, unknown>>;
type Kind = keyof PolicyItems;

function isKind(name: keyof PolicyChangeRequest): name is Kind {
  return policyTable[name].multi === true;
}

/** Names the item at an offset in the attributes of the last message. */
function itemAt(
  sent: readonly PolicyChangeRequest[],
  offset: number | undefined,
): string | undefined {
  const last = sent.at(-1);
  if (last === undefined || offset === undefined) return undefined;
  let end = 0;
  for (const name of Object.keys(policyTable) as (keyof PolicyChangeRequest)[]) {
    if (!isKind(name)) {
      end += attributesSize(policyTable, { [name]: last[name] });
      continue;
    }
    for (const [index, item] of (last[name] ?? []).entries()) {
      end += attributesSize(policyTable, { [name]: [item] });
      if (offset < end) return nameOf(name, beginningOf(sent, name, index));
    }
  }
  return undefined;
}

/** The first part of an item of the last message: that which has its name. */
function beginningOf(sent: readonly PolicyChangeRequest[], kind: Kind, index: number): unknown {
  const items = sent.flatMap((message): readonly unknown[] => message[kind] ?? []);
  let at = items.length - (sent.at(-1)?.[kind]?.length ?? 0) + index;
  while (at > 0 && (items[at - 1] as Item)["more"] === true) at--;
  return items[at];
}

function nameOf(kind: Kind, item: unknown): string {
  const { subject, policy, name, id } = item as Item;
  switch (kind) {
    case "rule":
      return `a rule of the access policy ${JSON.stringify(policy)} for ${String(subject)}`;
    case "destination":
      return `the destination ${JSON.stringify(name)}`;
    case "revocation":
      return `the revocation ${String(id)}`;
    case "exemptPort":
      return `the exempt port ${String(item)}`;
    case "meshCidr":
      return "a protected network";
    case "root":
      return "a root of the trust bundle";
  }
}
