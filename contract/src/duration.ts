// SPDX-License-Identifier: Apache-2.0

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/**
 * Parses a duration: whole numbers with units d, h, m, s, from greater to smaller, each at most
 * once: "1h", "20s", "1h30m".
 * @returns seconds, above 0; undefined when the text is no such duration
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/.exec(text);
  if (match === null) return undefined;
  const [, d = 0, h = 0, m = 0, s = 0] = match.map(Number).map((value) => value || 0);
  const seconds = d * SECONDS.d + h * SECONDS.h + m * SECONDS.m + s;
  return seconds > 0 ? seconds : undefined;
}

/** A duration in whole seconds, as {@link parseDuration} reads it: 5400 is "1h30m". */
export function formatDuration(seconds: number): string {
  let left = Math.max(0, Math.floor(seconds));
  let text = "";
  for (const [unit, size] of Object.entries(SECONDS).reverse()) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === "" ? "0s" : text;
}
