// SPDX-License-Identifier: Apache-2.0

/** Counters of a node's module by name, as /proc/net/signet_stat has them. */
export type Counters = ReadonlyMap<string, number>;

/** @throws Error that quotes a line which isn't a counter */
export function parseCounters(text: string): Counters {
  return new Map(
    text
      .trimEnd()
      .split("\n")
      .map((line) => {
        const [, name, value] = /^(\S+) (\d+)$/.exec(line) ?? [];
        if (name === undefined) throw new Error(`no counter: "${line}"`);
        return [name, Number(value)] as const;
      }),
  );
}

/** What was counted between two looks: by how much each counter that changed has grown. */
export function counted(before: Counters, after: Counters): Counters {
  const growth = [...after].map(
    ([name, value]) => [name, value - (before.get(name) ?? 0)] as const,
  );
  return new Map(growth.filter(([, by]) => by !== 0));
}
