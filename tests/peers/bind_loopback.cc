// Loaded before a test's peer that would listen on every address: what it binds to any address becomes loopback.
#include <dlfcn.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

extern "C" int bind(int socket, const sockaddr* address, socklen_t length) {
  static const auto next = reinterpret_cast<int (*)(int, const sockaddr*, socklen_t)>(dlsym(RTLD_NEXT, "bind"));
  sockaddr_storage changed{};
  std::memcpy(&changed, address, length);
  if (changed.ss_family == AF_INET) {
    auto& four = reinterpret_cast<sockaddr_in&>(changed);
    if (four.sin_addr.s_addr == htonl(INADDR_ANY)) four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  } else if (changed.ss_family == AF_INET6) {
    auto& six = reinterpret_cast<sockaddr_in6&>(changed);
    if (IN6_IS_ADDR_UNSPECIFIED(&six.sin6_addr)) six.sin6_addr = in6addr_loopback;
  }
  return next(socket, reinterpret_cast<const sockaddr*>(&changed), length);
}
