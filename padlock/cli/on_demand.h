#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <asio/any_io_executor.hpp>

#include "padlock/base/result.h"
#include "padlock/certs/acme_settings.h"
#include "padlock/cli/acme_service.h"
#include "padlock/net/awaitable.h"
#include "padlock/server/on_demand/certificates.h"
#include "padlock/server/on_demand/rule.h"
#include "padlock/server/site.h"

namespace padlock::cli {

/// Gets certificates for names that handshakes ask for: looks whether each is allowed, then in the state folder, then
/// asks a CA. The main thread's.
class OnDemand {
 public:
  /// `acme` outlives it. Errors: those of the store.
  static Result<std::unique_ptr<OnDemand>> open(const certs::OnDemandSettings& settings, AcmeService& acme);

  /// Which names are not ruled out beforehand.
  server::OnDemandRule rule() const { return {server::Names(settings_.allow), !settings_.ask.empty()}; }
  /// Where handshakes ask.
  const std::shared_ptr<server::OnDemandCertificates>& certificates() const { return certificates_; }
  /// Lets go of names that sites have by now.
  void leave_to(const server::Sites& sites);
  /// Works on `executor`, of whose loop this is the thread, for as long as that runs.
  void start(const asio::any_io_executor& executor);

 private:
  enum class Answer : std::uint8_t { yes, no, none };

  OnDemand(const certs::OnDemandSettings& settings, AcmeService& acme) : settings_(settings), acme_(&acme) {}
  void begin(const asio::any_io_executor& executor);
  net::Awaitable<void> serve(std::string name);
  net::Awaitable<void> order(std::string name);
  net::Awaitable<void> await_turn();
  net::Awaitable<Answer> is_allowed(std::string name);
  net::Awaitable<Answer> ask(std::string name);
  Result<bool> show_stored(const std::string& name);
  void stored(const std::string& name);

  certs::OnDemandSettings settings_;
  AcmeService* acme_;
  std::shared_ptr<server::OnDemandCertificates> certificates_ = std::make_shared<server::OnDemandCertificates>();
  std::size_t orders_ = 0;  ///< under way, at most certs::orders_of_a_kind
};

}  // namespace padlock::cli
