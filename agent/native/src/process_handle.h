// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

namespace signet {

/**
 * Defines functions on pidfds, which name one process for good, whatever becomes of its pid:
 *
 *   openProcess(pid: number): number       throws with errno -ESRCH when there is none
 *   hasExited(handle: number): boolean     without waiting
 *   closeProcess(handle: number): void
 */
void DefineProcessHandle(Napi::Env env, Napi::Object exports);

}  // namespace signet
