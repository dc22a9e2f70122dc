// SPDX-License-Identifier: Apache-2.0

/**
 * A text that came from elsewhere, fit for a terminal: control and formatting characters, which
 * could rewrite what the terminal shows, become "?"; line ends stay.
 */
export function printable(text: string): string {
  return text.replace(/[^\P{C}\n]/gu, "?");
}
