#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/net/address.h"
#include "padlock/net/descriptor.h"
#include "padlock/net/workers.h"
#include "padlock/server/admission.h"
#include "padlock/server/counters.h"
#include "padlock/server/load.h"
#include "padlock/server/log.h"
#include "padlock/server/snapshot.h"
#include "padlock/tls/session/ticket_root.h"

namespace padlock::certs {
class SharedMarks;
}

namespace padlock::server {

class Frontend;
struct Shared;
struct Snapshot;

/// What a server is told once, when it starts.
struct ServerOptions {
  std::vector<net::IpAddress> addresses;    ///< to listen on
  std::uint16_t https_port = 0;             ///< 0: any free one, the same on all addresses
  std::uint16_t http_port = 0;              ///< plain http, which only redirects; 0: any free one
  bool skip_unavailable_addresses = false;  ///< an address that this host does not have is no error if another is there
  AdmissionLimits admission;
  LoadLimits load{};
  std::function<std::uint64_t()> heap = heap_bytes;  ///< what `load.memory` limits
  std::size_t workers = 0;                           ///< 0: one per core
  LogSink log{};                                     ///< of failures; empty: nothing is logged
  RequestLog requests{};
};

/// Which tickets have brought early data to other servers that open the same ones: one for each worker, whose loop it
/// ends with; none: there are no other servers.
using WorkersMarks = std::vector<std::shared_ptr<certs::SharedMarks>>;

/// Listening sockets that somebody else has bound: they are listened on in place of the addresses and the port of their
/// protocol. Any number for any number of workers: no socket is left alone, so nothing that waits in its queue is lost.
struct BoundSockets {
  std::vector<net::Descriptor> https, http;
};

/// Binds what is not among `passed`, for as many workers as the options say. Errors: those of net's listeners.
Result<BoundSockets> bind_sockets(const ServerOptions& options, BoundSockets passed = {});

/// Sites over HTTPS, and plain http that redirects to them.
class Server {
 public:
  /// Serves nothing yet. Binds what is not among `bound`. Errors: those of net's listeners.
  static Result<std::unique_ptr<Server>> open(const ServerOptions& options, Service service, BoundSockets bound = {},
                                              WorkersMarks marks = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Where it listens, with the ports that were chosen.
  const std::vector<net::Endpoint>& https() const { return https_; }
  const std::vector<net::Endpoint>& http() const { return http_; }

  std::size_t workers() const { return workers_.size(); }
  /// What was done since the start; from any thread.
  Counts counts() const;

  /// Starts the workers. Call once.
  void start();
  /// Takes effect for connections that come from now on; those that are there keep what they began with. After `start`,
  /// from any thread. `in_place` is called once, by any thread, when every worker has it.
  void replace(Service service, std::function<void()> in_place = {});
  /// Tickets of a fleet from now on, for connections that come; those that were sealed before open no more. After
  /// `start`, from any thread.
  void use_tickets(tls::TicketRoot root);
  /// Calls this once, from any thread, when every worker has come to it: none of them hangs.
  void when_all_answer(std::function<void()> told);
  /// Stops gracefully: takes no new connection, ends idle ones, lets requests come to their end within
  /// Timers::drain. Returns at once; from any thread.
  void finish();
  /// Ends everything now; from any thread.
  void stop();
  /// Waits until all has ended.
  void join();

 private:
  Server(std::shared_ptr<const Shared> shared, std::size_t workers);
  Result<void> take(BoundSockets bound);

  std::shared_ptr<const Shared> shared_;
  std::shared_ptr<const Snapshot> snapshot_;  ///< that workers start with
  std::vector<net::Endpoint> https_, http_;
  std::vector<std::vector<net::Descriptor>> https_sockets_, http_sockets_;  ///< of each worker, until started
  WorkersMarks marks_;                                                      ///< of each worker, until started
  std::vector<std::weak_ptr<Frontend>> frontends_;  ///< each touched by its worker's thread alone
  net::Workers workers_;                            ///< last: its threads use all the others
};

}  // namespace padlock::server
