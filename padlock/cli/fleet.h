#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/certs/acme_challenges.h"
#include "padlock/certs/file_store.h"
#include "padlock/certs/redis_store.h"
#include "padlock/certs/shared_challenges.h"
#include "padlock/net/awaitable.h"
#include "padlock/tls/session/ticket_root.h"

namespace padlock::cli {

/// What a fleet's nodes know of a service when they have last agreed on it.
struct AgreedService {
  std::uint64_t version = 0;
  std::string digest;  ///< of its file; empty: this node cannot serve it
  friend bool operator==(const AgreedService&, const AgreedService&) = default;
};

/// The services that the nodes had agreed on, and in which life of the store.
struct AgreedServices {
  std::string epoch;
  std::map<std::string, AgreedService> services;
  friend bool operator==(const AgreedServices&, const AgreedServices&) = default;
};
/// As a file has it, and back; nothing: it is none.
std::string write_agreed(const AgreedServices& agreed);
std::optional<AgreedServices> parse_agreed(std::string_view text);

/// What is to be done so that this node and the store have the same services.
struct ServiceSteps {
  std::vector<std::string> fetch;    ///< another node's is newer
  std::vector<std::string> publish;  ///< this node's is newer
  std::vector<std::string> retract;  ///< removed on this node
  std::vector<std::string> drop;     ///< removed on another one
};
/// A calculation. `here`: digests of the files of this node; `there`: versions in the store. Where both have changed,
/// the store's counts; but what was changed here is not dropped.
ServiceSteps plan_services(const AgreedServices& agreed, const std::map<std::string, std::string>& here,
                           const std::map<std::string, std::uint64_t>& there);

/// This node's part in a fleet: what other nodes have put into the shared store comes into the state folder, from which
/// it is served, and what this node has the store lacks goes there. So a node needs the store neither to start nor to
/// serve. The main thread's; no handshake and no request waits for it.
class Fleet {
 public:
  /// How the fleet reaches the rest of this server.
  struct Server {
    /// A certificate, an account or what is known of orders is another one in the state folder.
    std::function<void(const certs::StoreKey&)> reread;
    /// The files of services as they shall be; nothing: removed.
    std::function<net::Awaitable<Result<void>>(std::map<std::string, std::optional<std::string>>)> serve;
    /// Tickets are sealed under another root from now on.
    std::function<void(const tls::TicketRoot&)> use_tickets;
    std::filesystem::path services;  ///< the folder of their files
    std::string domain;              ///< below which they are
  };

  /// `provider` outlives it. Errors: those of RedisStore::open.
  static Result<std::unique_ptr<Fleet>> open(const certs::RedisSettings& settings, const std::filesystem::path& state,
                                             crypto::Provider& provider);

  certs::RedisStore& store() { return store_; }
  /// Before `look`.
  void join(Server server) { server_ = std::move(server); }
  /// Whose challenges are shown here too; null: nobody asks this server.
  void show_challenges(std::shared_ptr<certs::ChallengeBoard> board);

  /// What tickets were sealed under before this node had started, if it is known: the store may be away.
  void use_kept_tickets();

  /// Looks whether something has changed, and takes it in. True: it has.
  net::Awaitable<bool> look();
  /// A service of this node has changed.
  void services_changed() { services_changed_ = true; }
  /// Why the store cannot be used; nothing: it can.
  const std::optional<Error>& trouble() const { return trouble_; }
  /// What could not be taken in.
  std::vector<Error> complaints() const;
  /// Lets the connection go, before its loop does.
  void close() { store_.close(); }

 private:
  Fleet(certs::RedisStore store, const std::filesystem::path& state, crypto::Provider& provider);

  net::Awaitable<Result<void>> take_in(bool all_was_lost);
  net::Awaitable<Result<void>> look_at(certs::Kind kind, bool all_was_lost);
  net::Awaitable<Result<void>> take(const certs::RedisStore::Entry& entry);
  net::Awaitable<Result<void>> publish(const certs::StoreKey& key);
  bool is_older(const certs::StoreKey& key, Bytes here, Bytes there) const;
  net::Awaitable<Result<void>> look_at_tickets();
  net::Awaitable<Result<tls::TicketRoot>> renew_tickets(const certs::Lease& lease);
  Result<void> take_tickets(tls::TicketRoot root);
  bool tickets_are_due() const;
  net::Awaitable<Result<void>> look_at_services(const std::string& epoch);
  net::Awaitable<Result<void>> publish_service(const std::string& name, const std::string& text);
  net::Awaitable<Result<void>> fetch_services(const ServiceSteps& steps);
  net::Awaitable<void> serve_services(std::map<std::string, std::optional<std::string>> files);
  certs::StoreKey key_of_service(const std::string& name) const { return {certs::Kind::service, server_.domain, name}; }
  Result<std::map<std::string, std::string>> services_here() const;
  void keep_agreed();

  certs::RedisStore store_;
  certs::StoreFolder folder_;
  std::filesystem::path agreed_file_;
  crypto::Provider* provider_;
  std::string node_;
  Server server_;
  std::shared_ptr<certs::ChallengeBoard> board_;
  std::optional<certs::SharedChallengesView> challenges_;
  AgreedServices agreed_;
  std::optional<tls::TicketRoot> tickets_;     ///< in use
  std::map<std::string, std::uint64_t> seen_;  ///< versions that were looked at, by key
  std::string epoch_;                          ///< in which all was looked at; empty: never
  std::uint64_t changes_ = 0;                  ///< that were looked at
  bool services_changed_ = true;
  std::optional<Error> trouble_;
  std::map<std::string, Error> complaints_;
};

}  // namespace padlock::cli
