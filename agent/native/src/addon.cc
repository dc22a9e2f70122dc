// SPDX-License-Identifier: Apache-2.0
#include <napi.h>

#include "netlink_socket.h"
#include "process_handle.h"

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("NetlinkSocket", signet::NetlinkSocket::Define(env));
  signet::DefineProcessHandle(env, exports);
  return exports;
}

NODE_API_MODULE(NODE_GYP_MODULE_NAME, Init)
