#include "padlock/server/server.h"

#include <array>
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

/// The listening sockets of several addresses: one list an address, with a socket for each worker.
struct Bound {
  std::vector<net::Endpoint> endpoints;
  std::vector<std::vector<net::Descriptor>> sockets;
};

Result<Bound> bind_all(const ServerOptions& options, std::uint16_t port, std::size_t workers) {
  Bound bound;
  std::optional<Error> unavailable;
  for (const net::IpAddress& address : options.addresses) {
    auto sockets = net::open_listeners({.address = address, .port = port}, workers);
    const bool skip = !sockets && options.skip_unavailable_addresses &&
                      (sockets.error().rule == &net::rules::address_not_available ||
                       sockets.error().rule == &net::rules::socket_failed);  // no IPv6 at all
    if (skip) unavailable = sockets.error();
    if (skip) continue;
    if (!sockets) return std::unexpected(std::move(sockets).error());
    bound.endpoints.push_back(net::local_endpoint(sockets->front()));
    bound.sockets.push_back(std::move(*sockets));
    port = bound.endpoints.back().port;  // the same on all addresses
  }
  if (bound.endpoints.empty() && unavailable) return std::unexpected(std::move(*unavailable));
  return bound;
}

/// A port that is free on the first address may be taken on the next: then another is tried.
Result<Bound> bind_on_one_port(const ServerOptions& options, std::uint16_t port, std::size_t workers) {
  for (int tries = 1;; ++tries) {
    auto bound = bind_all(options, port, workers);
    const bool again = !bound && port == 0 && bound.error().rule == &net::rules::port_in_use;
    if (!again || tries == limits::port_tries) return bound;
  }
}

}  // namespace

Result<std::unique_ptr<Server>> Server::open(const ServerOptions& options, Service service) {
  auto shared = std::make_shared<Shared>();
  PADLOCK_TRY(draw_ticket_root(*shared));
  shared->admission = std::make_unique<Admission>(options.admission);
  shared->log = options.log;
  shared->requests = options.requests;
  std::unique_ptr<Server> server(new Server(shared, options.workers));  // the constructor is private
  for (std::size_t at = 0; at < server->workers(); ++at) shared->counters.push_back(std::make_unique<WorkerCounters>());
  PADLOCK_TRY(server->bind(options));
  server->snapshot_ = make_snapshot(std::move(service), server->https_.front().port);
  return server;
}

Server::Server(std::shared_ptr<const Shared> shared, std::size_t workers)
    : shared_(std::move(shared)), workers_(workers) {}
Server::~Server() = default;

Result<void> Server::bind(const ServerOptions& options) {
  Bound https = PADLOCK_TRY(bind_on_one_port(options, options.https_port, workers_.size()));
  Bound http = PADLOCK_TRY(bind_on_one_port(options, options.http_port, workers_.size()));
  https_ = std::move(https.endpoints);
  https_sockets_ = std::move(https.sockets);
  http_ = std::move(http.endpoints);
  http_sockets_ = std::move(http.sockets);
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
    const auto frontend =
        std::make_shared<Frontend>(worker.context, shared_, snapshot_, *shared_->counters[worker.index]);
    frontends_[worker.index] = frontend;
    for (auto& sockets : https_sockets_) frontend->listen(std::move(sockets[worker.index]), Protocol::https);
    for (auto& sockets : http_sockets_) frontend->listen(std::move(sockets[worker.index]), Protocol::http);
  });
}

void Server::replace(Service service, std::function<void()> in_place) {
  const auto snapshot = make_snapshot(std::move(service), https_.front().port);
  // Goes with the last task, also where a worker ends before it comes to it.
  const std::shared_ptr<void> all(nullptr, [told = std::move(in_place)](void*) {
    if (told) told();
  });
  workers_.post_to_all([this, snapshot, all](net::Worker& worker) {
    if (const auto frontend = frontends_[worker.index].lock()) frontend->replace(snapshot);
  });
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
