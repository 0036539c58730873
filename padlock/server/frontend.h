#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include "padlock/base/instant.h"
#include "padlock/base/secret.h"
#include "padlock/certs/shared_marks.h"
#include "padlock/net/awaitable.h"
#include "padlock/net/descriptor.h"
#include "padlock/net/listener.h"
#include "padlock/server/admission.h"
#include "padlock/server/counters.h"
#include "padlock/server/load.h"
#include "padlock/server/site_policies.h"
#include "padlock/server/snapshot.h"
#include "padlock/server/worker_log.h"
#include "padlock/tls/config.h"
#include "padlock/tls/session/early_data_store.h"
#include "padlock/tls/session/ticket_root.h"

namespace padlock::server {

class ClientConnection;

/// What all workers share for as long as the server runs.
struct Shared {
  Secret<32> ticket_root;
  WallTime ticket_root_since{};
  std::unique_ptr<tls::EarlyDataStore> early_data;  ///< of all workers, as all open the same tickets
  std::unique_ptr<Admission> admission;
  LoadLimits load{};
  std::unique_ptr<MemoryWatch> memory;
  LogSink log;
  RequestLog requests;
  std::vector<std::unique_ptr<WorkerCounters>> counters;  ///< one a worker
};

/// What a listener's clients are expected to speak.
enum class Protocol : std::uint8_t { https, http };

/// A worker's share of a server: its listeners and their connections. Lives as long as one of them; one thread's.
class Frontend : public std::enable_shared_from_this<Frontend> {
 public:
  /// `counters`: this worker's, among those of `shared`. `marks`: this worker's of a fleet; null: the server is alone.
  Frontend(asio::io_context& context, std::shared_ptr<const Shared> shared, std::shared_ptr<const Snapshot> snapshot,
           WorkerCounters& counters, std::shared_ptr<certs::SharedMarks> marks = {});

  void listen(net::Descriptor socket, Protocol protocol);
  /// No new connections; idle ones are closed, the others after what they are at; after Timers::drain all.
  void drain();
  /// For connections that come from now on.
  void replace(std::shared_ptr<const Snapshot> snapshot);
  /// The same, with other ticket keys: those of a fleet.
  void use_tickets(const tls::TicketRoot& root);

  asio::io_context& context() { return context_; }
  const std::shared_ptr<const Snapshot>& snapshot() const { return snapshot_; }
  const TlsConfigs& tls() const { return tls_; }
  WorkerLog& log() { return log_; }
  WorkerLoad& load() { return load_; }
  tls::EarlyDataStore& early_data() { return *shared_->early_data; }
  /// Of the fleet, which is to be asked too; null: this server is alone.
  certs::SharedMarks* marks() { return marks_.get(); }
  void joined(ClientConnection& connection);
  void left(ClientConnection& connection);

 private:
  static net::Awaitable<void> accept(std::shared_ptr<Frontend> self, std::shared_ptr<net::Listener> listener,
                                     Protocol protocol);
  static net::Awaitable<void> wait_for_room(std::shared_ptr<Frontend> self, std::shared_ptr<net::Listener> listener,
                                            Protocol protocol);
  bool has_room(Protocol protocol);
  void tell_of_wait(const net::Listener& listener);
  void start_handlers();
  void welcome(net::SocketIo socket, Protocol protocol);
  static net::Awaitable<void> drop_all_after(std::shared_ptr<Frontend> self, std::shared_ptr<asio::steady_timer> timer);

  asio::io_context& context_;
  std::shared_ptr<const Shared> shared_;
  std::shared_ptr<const Snapshot> snapshot_;
  TlsConfigs tls_;  ///< the snapshot's, with this worker's ticket keys and session cache
  WorkerLog log_;
  WorkerLoad load_;
  std::shared_ptr<certs::SharedMarks> marks_;
  std::vector<std::weak_ptr<net::Listener>> listeners_;
  std::set<ClientConnection*> connections_;  ///< they take themselves out
  std::weak_ptr<asio::steady_timer> drain_;
  bool draining_ = false;
  std::optional<std::chrono::nanoseconds> told_of_wait_{};  ///< when the log last heard that newcomers wait
};

}  // namespace padlock::server
