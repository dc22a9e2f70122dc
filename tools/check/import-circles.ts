// SPDX-License-Identifier: Apache-2.0

/** One file names another. Paths are relative to what is looked at. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

/** A file belongs to its folder; one that is in none is a room of its own. */
export function roomOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? path : path.slice(0, slash);
}

/**
 * Looks for rooms that import each other, directly or through others.
 *
 * @returns for each import of the shortest circle its first example; nothing when there is none.
 */
export function findCircle(imports: readonly Import[]): readonly Import[] {
  const between = roads(imports);
  const circles = [...between.keys()].flatMap((room) => {
    const circle = shortestWay(between, room, room);
    return circle === undefined ? [] : [circle];
  });
  return circles.sort((a, b) => a.length - b.length)[0] ?? [];
}

/** The circle for people: a line for each import. */
export function circleInWords(circle: readonly Import[]): string {
  const [first] = circle;
  if (first === undefined) return "";
  const rooms = [...circle.map(({ from }) => roomOf(from)), roomOf(first.from)];
  const lines = circle.map(
    ({ from, to }) => `  ${roomOf(from)} knows ${roomOf(to)}: ${from} imports ${to}`,
  );
  return [`these import in a circle: ${rooms.join(" → ")}`, ...lines].join("\n");
}

/** Room → room that it imports → the first import that does so. */
type Roads = ReadonlyMap<string, ReadonlyMap<string, Import>>;

function roads(imports: readonly Import[]): Roads {
  const between = new Map<string, Map<string, Import>>();
  for (const one of imports) {
    const [from, to] = [roomOf(one.from), roomOf(one.to)];
    if (from === to) continue;
    const known = between.get(from) ?? new Map<string, Import>();
    between.set(from, known);
    if (!known.has(to)) known.set(to, one);
  }
  return between;
}

/** Breadth first. @returns undefined when no way leads there. */
function shortestWay(between: Roads, start: string, end: string): readonly Import[] | undefined {
  const seen = new Set<string>();
  let ways: (readonly Import[])[] = [[]];
  while (ways.length > 0) {
    const next: (readonly Import[])[] = [];
    for (const way of ways) {
      const last = way.at(-1);
      const here = last === undefined ? start : roomOf(last.to);
      if (last !== undefined && here === end) return way;
      for (const [room, road] of between.get(here) ?? []) {
        if (seen.has(room)) continue;
        seen.add(room);
        next.push([...way, road]);
      }
    }
    ways = next;
  }
  return undefined;
}
