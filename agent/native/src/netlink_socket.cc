// SPDX-License-Identifier: Apache-2.0
#include "netlink_socket.h"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "system_error.h"

namespace signet {

namespace {

// Larger than any message of the family: netlink lengths of attributes have 16 bits, and dumps are
// cut by the kernel into 32 KiB.
constexpr size_t kLargestMessage = 128 * 1024;

void SetOption(Napi::Env env, int fd, int level, int option, int value) {
  if (setsockopt(fd, level, option, &value, sizeof(value)) != 0) {
    throw SystemError(env, "setsockopt", errno);
  }
}

int Open(Napi::Env env, int receive_buffer) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_GENERIC);
  if (fd < 0) throw SystemError(env, "socket", errno);
  try {
    SetOption(env, fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
    SetOption(env, fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
    SetOption(env, fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
    // FORCE goes over the system's limit; without CAP_NET_ADMIN the limit has to do.
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof(receive_buffer)) != 0) {
      SetOption(env, fd, SOL_SOCKET, SO_RCVBUF, receive_buffer);
    }
    sockaddr_nl local = {};
    local.nl_family = AF_NETLINK;
    if (bind(fd, reinterpret_cast<sockaddr *>(&local), sizeof(local)) != 0) {
      throw SystemError(env, "bind", errno);
    }
  } catch (...) {
    close(fd);
    throw;
  }
  return fd;
}

}  // namespace

Napi::Function NetlinkSocket::Define(Napi::Env env) {
  return DefineClass(env, "NetlinkSocket",
                     {
                         InstanceMethod("send", &NetlinkSocket::Send),
                         InstanceMethod("receive", &NetlinkSocket::Receive),
                         InstanceMethod("join", &NetlinkSocket::Join),
                         InstanceMethod("close", &NetlinkSocket::Close),
                     });
}

NetlinkSocket::NetlinkSocket(const Napi::CallbackInfo &info)
    : Napi::ObjectWrap<NetlinkSocket>(info), env_(info.Env()) {
  Napi::Env env = info.Env();
  if (!info[0].IsFunction() || !info[1].IsNumber()) {
    throw Napi::TypeError::New(env, "NetlinkSocket(onReadable: function, receiveBuffer: number)");
  }
  uv_loop_t *loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) throw Napi::Error::New(env, "no event loop");
  fd_ = Open(env, info[1].As<Napi::Number>().Int32Value());

  auto *poll = new uv_poll_t;
  int status = uv_poll_init(loop, poll, fd_);
  if (status != 0) {
    delete poll;
    close(fd_);
    fd_ = -1;
    throw SystemError(env, "uv_poll_init", -status);
  }
  poll->data = this;
  poll_ = poll;
  on_readable_ = Napi::Persistent(info[0].As<Napi::Function>());
  napi_add_env_cleanup_hook(env, OnCleanup, this);
  status = uv_poll_start(poll_, UV_READABLE, OnPoll);
  if (status != 0) {
    Release();
    throw SystemError(env, "uv_poll_start", -status);
  }
  // Alive until close(): the loop holds a pointer to it.
  Ref();
}

NetlinkSocket::~NetlinkSocket() { Release(); }

void NetlinkSocket::Release() {
  if (poll_ == nullptr) return;
  napi_remove_env_cleanup_hook(env_, OnCleanup, this);
  uv_poll_stop(poll_);
  uv_close(reinterpret_cast<uv_handle_t *>(poll_),
           [](uv_handle_t *handle) { delete reinterpret_cast<uv_poll_t *>(handle); });
  poll_ = nullptr;
  close(fd_);
  fd_ = -1;
}

void NetlinkSocket::OnCleanup(void *self) {
  auto *socket = static_cast<NetlinkSocket *>(self);
  socket->on_readable_.SuppressDestruct();
  socket->Release();
}

void NetlinkSocket::OnPoll(uv_poll_t *poll, int, int) {
  auto *socket = static_cast<NetlinkSocket *>(poll->data);
  Napi::Env env(socket->env_);
  Napi::HandleScope scope(env);
  try {
    socket->on_readable_.MakeCallback(socket->Value(), {});
  } catch (const Napi::Error &error) {
    napi_fatal_exception(env, error.Value());
  }
}

void NetlinkSocket::RequireOpen(Napi::Env env) const {
  if (fd_ < 0) throw SystemError(env, "netlink", EBADF);
}

Napi::Value NetlinkSocket::Send(const Napi::CallbackInfo &info) {
  Napi::Env env = info.Env();
  RequireOpen(env);
  if (!info[0].IsBuffer()) throw Napi::TypeError::New(env, "send(message: Buffer)");
  auto message = info[0].As<Napi::Buffer<uint8_t>>();
  sockaddr_nl kernel = {};
  kernel.nl_family = AF_NETLINK;
  ssize_t sent;
  do {
    sent = sendto(fd_, message.Data(), message.Length(), 0, reinterpret_cast<sockaddr *>(&kernel),
                  sizeof(kernel));
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) throw SystemError(env, "sendto", errno);
  return env.Undefined();
}

Napi::Value NetlinkSocket::Receive(const Napi::CallbackInfo &info) {
  Napi::Env env = info.Env();
  RequireOpen(env);
  static thread_local std::vector<uint8_t> buffer(kLargestMessage);
  sockaddr_nl sender = {};
  socklen_t sender_length = sizeof(sender);
  ssize_t received;
  do {
    received = recvfrom(fd_, buffer.data(), buffer.size(), MSG_TRUNC,
                        reinterpret_cast<sockaddr *>(&sender), &sender_length);
  } while (received < 0 && errno == EINTR);
  if (received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return env.Null();
  if (received < 0) throw SystemError(env, "recvfrom", errno);
  if (static_cast<size_t>(received) > buffer.size()) throw SystemError(env, "recvfrom", EMSGSIZE);
  Napi::Object message = Napi::Object::New(env);
  message.Set("port", Napi::Number::New(env, sender.nl_pid));
  message.Set("data", Napi::Buffer<uint8_t>::Copy(env, buffer.data(), received));
  return message;
}

Napi::Value NetlinkSocket::Join(const Napi::CallbackInfo &info) {
  Napi::Env env = info.Env();
  RequireOpen(env);
  if (!info[0].IsNumber()) throw Napi::TypeError::New(env, "join(group: number)");
  SetOption(env, fd_, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, info[0].As<Napi::Number>().Int32Value());
  return env.Undefined();
}

Napi::Value NetlinkSocket::Close(const Napi::CallbackInfo &info) {
  if (poll_ != nullptr) {
    Release();
    Unref();
  }
  return info.Env().Undefined();
}

}  // namespace signet
