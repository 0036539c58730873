#include "padlock/net/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>

#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/net/asio_endpoint.h"
#include "padlock/net/limits.h"
#include "padlock/net/rules.h"

namespace padlock::net {
namespace {

const Rule& rule_of(int code) {
  switch (code) {
    case EADDRINUSE: return rules::port_in_use;
    case EACCES: return rules::port_not_permitted;
    case EADDRNOTAVAIL: return rules::address_not_available;
    default: return rules::socket_failed;
  }
}

std::unexpected<Error> failed(const Endpoint& endpoint) {
  const int code = errno;
  return broken(rule_of(code),
                "cannot listen on " + to_string(endpoint) + ": " + std::generic_category().message(code));
}

bool switch_on(const Descriptor& socket, int level, int option) {
  const int on = 1;
  return ::setsockopt(socket.get(), level, option, &on, sizeof on) == 0;
}

enum class Sharing : std::uint8_t { alone, with_our_workers };

Result<Descriptor> bind_socket(const Endpoint& endpoint, Sharing sharing) {
  const auto address = to_asio(endpoint);
  Descriptor socket(::socket(address.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
  const bool made = socket && switch_on(socket, SOL_SOCKET, SO_REUSEADDR) &&
                    (sharing == Sharing::alone || switch_on(socket, SOL_SOCKET, SO_REUSEPORT)) &&
                    (address.protocol().family() != AF_INET6 || switch_on(socket, IPPROTO_IPV6, IPV6_V6ONLY)) &&
                    ::bind(socket.get(), address.data(), static_cast<socklen_t>(address.size())) == 0;
  if (!made) return failed(endpoint);
  return socket;
}

}  // namespace

Endpoint local_endpoint(const Descriptor& socket) {
  asio::ip::tcp::endpoint address;
  auto size = static_cast<socklen_t>(address.capacity());
  if (::getsockname(socket.get(), address.data(), &size) != 0) return {};
  address.resize(size);
  return from_asio(address);
}

Result<std::vector<Descriptor>> open_listeners(const Endpoint& endpoint, std::size_t count) {
  // SO_REUSEPORT would let us share the port with a stranger of the same user and split its connections. A bind without
  // it shows whether somebody listens there.
  if (endpoint.port != 0) PADLOCK_TRY(bind_socket(endpoint, Sharing::alone));
  std::vector<Descriptor> listeners;
  Endpoint wanted = endpoint;
  while (listeners.size() < count) {
    Descriptor socket = PADLOCK_TRY(bind_socket(wanted, Sharing::with_our_workers));
    if (::listen(socket.get(), limits::accept_backlog) != 0) return failed(wanted);
    wanted.port = local_endpoint(socket).port;
    listeners.push_back(std::move(socket));
  }
  return listeners;
}

Result<Descriptor> share_listener(const Descriptor& socket) {
  Descriptor shared(::fcntl(socket.get(), F_DUPFD_CLOEXEC, 0));
  if (shared) return shared;
  return broken(rules::socket_failed, "cannot share a listening socket: " + std::generic_category().message(errno));
}

Listener::Listener(asio::io_context& context, Descriptor socket)
    : acceptor_(context),
      local_(local_endpoint(socket)),
      on_any_address_(std::ranges::all_of(local_.address.bytes, [](std::uint8_t byte) { return byte == 0; })),
      reserve_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {
  const auto protocol = local_.address.length == 4 ? asio::ip::tcp::v4() : asio::ip::tcp::v6();
  std::error_code error;
  // Connections inherit both.
  const int unsent = limits::unsent_bytes;
  static_cast<void>(::setsockopt(socket.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent));
  static_cast<void>(switch_on(socket, IPPROTO_TCP, TCP_NODELAY));
  acceptor_.assign(protocol, socket.release(), error);
  if (!error) acceptor_.non_blocking(true, error);  // a broken socket shows at the first accept
}

Listener::~Listener() = default;

namespace {

/// The peer was gone before we took its connection, or its network has trouble (accept(2)): no fault of ours.
bool is_the_peers_fault(int code) {
  switch (code) {
    case ECONNABORTED:
    case EPROTO:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENONET:
    case EOPNOTSUPP:
    case ENOPROTOOPT:
    case EINTR:
    case EPERM: return true;
    default: return false;
  }
}

bool is_out_of_resources(int code) { return code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM; }

}  // namespace

void Listener::turn_newcomer_away() {
  reserve_ = Descriptor();
  static_cast<void>(accept_now());  // it may have gone meanwhile
  reserve_ = Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

std::size_t Listener::turn_away(std::size_t most) {
  std::size_t count = 0;
  while (count < most && accept_now()) ++count;
  return count;
}

std::size_t Listener::waiting() {
  struct tcp_info info{};
  socklen_t size = sizeof info;
  const bool told = ::getsockopt(acceptor_.native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size) == 0;
  return told ? info.tcpi_unacked : 0;  // of a listening socket: the length of its queue
}

std::expected<SocketIo, int> Listener::accept_now() {
  asio::ip::tcp::endpoint peer;
  auto size = static_cast<socklen_t>(peer.capacity());
  Descriptor socket(::accept4(acceptor_.native_handle(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket) return std::unexpected(errno);
  peer.resize(size);
  const Endpoint local = on_any_address_ ? local_endpoint(socket) : local_;
  return SocketIo(acceptor_.get_executor(), std::move(socket), local, from_asio(peer), Sender::server);
}

Awaitable<Result<SocketIo>> Listener::accept() {
  while (acceptor_.is_open()) {
    std::error_code ignored;  // a broken socket shows at the next accept, and so does the end of this one
    if (accepted_in_a_row_ == limits::accepts_in_a_row) {
      accepted_in_a_row_ = 0;
      co_await asio::post(acceptor_.get_executor(), asio::use_awaitable);
      continue;
    }
    auto accepted = accept_now();
    if (accepted) {
      ++accepted_in_a_row_;
      co_return *std::move(accepted);
    }
    const int code = accepted.error();
    if (code == EAGAIN || code == EWOULDBLOCK) {
      accepted_in_a_row_ = 0;
      co_await acceptor_.async_wait(asio::socket_base::wait_read, asio::redirect_error(asio::use_awaitable, ignored));
      continue;
    }
    if (is_the_peers_fault(code)) continue;
    if (!is_out_of_resources(code)) {
      co_return broken(rules::socket_failed,
                       "cannot accept on " + to_string(local_) + ": " + std::generic_category().message(code));
    }
    turn_newcomer_away();
    asio::steady_timer pause(acceptor_.get_executor(), limits::accept_pause);
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return broken(rules::cancelled, "listening on " + to_string(local_) + " has ended");
}

void Listener::close() {
  // Released, not closed by Asio: that leaves it to the kernel to forget the descriptor, which it does not while
  // another process has the same socket.
  std::error_code ignored;
  if (acceptor_.is_open()) const Descriptor closed(acceptor_.release(ignored));
}

}  // namespace padlock::net
