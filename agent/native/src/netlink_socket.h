// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>
#include <uv.h>

namespace signet {

/**
 * A generic netlink socket on Node's event loop.
 *
 *   new NetlinkSocket(onReadable: () => void, receiveBuffer: number)
 *   send(message: Buffer): void
 *   receive(): { port: number, data: Buffer } | null      null: nothing is queued
 *   join(group: number): void
 *   close(): void
 *
 * Errors of system calls are thrown with a negative `errno`.
 */
class NetlinkSocket : public Napi::ObjectWrap<NetlinkSocket> {
 public:
  static Napi::Function Define(Napi::Env env);

  explicit NetlinkSocket(const Napi::CallbackInfo &info);
  ~NetlinkSocket() override;

 private:
  Napi::Value Send(const Napi::CallbackInfo &info);
  Napi::Value Receive(const Napi::CallbackInfo &info);
  Napi::Value Join(const Napi::CallbackInfo &info);
  Napi::Value Close(const Napi::CallbackInfo &info);

  static void OnPoll(uv_poll_t *poll, int status, int events);
  static void OnCleanup(void *self);

  void RequireOpen(Napi::Env env) const;
  void Release();

  int fd_ = -1;
  // Freed by uv_close's callback, which may come after this object is gone.
  uv_poll_t *poll_ = nullptr;
  napi_env env_;
  Napi::FunctionReference on_readable_;
};

}  // namespace signet
