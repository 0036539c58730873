#include "padlock/client/fetch.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/this_coro.hpp>

#include "padlock/client/async_fetch.h"
#include "padlock/client/connection.h"
#include "padlock/client/exchange.h"
#include "padlock/client/limits.h"
#include "padlock/client/redirect.h"
#include "padlock/client/rules.h"
#include "padlock/net/resources.h"

namespace padlock::client {
namespace {

bool is_without(const FetchRequest& request, std::string_view name) {
  const auto same = [&](const std::string& one) { return equal_ignoring_ascii_case(one, name); };
  return std::ranges::any_of(request.without, same) || request.fields.count(name) > 0;
}

/// The request's head for this URL: the user's fields, and ours where none is given.
http::Request head_of(const FetchRequest& request, const http::Url& url) {
  http::Request head{request.method, url.scheme, url.authority(), url.target(), {}};
  if (!is_without(request, "User-Agent")) head.fields.add("User-Agent", "padlock");
  if (!is_without(request, "Accept")) head.fields.add("Accept", "*/*");
  for (const http::FieldView& field : request.fields.all()) {
    if (equal_ignoring_ascii_case(field.name, "Host")) {
      head.authority = to_lower_ascii(field.value);
    } else {
      head.fields.add(field.name, field.value);
    }
  }
  return head;
}

/// A fetch on its way from URL to URL.
class Fetch {
 public:
  Fetch(FetchRequest request, const FetchOptions& options)
      : request_(std::move(request)),
        options_(options),
        end_(options.max_time ? net::deadline_in(*options.max_time) : net::no_deadline) {}

  net::Awaitable<FetchOutcome> run() {
    auto url = http::parse_typed_url(request_.url);
    while (url) {
      outcome_.url = url->to_string();
      auto next = co_await hop(*url);
      if (!next) outcome_.error = next.error();
      if (!next || !*next) co_return std::move(outcome_);
      outcome_.redirects.push_back(outcome_.url);
      url = **next;
    }
    outcome_.error = url.error();
    co_return std::move(outcome_);
  }

 private:
  using Next = std::optional<http::Url>;

  /// One URL: an exchange, or two if the server did nothing with the request at first; the URL where it goes on.
  net::Awaitable<Result<Next>> hop(const http::Url& url) {
    if (url.secure() && !trust_) {
      auto trust = load_trust(options_.trust, net::Resources::of(co_await asio::this_coro::executor).provider());
      PADLOCK_CO_TRY(trust);
      trust_ = std::move(*trust);
    }
    if (origin_.empty()) origin_ = url.origin();
    Again again = Again::no;
    auto done = co_await exchange(url, options_.max_http_version, again);
    if (!done && again != Again::no) {
      if (options_.observer != nullptr) options_.observer->sent_again(done.error().what);
      const bool plainer = again == Again::over_http_1_1;
      done = co_await exchange(url, plainer ? HttpVersion::HTTP_1_1 : options_.max_http_version, again);
    }
    PADLOCK_CO_TRY(done);
    if (!leads_on()) co_return Next();
    co_return follow(url);
  }

  /// Connects, asks and hangs up. `again` says after an error whether the request may be sent once more.
  net::Awaitable<Result<void>> exchange(const http::Url& url, HttpVersion max_version, Again& again) {
    outcome_.stage = Stage::before_connected;
    outcome_.response.reset();
    outcome_.http_version.reset();
    Connection connection(options_, end_, url.origin() == origin_ ? options_.credential : nullptr, max_version);
    auto opened = co_await connection.open(url, trust_, outcome_.security);
    PADLOCK_CO_TRY(opened);
    outcome_.stage = Stage::connected;
    const auto exchange =
        make_exchange(connection.stream(), options_, end_, [this](const auto& response) { return judge(response); });
    outcome_.http_version = exchange->version();
    const http::Request head = head_of(request_, url);
    auto done = co_await exchange->run(head, request_.body);
    outcome_.body_bytes = exchange->body_bytes();
    again = exchange->again();
    co_await connection.close();
    co_return done;
  }

  bool leads_on() const { return options_.follow_redirects && is_redirect(*outcome_.response); }

  Result<Next> follow(const http::Url& url) {
    if (outcome_.redirects.size() >= std::min(options_.max_redirects, limits::redirects)) {
      return broken(rules::too_many_redirects, std::to_string(outcome_.redirects.size()) +
                                                   " redirects were followed and " + url.to_string() + " is one more");
    }
    return Next(PADLOCK_TRY(follow_redirect(url, *outcome_.response, request_)));
  }

  Result<BodyUse> judge(const http::Response& response) {
    outcome_.response = response;
    if (leads_on()) return BodyUse::drop;
    if (options_.fail_on_http_error && response.status >= 400) {
      return broken(rules::http_error, "the server answered " + std::to_string(response.status) + " " +
                                           std::string(http::reason_phrase(response.status)));
    }
    if (options_.on_head) PADLOCK_TRY(options_.on_head(response, *outcome_.http_version));
    return BodyUse::sink;
  }

  FetchRequest request_;
  const FetchOptions& options_;
  net::Deadline end_;
  std::string origin_;  ///< of the first URL
  std::shared_ptr<const Trust> trust_;
  FetchOutcome outcome_;
};

}  // namespace

net::Awaitable<FetchOutcome> async_fetch(FetchRequest request, const FetchOptions& options) {
  Fetch fetch(std::move(request), options);
  co_return co_await fetch.run();
}

FetchOutcome fetch(const FetchRequest& request, const FetchOptions& options) {
  asio::io_context loop(1);
  std::optional<FetchOutcome> outcome;
  const auto work = [&]() -> net::Awaitable<void> { outcome.emplace(co_await async_fetch(request, options)); };
  asio::co_spawn(loop, work(), asio::detached);
  loop.run();
  return std::move(outcome).value();
}

}  // namespace padlock::client
