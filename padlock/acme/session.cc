#include "padlock/acme/session.h"

#include <cassert>
#include <utility>

#include "padlock/acme/limits.h"
#include "padlock/acme/response_fields.h"
#include "padlock/acme/rules.h"

namespace padlock::acme {
namespace {

constexpr std::string_view jose = "application/jose+json";

std::string about(const Call& call, const Response& response) {
  return std::string(call.doing) + ": the answer of " + call.url + " has the status " + std::to_string(response.status);
}

}  // namespace

Result<Session> Session::make(std::string_view directory_url, AccountKey key) {
  auto origin = PADLOCK_TRY(Origin::of(directory_url));
  auto url = PADLOCK_TRY(origin.check(directory_url, "the directory's URL"));
  return Session(std::move(url), std::move(origin), std::move(key));
}

Result<void> Session::set_account_url(std::string_view url) {
  account_url_ = PADLOCK_TRY(origin_.check(url, "the account's URL"));
  return {};
}

Result<Request> Session::request_for(const Call& call) {
  asked_for_nonce_ = false;
  if (call.signing == Call::Signing::none) {
    ++tries_;
    return Request{.method = "GET", .url = call.url, .accept = std::string(call.accept)};
  }
  assert(directory_);
  if (nonce_.empty()) {
    asked_for_nonce_ = true;
    return Request{.method = "HEAD", .url = directory_->new_nonce};
  }
  const std::string nonce = std::exchange(nonce_, {});  // each is good for one request
  const std::string_view kid = call.signing == Call::Signing::by_account ? std::string_view(account_url_) : "";
  ++tries_;
  return Request{.method = "POST",
                 .url = call.url,
                 .accept = std::string(call.accept),
                 .content_type = std::string(jose),
                 .body = PADLOCK_TRY(sign_jws({call.url, nonce, kid}, call.payload.value_or(""), key_))};
}

Result<Session::Outcome> Session::take(const Call& call, const Response& response, Instant now) {
  if (auto nonce = nonce_of(response.fields)) nonce_ = *std::move(nonce);
  if (std::exchange(asked_for_nonce_, false)) {
    if (response.status < 200 || response.status > 299) {
      tries_ = limits::nonce_tries;  // a request without a nonce cannot be refused for it
      return take_refusal(call, response, now);
    }
    if (!nonce_.empty()) return Outcome();
    return padlock::broken(rules::nonce_missing, "a request for a nonce got none");
  }
  if (response.status < 200 || response.status > 299) return take_refusal(call, response, now);
  return Outcome(Reply{.status = response.status,
                       .location = std::string(response.fields.find("Location").value_or("")),
                       .alternates = alternates_of(response.fields),
                       .retry_after = retry_after_of(response.fields, now.wall),
                       .body = response.body});
}

/// A problem document tells why (RFC 8555, section 6.7). A nonce that was refused is no reason to give up: the refusal
/// brings the next one (section 6.5).
Result<Session::Outcome> Session::take_refusal(const Call& call, const Response& response, Instant now) {
  const auto retry_after = retry_after_of(response.fields, now.wall);
  const bool server_fault = response.status == 429 || response.status >= 500;
  if (!has_content_type(response.fields, "application/problem+json")) {
    const Rule& rule = response.status == 429 ? rules::rate_limited
                       : server_fault         ? rules::server_internal
                                              : rules::status_unexpected;
    return Outcome(Refusal{std::nullopt, Error{&rule, about(call, response)}, retry_after});
  }
  auto problem = PADLOCK_TRY(parse_problem(Bytes(response.body)));
  if (problem.type == "badNonce") {
    if (tries_ < limits::nonce_tries) return Outcome();
    return padlock::broken(rules::nonce_refused, std::string(call.doing) + ": refused for its nonce three times");
  }
  Error error = acme::broken(problem, call.doing).error();
  return Outcome(Refusal{std::move(problem), std::move(error), retry_after});
}

}  // namespace padlock::acme
