// SPDX-License-Identifier: Apache-2.0

/** Levels that a log can have, least severe first; "silent" has nothing. */
export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];
