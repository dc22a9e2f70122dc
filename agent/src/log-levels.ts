// SPDX-License-Identifier: Apache-2.0

/** Levels that a log can have, least severe first. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];
