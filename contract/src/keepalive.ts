// SPDX-License-Identifier: Apache-2.0

/**
 * How both ends of a connection notice that nothing gets through any more, as gRPC options: a
 * firewall that forgot it, or a host that is gone, closes nothing. gRPC opens new streams on what it
 * takes for a connection, so the streams alone would notice late, and again and again.
 */
export const KEEPALIVE = {
  "grpc.keepalive_time_ms": 10_000,
  "grpc.keepalive_timeout_ms": 5_000,
  "grpc.keepalive_permit_without_calls": 1,
} as const;
