#pragma once

#include <memory>
#include <string>

#include "padlock/base/result.h"
#include "padlock/http/message/message.h"
#include "padlock/server/route.h"
#include "padlock/server/snapshot.h"

namespace padlock::server {

/// Says who answers a request on a connection, by the host that it names (RFC 9110, section 7.4; docs/threats.md, H6,
/// H7). Routes live as long as the router's snapshot. An HTTP/1.0 request may name no host.
class Router {
 public:
  virtual ~Router() = default;
  /// Errors, each with the status to answer: rules::misdirected, ::other_clients, ::other_policy, those of
  /// http::parse_authority and Route::of.
  virtual Result<const Route*> route(const http::Request& request) const = 0;
};

/// After a handshake: hosts that its certificate holds, each with its own site, if what the client was asked to show is
/// what that site asks for.
class HttpsRouter final : public Router {
 public:
  HttpsRouter(std::shared_ptr<const Snapshot> snapshot, Sites::Choice choice)
      : snapshot_(std::move(snapshot)), choice_(std::move(choice)) {}
  Result<const Route*> route(const http::Request& request) const override;

 private:
  Result<const Site*> site_of(const http::Request& request) const;
  bool asked_as(const Site& site) const;
  bool protected_as(const Site& site) const;

  std::shared_ptr<const Snapshot> snapshot_;
  Sites::Choice choice_;
  /// What the last request asked for: the next one usually asks for the same.
  mutable std::string last_authority_;
  mutable const Site* last_site_ = nullptr;
};

/// Plain http: the hosts of all sites are redirected, but for what is answered under any name: pending challenges of
/// http-01, and PlainAnswers.
class PlainRouter final : public Router {
 public:
  explicit PlainRouter(std::shared_ptr<const Snapshot> snapshot) : snapshot_(std::move(snapshot)) {}
  Result<const Route*> route(const http::Request& request) const override;

 private:
  std::shared_ptr<const Snapshot> snapshot_;
};

/// Everything to the handler that says that this port speaks TLS.
class WrongPortRouter final : public Router {
 public:
  explicit WrongPortRouter(std::shared_ptr<const Snapshot> snapshot) : snapshot_(std::move(snapshot)) {}
  Result<const Route*> route(const http::Request&) const override { return &snapshot_->wrong_port; }

 private:
  std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace padlock::server
