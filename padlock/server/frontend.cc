#include "padlock/server/frontend.h"

#include <sys/resource.h>

#include <exception>
#include <new>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/net/clock.h"
#include "padlock/net/limits.h"
#include "padlock/net/resources.h"
#include "padlock/net/rules.h"
#include "padlock/server/client_connection.h"
#include "padlock/server/limits.h"
#include "padlock/server/proxy/upstream_pool.h"
#include "padlock/server/rules.h"
#include "padlock/tls/session/session_cache.h"
#include "padlock/tls/session/ticket_keys.h"

namespace padlock::server {

namespace {

/// A worker's tickets are told apart by what it draws now. Without a random source there are none, as there will be no
/// handshakes.
std::shared_ptr<tls::ServerConfig> with_sessions(const Snapshot& snapshot, const Shared& shared,
                                                 crypto::Provider& provider) {
  auto config = std::make_shared<tls::ServerConfig>(*snapshot.tls);
  config->session_cache = std::make_shared<tls::SessionCache>(limits::cached_sessions);
  tls::TicketSource source;
  if (provider.random(source.node) && provider.random(source.start)) {
    config->ticket_keys =
        std::make_shared<tls::TicketKeys>(provider, shared.ticket_root.duplicate(), shared.ticket_root_since, source);
  }
  return config;
}

/// Of the thread that asks: its worker's.
WorkerLoad::Reading read_load(asio::io_context& context) {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);  // cannot fail with these
  return {.sleeps = static_cast<std::uint64_t>(usage.ru_nvcsw),
          .public_key_time = net::Resources::of(context).crypto().time()};
}

}  // namespace

Frontend::Frontend(asio::io_context& context, std::shared_ptr<const Shared> shared,
                   std::shared_ptr<const Snapshot> snapshot, WorkerCounters& counters,
                   std::shared_ptr<certs::SharedMarks> marks)
    : context_(context),
      shared_(std::move(shared)),
      snapshot_(std::move(snapshot)),
      tls_(with_sessions(*snapshot_, *shared_, net::Resources::of(context).provider()), snapshot_->sites),
      log_(shared_->log, shared_->requests, counters),
      load_(shared_->load, *shared_->memory, [&context] { return read_load(context); }),
      marks_(std::move(marks)) {
  start_handlers();
}

void Frontend::start_handlers() {
  for (const auto& site : snapshot_->sites->all()) site->route->start(context_.get_executor());
}

/// Sessions go on: what a site asks for is looked at when one is resumed.
void Frontend::replace(std::shared_ptr<const Snapshot> snapshot) {
  auto config = std::make_shared<tls::ServerConfig>(*snapshot->tls);
  config->session_cache = tls_.common()->session_cache;
  config->ticket_keys = tls_.common()->ticket_keys;
  tls_ = TlsConfigs(config, snapshot->sites);
  snapshot_ = std::move(snapshot);
  start_handlers();
}

void Frontend::use_tickets(const tls::TicketRoot& root) {
  auto& provider = net::Resources::of(context_).provider();
  tls::TicketSource source;
  if (!provider.random(source.node) || !provider.random(source.start)) return;  // as in with_sessions
  auto config = std::make_shared<tls::ServerConfig>(*tls_.common());
  config->ticket_keys =
      std::make_shared<tls::TicketKeys>(provider, root.root.duplicate(), root.since, source, root.period);
  tls_ = TlsConfigs(config, snapshot_->sites);
}

void Frontend::listen(net::Descriptor socket, Protocol protocol) {
  // The coroutine owns the listener, so that a loop that is dropped takes it along.
  auto listener = std::make_shared<net::Listener>(context_, std::move(socket));
  listeners_.push_back(listener);
  asio::co_spawn(context_, accept(shared_from_this(), std::move(listener), protocol), asio::detached);
}

