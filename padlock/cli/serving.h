#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <asio/io_context.hpp>

#include "padlock/base/result.h"
#include "padlock/cli/administration.h"
#include "padlock/cli/certificate_watch.h"
#include "padlock/cli/event_hooks.h"
#include "padlock/cli/fleet.h"
#include "padlock/cli/hooks.h"
#include "padlock/cli/hosting.h"
#include "padlock/cli/log_sink.h"
#include "padlock/cli/revocation_pages.h"
#include "padlock/net/awaitable.h"
#include "padlock/net/sandbox.h"
#include "padlock/net/service_manager.h"
#include "padlock/server/admin/status.h"
#include "padlock/server/config/config.h"
#include "padlock/server/config/read_config.h"
#include "padlock/server/server.h"

namespace padlock::cli {

/// Says errors once, until they are others or none.
class Complaint {
 public:
  void about(const std::vector<Error>& errors);
  void about(const Result<void>& done) { about(done ? std::vector<Error>() : std::vector<Error>{done.error()}); }

 private:
  std::vector<std::string> told_;
};

/// What became of a configuration that was read again. Sites by the name of their table.
struct ReloadOutcome {
  std::vector<std::string> problems;  ///< as people read them; none: it is in place
  std::vector<std::string> added, removed, changed;
  std::size_t unchanged = 0;
};

/// A service's file as it shall be; nothing: removed.
struct ServiceEdit {
  std::string name;
  std::optional<std::string> text;
};

/// A server and what it serves, as its configuration says; looked at and reloaded while it runs. The main thread's.
class Serving {
 public:
  /// `file`: where the configuration was read, for reloads; empty: it was not. `hooks`: who runs programs, and outlives
  /// it; null: nobody.
  Serving(server::Config config, std::filesystem::path file, net::ServiceManager manager, Hooks* hooks = nullptr)
      : base_(std::move(config)),
        config_(base_),
        file_(std::move(file)),
        manager_(std::move(manager)),
        hosting_(hooks) {
    if (base_.on_event) events_.emplace(*base_.on_event, hooks);
  }

  /// Its administration answers on `loop`, which ends before this object.
  Result<void> start(asio::io_context& loop);
  /// Says on stdout what is served, and where, and to the service manager that it is.
  void announce() const;
  /// Reads the configuration again. Whatever is wrong with it is said, and the one before serves on; else every worker
  /// has the new one when this returns.
  net::Awaitable<ReloadOutcome> reload();

  // ---- the services of this host
  /// The configuration with the services in their folder as these edits would leave them; nothing is changed yet. A
  /// service that is wrong is left out. Error: rules::no_state_directory, cli's of services for one that is edited.
  Result<server::Config> with_services(const std::vector<ServiceEdit>& edits);
  /// Puts files in place and serves what they say: every worker has it when this returns. Whether whoever was moved
  /// away from has answered all it was asked: it is waited for as long as Timers::drain says. After an error all is as
  /// before.
  net::Awaitable<Result<bool>> change_services(std::vector<ServiceEdit> edits);
  /// The same as another node of the fleet has said it: nobody is waited for.
  net::Awaitable<Result<void>> take_services(std::map<std::string, std::optional<std::string>> files);
  /// What stands in a service's file; nothing: there is none. Errors: net's of files.
  Result<std::optional<std::string>> read_service(const std::string& name) const;
  /// As they are served now, in the configuration's order.
  std::vector<server::SiteStatus> site_statuses() const;
  const server::Config& config() const { return config_; }
  std::uint16_t https_port() const { return server_->https().front().port; }

  /// The file of requests was moved away.
  void reopen_log();
  void look_for_renewals();
  /// Begins to ask for certificates by ACME that are due, on `executor`, of whose loop this is the thread.
  void certify(const asio::any_io_executor& executor);
  /// Tells of certificates that nobody renews.
  void watch_certificates();
  /// Asks for OCSP responses that are due.
  net::Awaitable<void> refresh_staples();
  /// For half a minute a random text stands at a random path, as the answer to a challenge would. Errors:
  /// rules::no_acme, where no site is certified so; those of randomness.
  struct Probe {
    std::string path, content;
  };
  net::Awaitable<Result<Probe>> show_probe();
  /// Takes in what other nodes of the fleet have changed, and tells them what this one has.
  net::Awaitable<void> look_at_fleet();
  /// Lets the connection to the store go, before its loop does.
  void leave_fleet();
  /// Takes no new connections, and lets requests come to their end.
  void finish();

  server::ServerStatus status() const;
  bool stopping() const { return stopping_; }
  const net::ServiceManager& manager() const { return manager_; }
  server::Server& server() { return *server_; }

 private:
  void listen(const asio::any_io_executor& executor);
  void take_in_certificates();
  Result<void> open_fleet();
  void join_fleet();
  net::Awaitable<Result<std::vector<std::shared_ptr<const server::Site>>>> put_services(std::vector<ServiceEdit> edits);
  Result<server::RequestLog> open_request_log();
  net::Awaitable<ReloadOutcome> replace(server::Config base);
  net::Awaitable<void> put_in_place(server::Service service);
  net::Awaitable<bool> drain(std::vector<std::shared_ptr<const server::Site>> old);
  Result<server::Service> load_services(server::Config& config, const std::vector<ServiceEdit>& edits);
  Result<std::filesystem::path> services_folder() const;
  ReloadOutcome refused(std::vector<std::string> problems);
  std::vector<std::string> notes() const;
  std::string summary() const;
  std::vector<std::string> texts_of(const server::ConfigProblems& found) const;

  server::Config base_;    ///< as its file or flags say it
  server::Config config_;  ///< with the services
  std::filesystem::path file_;
  net::ServiceManager manager_;
  std::unique_ptr<crypto::Provider> fleet_provider_;  ///< the main thread's
  std::unique_ptr<Fleet> fleet_;                      ///< null: this server is alone
  Hosting hosting_;
  std::optional<EventHooks> events_;  ///< nothing: nobody is told
  CertificateWatch watch_;
  std::unique_ptr<RevocationService> revocation_;
  std::optional<LogWriter> log_;         ///< once it is started
  std::unique_ptr<LogWriter> requests_;  ///< null: they are not in a file of their own
  std::unique_ptr<server::Server> server_;
  std::unique_ptr<Administration> administration_;
  net::Sandbox sandbox_;
  std::vector<std::string> library_complaints_;
  Complaint about_services_, about_certificates_, about_answers_, about_staples_, about_acme_, about_fleet_;
  Instant started_{};
  server::ReloadStatus reloads_;
  bool stopping_ = false;
};

}  // namespace padlock::cli
