#pragma once

#include <atomic>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <asio/any_io_executor.hpp>

#include "padlock/acme/server/ca_server.h"
#include "padlock/ca/local_ca.h"
#include "padlock/cli/ca_records.h"
#include "padlock/cli/ca_validation.h"
#include "padlock/server/handler.h"

namespace padlock::cli {

/// The local CA as an ACME server: joins the calculation (acme::CaServer), the CA, the folder of records and the looks
/// at names. For a server with one worker, whose thread does all of it.
class CaService : public std::enable_shared_from_this<CaService> {
 public:
  using Tell = std::function<void(std::string_view)>;

  /// `state`: the state folder, where a CA is made if there is none. `options.permits` may allow more than the CA can
  /// certify: it is asked, too. `tell`: takes a line on what was done. Errors: those of LocalCa and RecordFolder.
  static Result<std::shared_ptr<CaService>> open(const std::filesystem::path& state, acme::CaServerOptions options,
                                                 const ValidationPlaces& places, Tell tell);

  /// Before it is used by the worker: what there is to know, and the certificate of the server itself.
  const std::vector<std::string>& notices() const { return notices_; }

  /// Goes on with what the last run left. By the worker.
  void start(const asio::any_io_executor& executor);
  /// Answers, once all of it is on the disk.
  acme::Response answer(const acme::ClientRequest& request, const asio::any_io_executor& executor);

 private:
  CaService(acme::CaServerOptions options, std::unique_ptr<crypto::Provider> provider, ca::LocalCa ca,
            RecordFolder folder, const ValidationPlaces& places, Tell tell)
      : provider_(std::move(provider)),
        ca_(std::move(ca)),
        server_(std::move(options), *provider_),
        folder_(std::move(folder)),
        places_(places),
        tell_(std::move(tell)) {}

  acme::Response issue(const acme::IssueWanted& wanted, WallTime now);
  acme::Response revoke(const acme::RevokeWanted& wanted, Instant now);
  Result<std::string> sign(const acme::IssueWanted& wanted, WallTime now);
  bool save();
  void look_at_names(const asio::any_io_executor& executor);
  static net::Awaitable<void> look(std::shared_ptr<CaService> self, acme::Validation validation);
  void say(std::string line) const;

  std::unique_ptr<crypto::Provider> provider_;
  ca::LocalCa ca_;
  acme::CaServer server_;
  RecordFolder folder_;
  ValidationPlaces places_;
  Tell tell_;
  std::vector<std::string> notices_;
  std::vector<acme::RecordChange> unsaved_;
  std::deque<acme::Validation> waiting_;  ///< names that are not looked at yet
  std::size_t looking_ = 0;
  bool started_ = false;
};

/// The service as what answers for a site.
class CaHandler final : public server::Handler {
 public:
  explicit CaHandler(std::shared_ptr<CaService> service) : service_(std::move(service)) {}
  net::Awaitable<Result<void>> handle(server::Exchange& exchange) const override;
  void start(const asio::any_io_executor& executor) const override { service_->start(executor); }
  std::uint64_t body_limit(const http::Request& request) const override;

 private:
  std::shared_ptr<CaService> service_;
};

}  // namespace padlock::cli
