// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace signet {

/**
 * A JavaScript Error for a failed system call, shaped like Node's own: message "call: text", `errno`
 * (negative) and `syscall`. Throw it.
 */
inline Napi::Error SystemError(Napi::Env env, const char *syscall, int error) {
  Napi::Error thrown = Napi::Error::New(env, std::string(syscall) + ": " + std::strerror(error));
  thrown.Set("errno", Napi::Number::New(env, -error));
  thrown.Set("syscall", Napi::String::New(env, syscall));
  return thrown;
}

}  // namespace signet
