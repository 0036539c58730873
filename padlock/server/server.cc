#include "padlock/server/server.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/net/clock.h"
#include "padlock/net/listener.h"
#include "padlock/net/rules.h"
#include "padlock/server/frontend.h"
#include "padlock/server/limits.h"

namespace padlock::server {
namespace {

/// Tickets open for as long as this server runs, whichever of its workers made them.
Result<void> draw_ticket_root(Shared& shared) {
  Wiped<std::array<std::uint8_t, 32>> root;
  PADLOCK_TRY(crypto::make_provider()->random(root));
  shared.ticket_root = Secret<32>(root);
  shared.ticket_root_since = net::now().wall;
  return {};
}

/// The listening sockets of several addresses: one list an address.
struct Sorted {
  std::vector<net::Endpoint> endpoints;
  std::vector<std::vector<net::Descriptor>> sockets;
};

Sorted sort_by_address(std::vector<net::Descriptor> sockets) {
  Sorted bound;
  for (net::Descriptor& socket : sockets) {
    const net::Endpoint endpoint = net::local_endpoint(socket);
    const auto known = std::ranges::find(bound.endpoints, endpoint);
    const auto at = static_cast<std::size_t>(known - bound.endpoints.begin());
    if (known == bound.endpoints.end()) {
      bound.endpoints.push_back(endpoint);
      bound.sockets.emplace_back();
    }
    bound.sockets[at].push_back(std::move(socket));
  }
  return bound;
}

/// Gives each worker its sockets: of each address at least one, and each socket to somebody.
Result<std::vector<std::vector<net::Descriptor>>> spread(std::vector<std::vector<net::Descriptor>> addresses,
                                                         std::size_t workers) {
  std::vector<std::vector<net::Descriptor>> spread_out(workers);
  for (auto& sockets : addresses) {
    for (std::size_t worker = sockets.size(); worker < workers; ++worker)
      spread_out[worker].push_back(PADLOCK_TRY(net::share_listener(sockets[worker % sockets.size()])));
    for (std::size_t at = 0; at < sockets.size(); ++at) spread_out[at % workers].push_back(std::move(sockets[at]));
  }
  return spread_out;
}

Result<std::vector<net::Descriptor>> bind_all(const ServerOptions& options, std::uint16_t port) {
  std::vector<net::Descriptor> bound;
  std::optional<Error> unavailable;
  for (const net::IpAddress& address : options.addresses) {
    auto sockets = net::open_listeners({.address = address, .port = port}, net::worker_count(options.workers));
    const bool skip = !sockets && options.skip_unavailable_addresses &&
                      (sockets.error().rule == &net::rules::address_not_available ||
                       sockets.error().rule == &net::rules::socket_failed);  // no IPv6 at all
    if (skip) unavailable = sockets.error();
    if (skip) continue;
    if (!sockets) return std::unexpected(std::move(sockets).error());
    port = net::local_endpoint(sockets->front()).port;  // the same on all addresses
    std::ranges::move(*sockets, std::back_inserter(bound));
  }
  if (bound.empty() && unavailable) return std::unexpected(std::move(*unavailable));
  return bound;
}

/// A port that is free on the first address may be taken on the next: then another is tried.
Result<std::vector<net::Descriptor>> bind_on_one_port(const ServerOptions& options, std::uint16_t port) {
  for (int tries = 1;; ++tries) {
    auto bound = bind_all(options, port);
    const bool again = !bound && port == 0 && bound.error().rule == &net::rules::port_in_use;
    if (!again || tries == limits::port_tries) return bound;
  }
}

}  // namespace

Result<BoundSockets> bind_sockets(const ServerOptions& options, BoundSockets passed) {
  if (passed.https.empty()) passed.https = PADLOCK_TRY(bind_on_one_port(options, options.https_port));
  if (passed.http.empty()) passed.http = PADLOCK_TRY(bind_on_one_port(options, options.http_port));
  return passed;
}

Result<std::unique_ptr<Server>> Server::open(const ServerOptions& options, Service service, BoundSockets bound,
                                             WorkersMarks marks) {
  auto shared = std::make_shared<Shared>();
  PADLOCK_TRY(draw_ticket_root(*shared));
  // There were no tickets before, so none can have been used.
  const Instant now = net::now();
  shared->early_data = std::make_unique<tls::EarlyDataStore>(
      limits::early_data_tickets,
      Instant{now.monotonic - tls::EarlyDataStore::remembered, now.wall - tls::EarlyDataStore::remembered});
  shared->admission = std::make_unique<Admission>(options.admission);
  shared->load = options.load;
  shared->memory = std::make_unique<MemoryWatch>(options.load.memory, options.heap);
  shared->log = options.log;
  shared->requests = options.requests;
  std::unique_ptr<Server> server(new Server(shared, options.workers));  // the constructor is private
  server->marks_ = std::move(marks);
  for (std::size_t at = 0; at < server->workers(); ++at) shared->counters.push_back(std::make_unique<WorkerCounters>());
  PADLOCK_TRY(server->take(PADLOCK_TRY(bind_sockets(options, std::move(bound)))));
  server->snapshot_ = make_snapshot(std::move(service), server->https_.front().port);
  return server;
}

Server::Server(std::shared_ptr<const Shared> shared, std::size_t workers)
    : shared_(std::move(shared)), workers_(workers) {}
Server::~Server() = default;

Result<void> Server::take(BoundSockets bound) {
  Sorted https = sort_by_address(std::move(bound.https)), http = sort_by_address(std::move(bound.http));
  https_ = std::move(https.endpoints);
  https_sockets_ = PADLOCK_TRY(spread(std::move(https.sockets), workers_.size()));
  http_ = std::move(http.endpoints);
  http_sockets_ = PADLOCK_TRY(spread(std::move(http.sockets), workers_.size()));
  return {};
}

Counts Server::counts() const {
  Counts counts;
  for (const auto& worker : shared_->counters) counts.add(*worker);
  return counts;
}

void Server::start() {
  frontends_.resize(workers_.size());
  workers_.start([this](net::Worker& worker) {
    auto marks = marks_.empty() ? nullptr : std::move(marks_[worker.index]);
    const auto frontend = std::make_shared<Frontend>(worker.context, shared_, snapshot_,
                                                     *shared_->counters[worker.index], std::move(marks));
    frontends_[worker.index] = frontend;
    for (auto& socket : https_sockets_[worker.index]) frontend->listen(std::move(socket), Protocol::https);
    for (auto& socket : http_sockets_[worker.index]) frontend->listen(std::move(socket), Protocol::http);
  });
}

void Server::replace(Service service, std::function<void()> in_place) {
  const auto snapshot = make_snapshot(std::move(service), https_.front().port);
  workers_.post_to_all([this, snapshot](net::Worker& worker) {
    if (const auto frontend = frontends_[worker.index].lock()) frontend->replace(snapshot);
  });
  when_all_answer(std::move(in_place));  // tasks are done in their order
}

void Server::use_tickets(tls::TicketRoot root) {
  const auto shared = std::make_shared<const tls::TicketRoot>(std::move(root));
  workers_.post_to_all([this, shared](net::Worker& worker) {
    if (const auto frontend = frontends_[worker.index].lock()) frontend->use_tickets(*shared);
  });
}

void Server::when_all_answer(std::function<void()> told) {
  // Goes with the last task, also where a worker ends before it comes to it.
  const std::shared_ptr<void> all(nullptr, [then = std::move(told)](void*) {
    if (then) then();
  });
  workers_.post_to_all([all](net::Worker&) {});
}

void Server::finish() {
  workers_.post_to_all([this](net::Worker& worker) {
    if (const auto frontend = frontends_[worker.index].lock()) frontend->drain();
  });
  workers_.finish();
}

void Server::stop() { workers_.stop(); }
void Server::join() { workers_.join(); }

}  // namespace padlock::server
