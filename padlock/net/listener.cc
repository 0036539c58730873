#include "padlock/net/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <system_error>

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
    : acceptor_(context), local_(local_endpoint(socket)), reserve_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {
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
bool is_the_peers_fault(std::error_code error) {
  return says(error, std::errc::connection_aborted) || says(error, std::errc::protocol_error) ||
         says(error, std::errc::network_down) || says(error, std::errc::network_unreachable) ||
         says(error, std::errc::host_unreachable) || says(error, std::errc::no_protocol_option) ||
         says(error, std::errc::interrupted) || says(error, std::errc::operation_not_permitted);
}

bool is_out_of_resources(std::error_code error) {
  return says(error, std::errc::too_many_files_open) || says(error, std::errc::too_many_files_open_in_system) ||
         says(error, std::errc::no_buffer_space) || says(error, std::errc::not_enough_memory);
}

}  // namespace

void Listener::turn_newcomer_away() {
  reserve_ = Descriptor();
  std::error_code ignored;  // it may have gone meanwhile
  {
    const auto newcomer = acceptor_.accept(ignored);
  }
  reserve_ = Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

std::size_t Listener::turn_away(std::size_t most) {
  std::size_t count = 0;
  for (std::error_code none; count < most; ++count) {
    const auto newcomer = acceptor_.accept(none);
    if (none) break;
  }
  return count;
}

std::size_t Listener::waiting() {
  struct tcp_info info{};
  socklen_t size = sizeof info;
  const bool told = ::getsockopt(acceptor_.native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size) == 0;
  return told ? info.tcpi_unacked : 0;  // of a listening socket: the length of its queue
}

Awaitable<Result<asio::ip::tcp::socket>> Listener::accept() {
  while (acceptor_.is_open()) {
    std::error_code error;
    auto socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (!error) {
      socket.non_blocking(true, error);
      if (!error) co_return std::move(socket);
      continue;  // the peer is gone already
    }
    if (error == asio::error::operation_aborted || is_the_peers_fault(error)) continue;
    if (!is_out_of_resources(error)) {
      co_return broken(rules::socket_failed, "cannot accept on " + to_string(local_) + ": " + error.message());
    }
    turn_newcomer_away();
    asio::steady_timer pause(acceptor_.get_executor(), limits::accept_pause);
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
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
