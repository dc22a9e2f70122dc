// SPDX-License-Identifier: Apache-2.0
import { ratio, type Measurement, type Unit } from "../measurement.js";
import type { Counters } from "./counters.js";
import type { BurstOutcome } from "./outcome.js";

/** What came of the same connections at once, and one after the other before and after that. */
export interface Comparison {
  readonly before: BurstOutcome;
  readonly atOnce: BurstOutcome;
  readonly after: BurstOutcome;
  /** What each node's module counted while they were opened at once. */
  readonly counted: ReadonlyMap<string, Counters>;
}

/** The figures of a comparison: how good it is, then what shows why. */
export function measurementsOf(kind: string, count: number, comparison: Comparison): Measurement[] {
  const { before, atOnce, after, counted } = comparison;
  // No more than all can be served, be the machine ever so fast.
  const attainable = Math.min(count, Math.max(before.served, after.served));
  const figure = (unit: Unit) => (name: string, value: number) => {
    return { measure: `${kind}.${name}`, value, unit };
  };
  const [connections, seconds, events] = [
    figure("connections"),
    figure("seconds"),
    figure("events"),
  ];
  return [
    ratio(`${kind}.burst_served`, atOnce.served, attainable),
    connections("in_turn_before", before.served),
    connections("in_turn_after", after.served),
    connections("burst_served_connections", atOnce.served),
    connections("burst_unfinished", atOnce.unfinished),
    connections("burst_unbegun", atOnce.unbegun),
    ...[...atOnce.failed].map(([how, value]) =>
      connections(`burst_failed.${how.replace(" ", ".")}`, value),
    ),
    seconds("burst_begun", atOnce.begun),
    seconds("burst_last_served", atOnce.last),
    ...[...atOnce.answers].map(([second, value]) =>
      connections(`burst_served_in_second.${String(second)}`, value),
    ),
    ...[...counted].flatMap(([node, counters]) =>
      [...counters].map(([name, value]) => events(`burst_counted.${node}.${name}`, value)),
    ),
  ];
}
