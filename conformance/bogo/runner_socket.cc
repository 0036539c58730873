#include "conformance/bogo/runner_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>
#include <utility>

namespace padlock::bogo {

namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Addresses loopback(std::uint64_t port, bool ipv6) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_family = ipv6 ? AF_INET6 : AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(ipv6 ? "::1" : "127.0.0.1", std::to_string(port).c_str(), &hints, &found);
  return {failed == 0 ? found : nullptr, &freeaddrinfo};
}

}  // namespace

std::optional<RunnerSocket> RunnerSocket::connect(std::uint64_t port, bool ipv6, std::uint64_t shim_id) {
  const Addresses address = loopback(port, ipv6);
  if (address == nullptr) return std::nullopt;
  RunnerSocket made(::socket(address->ai_family, SOCK_STREAM, 0));
  if (::connect(made.descriptor_, address->ai_addr, address->ai_addrlen) != 0) return std::nullopt;
  const int yes = 1;
  (void)::setsockopt(made.descriptor_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  std::array<std::uint8_t, 8> number{};
  for (std::uint8_t& byte : number) {
    byte = static_cast<std::uint8_t>(shim_id & 0xff);
    shim_id >>= 8;
  }
  if (!made.send(number)) return std::nullopt;
  return made;
}

RunnerSocket::RunnerSocket(RunnerSocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

RunnerSocket::~RunnerSocket() {
  if (descriptor_ < 0) return;
  (void)::shutdown(descriptor_, SHUT_WR);
  std::array<std::uint8_t, 4096> unread{};
  while (receive(unread) > 0) {
  }
  (void)::close(descriptor_);
}

std::size_t RunnerSocket::receive(std::span<std::uint8_t> into) {
  const auto count = ::recv(descriptor_, into.data(), into.size(), 0);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

bool RunnerSocket::send(Bytes bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace padlock::bogo