/// The coroutine keeps the frontend alive.
net::Awaitable<void> Frontend::accept(std::shared_ptr<Frontend> self, std::shared_ptr<net::Listener> listener,
                                      Protocol protocol) {
  asio::steady_timer pause(self->context_);
  for (bool in_trouble = false;;) {
    try {
      if (in_trouble) {
        pause.expires_after(net::limits::accept_pause);
        std::error_code woken;
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, woken));
      }
      in_trouble = false;
      const bool room = self->has_room(protocol);
      if (!room) co_await wait_for_room(self, listener, protocol);
      auto socket = co_await listener->accept();
      if (socket) {
        self->welcome(std::move(*socket), protocol);
        continue;
      }
      if (socket.error().rule == &net::rules::cancelled) co_return;
      in_trouble = true;
      self->log_.failure(net::to_string(listener->local()), socket.error());
    } catch (const std::bad_alloc&) {  // a newcomer is lost; the listener stays (docs/threats.md, P3)
      in_trouble = true;
      self->log_.counters().failures.add(&rules::memory_refused);
    }
  }
}

/// For one connection more (docs/threats.md, P2).
bool Frontend::has_room(Protocol protocol) {
  const auto now = net::monotonic_now();
  return shared_->memory->takes_connections(now) && (protocol == Protocol::http || load_.admits_handshake(now));
}

/// Newcomers wait in the kernel's queue; once that is half full some are turned away.
net::Awaitable<void> Frontend::wait_for_room(std::shared_ptr<Frontend> self, std::shared_ptr<net::Listener> listener,
                                             Protocol protocol) {
  self->tell_of_wait(*listener);
  asio::steady_timer pause(self->context_);
  while (listener->is_open() && !self->has_room(protocol)) {
    if (listener->waiting() > net::limits::accept_backlog / 2)
      self->log_.counters().connections_refused.add(listener->turn_away(limits::turned_away_at_once));
    pause.expires_after(limits::handshake_pause);
    std::error_code woken;
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
}

/// Not each time: a busy worker puts newcomers off many times a second.
void Frontend::tell_of_wait(const net::Listener& listener) {
  const auto now = net::monotonic_now();
  if (told_of_wait_ && now - *told_of_wait_ < limits::wait_told_apart) return;
  told_of_wait_ = now;
  const Rule& reason = shared_->memory->takes_connections(now) ? rules::handshakes_put_off : rules::out_of_memory;
  log_.failure(net::to_string(listener.local()), {&reason, "new connections wait"});
}

void Frontend::welcome(net::SocketIo socket, Protocol protocol) {
  const net::Endpoint client = socket.remote();
  auto place = shared_->admission->admit(client.address);
  if (!place) {
    log_.counters().connections_refused.add();
    log_.failure(net::to_string(client), {&rules::too_many_connections, "a connection was turned away"});
    return;
  }
  auto connection =
      std::make_shared<ClientConnection>(shared_from_this(), std::move(socket), protocol, std::move(*place));
  asio::co_spawn(context_, ClientConnection::run(std::move(connection)),
                 [self = shared_from_this(), client](const std::exception_ptr& thrown) {
                   // Nothing of ours throws, but memory that is refused: the connection has ended.
                   const Error refused{&rules::memory_refused, "memory was refused, and the connection has ended"};
                   if (thrown) self->log_.failure(net::to_string(client), refused);
                 });
}

void Frontend::joined(ClientConnection& connection) {
  connections_.insert(&connection);
  log_.counters().connections_accepted.add();
}

void Frontend::left(ClientConnection& connection) {
  connections_.erase(&connection);
  log_.counters().connections_closed.add();
  if (const auto timer = drain_.lock(); timer && connections_.empty()) timer->cancel();
}

void Frontend::drain() {
  if (std::exchange(draining_, true)) return;
  for (const auto& listener : listeners_) {
    if (const auto open = listener.lock()) open->close();
  }
  UpstreamPool::of(context_.get_executor()).stop();
  if (connections_.empty()) return;
  auto timer = std::make_shared<asio::steady_timer>(context_, snapshot_->timers.drain);
  drain_ = timer;
  asio::co_spawn(context_, drop_all_after(shared_from_this(), std::move(timer)), asio::detached);
  for (ClientConnection* const connection : std::set(connections_)) connection->finish_up();
}

net::Awaitable<void> Frontend::drop_all_after(std::shared_ptr<Frontend> self,
                                              std::shared_ptr<asio::steady_timer> timer) {
  std::error_code woken;
  co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, woken));
  for (ClientConnection* const connection : std::set(self->connections_)) connection->cancel();
}

}  // namespace padlock::server
