// SPDX-License-Identifier: Apache-2.0
#include "process_handle.h"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "system_error.h"

namespace signet {

namespace {

Napi::Value OpenProcess(const Napi::CallbackInfo &info) {
  Napi::Env env = info.Env();
  if (!info[0].IsNumber()) throw Napi::TypeError::New(env, "openProcess(pid: number)");
  long fd = syscall(SYS_pidfd_open, info[0].As<Napi::Number>().Int32Value(), 0);
  if (fd < 0) throw SystemError(env, "pidfd_open", errno);
  return Napi::Number::New(env, static_cast<double>(fd));
}

Napi::Value HasExited(const Napi::CallbackInfo &info) {
  Napi::Env env = info.Env();
  if (!info[0].IsNumber()) throw Napi::TypeError::New(env, "hasExited(handle: number)");
  pollfd handle = {};
  handle.fd = info[0].As<Napi::Number>().Int32Value();
  handle.events = POLLIN;
  int ready;
  do {
    ready = poll(&handle, 1, 0);
  } while (ready < 0 && errno == EINTR);
  if (ready < 0) throw SystemError(env, "poll", errno);
  if (handle.revents & POLLNVAL) throw SystemError(env, "poll", EBADF);
  return Napi::Boolean::New(env, ready > 0);
}

Napi::Value CloseProcess(const Napi::CallbackInfo &info) {
  Napi::Env env = info.Env();
  if (!info[0].IsNumber()) throw Napi::TypeError::New(env, "closeProcess(handle: number)");
  if (close(info[0].As<Napi::Number>().Int32Value()) != 0) throw SystemError(env, "close", errno);
  return env.Undefined();
}

}  // namespace

void DefineProcessHandle(Napi::Env env, Napi::Object exports) {
  exports.Set("openProcess", Napi::Function::New(env, OpenProcess, "openProcess"));
  exports.Set("hasExited", Napi::Function::New(env, HasExited, "hasExited"));
  exports.Set("closeProcess", Napi::Function::New(env, CloseProcess, "closeProcess"));
}

}  // namespace signet
