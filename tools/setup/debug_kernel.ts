// SPDX-License-Identifier: Apache-2.0
import type { Kernel } from "./kernel.js";
export async function debugKernel(): Promise<Kernel> {
  return Promise.reject(new Error("not yet"));
}
