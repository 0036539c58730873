#include "padlock/cli/ca_service.h"

#include <array>
#include <chrono>
#include <iterator>
#include <system_error>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/acme/limits.h"
#include "padlock/acme/server/rules.h"
#include "padlock/base/lists.h"
#include "padlock/base/text.h"
#include "padlock/ca/issue_log.h"
#include "padlock/ca/names.h"
#include "padlock/ca/rules.h"
#include "padlock/client/verdict.h"
#include "padlock/der/pem.h"
#include "padlock/net/clock.h"
#include "padlock/net/resources.h"
#include "padlock/server/exchange.h"
#include "padlock/server/response_plan.h"

namespace padlock::cli {
namespace {

/// Names that are looked at side by side; each look takes two sockets at most.
constexpr std::size_t most_looks = 32;
/// Looks at one name, and what lies between them: whoever has just made a proof visible may be a moment late.
constexpr std::array pauses{std::chrono::seconds(1), std::chrono::seconds(3)};

net::Awaitable<void> wait_for(std::chrono::seconds duration) {
  asio::steady_timer timer(co_await asio::this_coro::executor, duration);
  std::error_code woken;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

}  // namespace

Result<std::shared_ptr<CaService>> CaService::open(const std::filesystem::path& state, acme::CaServerOptions options,
                                                   const ValidationPlaces& places, Tell tell) {
  auto folder = PADLOCK_TRY(RecordFolder::open(state / "acme-server"));
  auto provider = crypto::make_provider();
  auto ca = PADLOCK_TRY(ca::LocalCa::open_or_create(state, *provider, net::now().wall));
  options.permits = [domains = ca.domains(), allowed = std::move(options.permits)](const acme::Identifier& identifier) {
    const std::array<std::string, 1> name{identifier.value};
    return ca::alternative_names(name, domains).has_value() && (!allowed || allowed(identifier));
  };
  std::shared_ptr<CaService> service(new CaService(std::move(options), std::move(provider), std::move(ca),
                                                   std::move(folder), places, std::move(tell)));  // private
  for (const std::string& notice : service->ca_.notices()) service->notices_.push_back(notice);
  for (std::string& notice : service->folder_.restore(service->server_)) service->notices_.push_back(std::move(notice));
  return service;
}

void CaService::say(std::string line) const {
  if (tell_) tell_(to_string(net::now().wall) + " " + std::move(line));
}

void CaService::start(const asio::any_io_executor& executor) {
  if (std::exchange(started_, true)) return;
  server_.resume(net::now().wall);
  look_at_names(executor);
}

// ---- requests -------------------------------------------------------------------------------------------------------

acme::Response CaService::answer(const acme::ClientRequest& request, const asio::any_io_executor& executor) {
  const Instant now = net::now();
  auto outcome = server_.take(request, now);
  acme::Response response;
  if (auto* const answered = std::get_if<acme::Response>(&outcome)) response = std::move(*answered);
  if (const auto* const wanted = std::get_if<acme::IssueWanted>(&outcome)) response = issue(*wanted, now.wall);
  if (const auto* const wanted = std::get_if<acme::RevokeWanted>(&outcome)) response = revoke(*wanted, now);
  if (!save()) {
    return acme::refusal_response(Error{&acme::server_rules::server_internal, "nothing could be written down"});
  }
  look_at_names(executor);
  return response;
}

/// What is not on the disk is tried again with the next request.
bool CaService::save() {
  for (acme::RecordChange& one : server_.take_changes()) unsaved_.push_back(std::move(one));
  const auto done = folder_.apply(unsaved_);
  if (done) unsaved_.clear();
  if (!done) say("failed: " + done.error().to_string());
  return done.has_value();
}

Result<std::string> CaService::sign(const acme::IssueWanted& wanted, WallTime now) {
  const ca::LeafOptions options{.life = wanted.life};
  const auto given = PADLOCK_TRY(ca_.certify(wanted.names, wanted.request->public_key, now, options));
  return der::write_pem("CERTIFICATE", given.leaf->der) + der::write_pem("CERTIFICATE", given.intermediate->der);
}

acme::Response CaService::issue(const acme::IssueWanted& wanted, WallTime now) {
  const auto chain = sign(wanted, now);
  say(chain ? "certificate for " + list_of(wanted.names, escaped)
            : "failed: no certificate for " + list_of(wanted.names, escaped) + ": " + chain.error().to_string());
  return server_.on_issued(wanted, chain);
}

acme::Response CaService::revoke(const acme::RevokeWanted& wanted, Instant now) {
  const auto revoked = ca_.revoke(wanted.certificate, wanted.reason, now.wall);
  const std::string serial = ca::serial_text(wanted.certificate->serial);
  if (revoked) {
    say("revoked " + serial + " (" + std::string(x509::name_of(wanted.reason)) + ")");
    return server_.on_revoked(wanted, !revoked->empty(), now);
  }
  if (revoked.error().rule == &ca::rules::not_issued_here)
    return server_.on_revoked(wanted, std::unexpected(revoked.error()), now);
  say("failed: " + serial + " is not revoked: " + revoked.error().to_string());
  return server_.on_revoked(wanted, broken(acme::server_rules::server_internal, "it could not be revoked"), now);
}

// ---- names ----------------------------------------------------------------------------------------------------------

void CaService::look_at_names(const asio::any_io_executor& executor) {
  for (acme::Validation& one : server_.take_validations()) waiting_.push_back(std::move(one));
  while (looking_ < most_looks && !waiting_.empty()) {
    acme::Validation next = std::move(waiting_.front());
    waiting_.pop_front();
    ++looking_;
    asio::co_spawn(executor, look(shared_from_this(), std::move(next)), asio::detached);
  }
}

net::Awaitable<void> CaService::look(std::shared_ptr<CaService> self, acme::Validation validation) {
  const auto executor = co_await asio::this_coro::executor;
  auto& provider = net::Resources::of(executor).provider();
  auto seen = co_await validate(validation.wanted, self->places_, provider);
  for (const std::chrono::seconds pause : pauses) {
    if (seen) break;
    co_await wait_for(pause);
    seen = co_await validate(validation.wanted, self->places_, provider);
  }
  const std::string what = validation.wanted.identifier.value + " by " + std::string(name_of(validation.wanted.type));
  self->say(seen ? "proved " + what : "not proved " + what + ": " + seen.error().to_string());
  self->server_.on_validated(validation, seen, net::now());
  static_cast<void>(self->save());  // it has said so, and tries again
  --self->looking_;
  self->look_at_names(executor);
}

// ---- HTTP -----------------------------------------------------------------------------------------------------------

std::uint64_t CaHandler::body_limit(const http::Request&) const { return acme::limits::json_bytes; }

net::Awaitable<Result<void>> CaHandler::handle(server::Exchange& exchange) const {
  std::vector<std::uint8_t> body;
  for (;;) {
    const auto bytes = co_await exchange.read_body();
    PADLOCK_CO_TRY(bytes);
    if (bytes->empty()) break;
    body.insert(body.end(), bytes->begin(), bytes->end());
  }
  const http::Request& head = exchange.request();
  const acme::ClientRequest request{.method = head.method,
                                    .origin = "https://" + head.authority,
                                    .target = head.target,
                                    .content_type = std::string(head.fields.find("Content-Type").value_or("")),
                                    .body = body,
                                    .client = x509::to_string(exchange.client().remote().address)};
  acme::Response response = service_->answer(request, exchange.executor());
  server::Answer answer{server::plan_response(response.status, exchange.began().wall)};
  for (const http::FieldView& field : response.fields.all()) answer.plan.response.fields.add(field.name, field.value);
  answer.plan.page = as_text(response.body);
  co_return co_await exchange.send(std::move(answer));
}

}  // namespace padlock::cli
