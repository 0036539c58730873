#include "padlock/client/probe.h"

#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/this_coro.hpp>

#include "padlock/client/connection.h"
#include "padlock/client/rules.h"
#include "padlock/net/resources.h"

namespace padlock::client {
namespace {

net::Awaitable<Result<void>> look(const std::string& text, const FetchOptions& options, SecurityVerdict& security) {
  const auto url = http::parse_typed_url(text);
  PADLOCK_CO_TRY(url);
  if (!url->secure()) co_return broken(rules::bad_option, "there is no TLS at " + url->to_string());
  auto trust = load_trust(options.trust, net::Resources::of(co_await asio::this_coro::executor).provider());
  PADLOCK_CO_TRY(trust);
  const auto end = options.max_time ? net::deadline_in(*options.max_time) : net::no_deadline;
  Connection connection(options, end, options.credential, options.max_http_version);
  auto opened = co_await connection.open(*url, std::move(*trust), security);
  PADLOCK_CO_TRY(opened);
  co_await connection.close();
  co_return Result<void>();
}

}  // namespace

ProbeOutcome probe(const std::string& url, const FetchOptions& options) {
  asio::io_context loop(1);
  ProbeOutcome outcome;
  const auto work = [&]() -> net::Awaitable<void> {
    const auto looked = co_await look(url, options, outcome.security);
    if (!looked) outcome.error = looked.error();
  };
  asio::co_spawn(loop, work(), asio::detached);
  loop.run();
  return outcome;
}

}  // namespace padlock::client
