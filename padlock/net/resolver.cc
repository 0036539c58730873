#include "padlock/net/resolver.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/net/asio_endpoint.h"
#include "padlock/net/limits.h"
#include "padlock/net/rules.h"

namespace padlock::net {
namespace {

using Addresses = std::vector<Endpoint>;

std::atomic<std::size_t> lookups_running{0};

/// The system's answer, which may take as long as it likes: on a thread of its own.
Result<Addresses> ask_system(const std::string& host, std::uint16_t port) {
  asio::io_context unused;  // asio's blocking resolver wants one
  asio::ip::tcp::resolver resolver(unused);
  std::error_code error;
  const auto found = resolver.resolve(host, std::to_string(port), asio::ip::resolver_base::numeric_service, error);
  if (error == asio::error::host_not_found || error == asio::error::no_data) {
    return broken(rules::name_not_found, "cannot find " + escaped(host) + ": no address has this name");
  }
  if (error) return broken(rules::name_lookup_failed, "cannot look up " + escaped(host) + ": " + error.message());
  Addresses addresses;
  for (const auto& entry : found) addresses.push_back(from_asio(entry.endpoint()));
  if (addresses.size() > limits::addresses_of_a_name) addresses.resize(limits::addresses_of_a_name);
  return interleaved(std::move(addresses));
}

/// Shared by the waiting coroutine and the helper thread; each may be gone before the other.
struct LookUp {
  std::mutex mutex;  ///< guards `waiting`, which the helper thread reads
  asio::steady_timer* waiting =
      nullptr;  ///< cancelled when the answer is there; null: nobody waits, the loop may be gone
  std::optional<Result<Addresses>> answer;  ///< of the loop's thread
};

void run(const std::shared_ptr<LookUp>& lookup, const std::string& host, std::uint16_t port) {
  auto answer = ask_system(host, port);
  const std::lock_guard lock(lookup->mutex);
  if (lookup->waiting == nullptr) return;
  asio::post(lookup->waiting->get_executor(), [lookup, answer = std::move(answer)]() mutable {
    if (lookup->waiting == nullptr) return;  // only this thread sets it
    lookup->answer = std::move(answer);
    lookup->waiting->cancel();
  });
}

Awaitable<Result<Addresses>> look_up(std::string host, std::uint16_t port, Deadline deadline) {
  if (lookups_running.fetch_add(1) >= limits::lookups_at_once) {
    lookups_running.fetch_sub(1);
    co_return broken(rules::name_lookup_failed, "cannot look up " + escaped(host) + ": too many look-ups hang");
  }
  asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
  const auto lookup = std::make_shared<LookUp>();
  lookup->waiting = &timer;
  struct Abandon {
    LookUp& lookup;
    ~Abandon() {
      const std::lock_guard lock(lookup.mutex);
      lookup.waiting = nullptr;
    }
  } const abandon{*lookup};
  std::thread([lookup, host, port] {
    run(lookup, host, port);
    lookups_running.fetch_sub(1);
  }).detach();
  std::error_code woken;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  if (lookup->answer) co_return std::move(*lookup->answer);
  co_return broken(rules::deadline_passed, "cannot look up " + escaped(host) + ": no answer came in time");
}

IpAddress loopback_v4() { return {.bytes = {127, 0, 0, 1}, .length = 4}; }
IpAddress loopback_v6() {
  IpAddress address{.bytes = {}, .length = 16};
  address.bytes[15] = 1;
  return address;
}

}  // namespace

Addresses interleaved(Addresses addresses) {
  if (addresses.empty()) return addresses;
  const std::size_t first_family = addresses.front().address.length;
  const auto middle =
      std::ranges::stable_partition(addresses, [&](const Endpoint& one) { return one.address.length == first_family; });
  const auto split = static_cast<std::size_t>(middle.begin() - addresses.begin());
  Addresses result;
  for (std::size_t index = 0; index < std::max(split, addresses.size() - split); ++index) {
    if (index < split) result.push_back(addresses.at(index));
    if (split + index < addresses.size()) result.push_back(addresses.at(split + index));
  }
  return result;
}

Awaitable<Result<Addresses>> resolve(std::string host, std::uint16_t port, Deadline deadline) {
  if (const auto literal = x509::parse_ip_address(host)) co_return Addresses{{.address = *literal, .port = port}};
  if (is_localhost_name(host)) {
    co_return Addresses{{.address = loopback_v6(), .port = port}, {.address = loopback_v4(), .port = port}};
  }
  co_return co_await look_up(std::move(host), port, deadline);
}

}  // namespace padlock::net
