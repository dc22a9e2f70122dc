// SPDX-License-Identifier: Apache-2.0
import type { Benchmark } from "./benchmark.js";
import { burst } from "./burst/burst.js";

/** All benchmarks. */
export const BENCHMARKS: readonly Benchmark[] = [burst];
