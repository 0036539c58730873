#include "padlock/certs/acme_client.h"

#include <system_error>
#include <utility>

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/acme/limits.h"
#include "padlock/acme/rules.h"
#include "padlock/base/text.h"
#include "padlock/client/async_fetch.h"
#include "padlock/net/clock.h"

namespace padlock::certs {
namespace {

/// For one request and its answer; what takes longer is asked about again.
constexpr std::chrono::seconds request_patience{30};

net::Awaitable<void> wait_for(std::chrono::seconds duration) {
  asio::steady_timer timer(co_await asio::this_coro::executor, duration);
  std::error_code woken;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

client::FetchRequest fetch_of(const acme::Request& request) {
  client::FetchRequest fetch{.url = request.url, .method = request.method, .fields = {}, .without = {}, .body = {}};
  if (!request.accept.empty()) fetch.fields.add("Accept", request.accept);
  if (request.content_type.empty()) return fetch;
  fetch.fields.add("Content-Type", request.content_type);
  const Bytes body = as_bytes(request.body);
  fetch.body.emplace(body.begin(), body.end());
  return fetch;
}

}  // namespace

net::Awaitable<Result<void>> AcmeClient::run(acme::Job& job, Guard guard) {
  retry_after_.reset();
  acme::Conversation conversation(session_, job, account_);
  auto done = co_await talk(conversation, guard);
  retry_after_ = conversation.retry_after();
  co_await answers_->hide(shown_);
  shown_.clear();
  co_return done;
}

net::Awaitable<Result<void>> AcmeClient::talk(acme::Conversation& conversation, const Guard& guard) {
  auto action = conversation.begin(net::now());
  while (action && !std::holds_alternative<acme::Finished>(*action)) {
    if (auto* const sending = std::get_if<acme::SendRequest>(&*action)) {
      if (guard) {
        auto allowed = co_await guard();
        PADLOCK_CO_TRY(allowed);
      }
      auto response = co_await send(sending->request);
      PADLOCK_CO_TRY(response);
      action = conversation.on_response(*response, net::now());
      continue;
    }
    if (auto* const publishing = std::get_if<acme::PublishAnswers>(&*action)) {
      std::vector<acme::ChallengeAnswer> answers = std::move(publishing->answers);
      auto published = co_await publish(std::move(answers));
      PADLOCK_CO_TRY(published);
    } else {
      co_await wait_for(std::get<acme::WaitFor>(*action).duration);
    }
    action = conversation.go_on(net::now());
  }
  PADLOCK_CO_TRY(action);
  co_return Result<void>();
}

/// What was shown before is over.
net::Awaitable<Result<void>> AcmeClient::publish(std::vector<acme::ChallengeAnswer> answers) {
  co_await answers_->hide(shown_);
  shown_ = std::move(answers);
  co_return co_await answers_->show(shown_);
}

net::Awaitable<Result<acme::Response>> AcmeClient::send(const acme::Request& request) {
  acme::Response response;
  client::FetchOptions options;
  options.trust = trust_;
  options.revocation.fetch = false;  // a CA that is away must not keep us from asking another one
  options.max_time = request_patience;
  options.on_body = [&](Bytes bytes) -> Result<void> {
    if (response.body.size() + bytes.size() > acme::limits::chain_bytes)
      return broken(acme::rules::json_too_large, escaped(request.url) + " sends more than an ACME server has to say");
    response.body.insert(response.body.end(), bytes.begin(), bytes.end());
    return {};
  };
  client::FetchRequest fetch = fetch_of(request);
  client::FetchOutcome outcome = co_await client::async_fetch(std::move(fetch), options);
  if (outcome.error) co_return std::unexpected(*std::move(outcome.error));
  response.status = outcome.response->status;
  response.fields = std::move(outcome.response->fields);
  co_return response;
}

}  // namespace padlock::certs
