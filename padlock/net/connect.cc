#include "padlock/net/connect.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/net/asio_endpoint.h"
#include "padlock/net/limits.h"
#include "padlock/net/rules.h"

namespace padlock::net {
namespace {

const Rule& rule_of(std::error_code error) {
  if (says(error, std::errc::connection_refused)) return rules::connection_refused;
  if (says(error, std::errc::timed_out)) return rules::deadline_passed;
  if (says(error, std::errc::network_unreachable) || says(error, std::errc::host_unreachable) ||
      says(error, std::errc::network_down) || says(error, std::errc::address_family_not_supported) ||
      says(error, std::errc::address_not_available)) {
    return rules::no_route;
  }
  return rules::connect_failed;
}

/// Attempts that run side by side (RFC 8305, section 5). Shared with their handlers, which may come after the end.
class Race : public std::enable_shared_from_this<Race> {
 public:
  Race(asio::any_io_executor executor, Observer* observer) : news_(executor), observer_(observer) {}

  void start(const Endpoint& remote) {
    if (observer_ != nullptr) observer_->connecting(remote);
    auto socket = std::make_shared<asio::ip::tcp::socket>(news_.get_executor());
    std::error_code error;
    socket->open(to_asio(remote).protocol(), error);
    if (error) return lost(remote, error);
    ++running_;
    sockets_.push_back(socket);
    socket->async_connect(to_asio(remote), [race = shared_from_this(), socket, remote](std::error_code result) {
      --race->running_;
      if (race->over_) return;
      if (result) return race->lost(remote, result);
      if (!race->winner_) race->winner_ = std::move(*socket);
      race->news_.cancel();
    });
  }

  /// Waits until an attempt ends or this moment comes.
  Awaitable<void> news(Deadline until) {
    fresh_loss_ = false;
    news_.expires_at(until);
    std::error_code woken;
    co_await news_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }

  void end() {
    over_ = true;
    observer_ = nullptr;
    std::error_code ignored;  // losers may be closed already
    for (const auto& socket : sockets_) socket->close(ignored);
  }

  bool running() const { return running_ > 0; }
  bool fresh_loss() const { return fresh_loss_; }
  std::optional<asio::ip::tcp::socket>& winner() { return winner_; }
  const std::vector<std::pair<Endpoint, std::error_code>>& losses() const { return losses_; }

 private:
  void lost(const Endpoint& remote, std::error_code error) {
    losses_.emplace_back(remote, error);
    fresh_loss_ = true;
    if (observer_ != nullptr) observer_->connect_failed(remote, error.message());
    news_.cancel();
  }

  asio::steady_timer news_;
  Observer* observer_;
  std::vector<std::shared_ptr<asio::ip::tcp::socket>> sockets_;
  std::vector<std::pair<Endpoint, std::error_code>> losses_;
  std::optional<asio::ip::tcp::socket> winner_;
  std::size_t running_ = 0;
  bool fresh_loss_ = false;
  bool over_ = false;
};

/// The rule that all attempts broke, or the most telling one.
const Rule& common_rule(const std::vector<std::pair<Endpoint, std::error_code>>& losses) {
  const Rule& first = rule_of(losses.front().second);
  const auto refused = [](const auto& loss) { return &rule_of(loss.second) == &rules::connection_refused; };
  if (std::ranges::any_of(losses, refused)) return rules::connection_refused;
  const bool same = std::ranges::all_of(losses, [&](const auto& loss) { return &rule_of(loss.second) == &first; });
  return same ? first : rules::connect_failed;
}

std::unexpected<Error> all_lost(const std::string& host,
                                const std::vector<std::pair<Endpoint, std::error_code>>& losses) {
  std::string what = "cannot connect to " + escaped(host) + ":";
  for (const auto& [remote, error] : losses) {
    what += (&remote == &losses.front().first ? " " : ", ") + to_string(remote) + ": " + error.message();
  }
  return broken(common_rule(losses), std::move(what));
}

}  // namespace

Awaitable<Result<asio::ip::tcp::socket>> connect(std::string host, std::vector<Endpoint> addresses, Deadline deadline,
                                                 Observer* observer) {
  if (addresses.empty()) co_return broken(rules::name_not_found, "cannot connect to " + escaped(host) + ": no address");
  const auto race = std::make_shared<Race>(co_await asio::this_coro::executor, observer);
  struct End {
    Race& race;
    ~End() { race.end(); }
  } const end{*race};
  auto next = addresses.begin();
  Deadline next_start = Deadline::min();
  while (!race->winner()) {
    const auto current = std::chrono::steady_clock::now();
    if (current >= deadline) {
      co_return broken(rules::deadline_passed, "cannot connect to " + escaped(host) + ": " +
                                                   to_string(addresses.front()) + " did not answer in time");
    }
    if (next != addresses.end() && (race->fresh_loss() || !race->running() || current >= next_start)) {
      race->start(*next++);
      next_start = current + limits::connection_attempt_delay;
      continue;
    }
    if (!race->running()) co_return all_lost(host, race->losses());
    co_await race->news(next == addresses.end() ? deadline : std::min(deadline, next_start));
  }
  asio::ip::tcp::socket socket = std::move(*race->winner());
  std::error_code error;
  socket.non_blocking(true, error);
  if (!error) socket.set_option(asio::ip::tcp::no_delay(true), error);
  if (error) co_return broken(rules::connect_failed, "cannot connect to " + escaped(host) + ": " + error.message());
  if (observer != nullptr) {
    observer->connected(from_asio(socket.local_endpoint(error)), from_asio(socket.remote_endpoint(error)),
                        tcp_info(socket));
  }
  co_return std::move(socket);
}

TcpInfo tcp_info(asio::ip::tcp::socket& socket) {
  struct tcp_info raw{};
  socklen_t size = sizeof raw;
  if (::getsockopt(socket.native_handle(), IPPROTO_TCP, TCP_INFO, &raw, &size) != 0) return {};
  return {.rtt = std::chrono::microseconds(raw.tcpi_rtt),
          .rtt_variance = std::chrono::microseconds(raw.tcpi_rttvar),
          .send_mss = raw.tcpi_snd_mss,
          .receive_mss = raw.tcpi_rcv_mss,
          .path_mtu = raw.tcpi_pmtu,
          .congestion_window = raw.tcpi_snd_cwnd,
          .retransmissions = raw.tcpi_total_retrans,
          .send_window_scale = raw.tcpi_snd_wscale,
          .receive_window_scale = raw.tcpi_rcv_wscale,
          .timestamps = (raw.tcpi_options & TCPI_OPT_TIMESTAMPS) != 0,
          .selective_acknowledgement = (raw.tcpi_options & TCPI_OPT_SACK) != 0,
          .window_scaling = (raw.tcpi_options & TCPI_OPT_WSCALE) != 0};
}

}  // namespace padlock::net
