#include "padlock/client/http1_exchange.h"

#include <algorithm>
#include <span>
#include <utility>
#include <variant>

#include "padlock/client/rules.h"
#include "padlock/net/clock.h"
#include "padlock/net/rules.h"
#include "padlock/tls/rules.h"

namespace padlock::client {

net::Awaitable<Result<void>> Http1Exchange::run(const http::Request& request,
                                                const std::optional<std::vector<std::uint8_t>>& body) {
  auto framed = send(request, body);
  PADLOCK_CO_TRY(framed);
  const Bytes output = http_.output();
  if (observer() != nullptr) observer()->request_sent(request, {.bytes = output.size()});
  auto written = co_await stream().write(std::span(&output, 1), deadline());
  PADLOCK_CO_TRY(written);
  http_.output_sent(output.size());
  co_return co_await receive();
}

Result<void> Http1Exchange::send(const http::Request& request, const std::optional<std::vector<std::uint8_t>>& body) {
  if (!body) return http_.send_request(request, http::h1::NoBody{});
  PADLOCK_TRY(http_.send_request(request, http::h1::KnownLength{body->size()}));
  PADLOCK_TRY(http_.send_body(*body));
  return http_.end_message();
}

net::Awaitable<Result<void>> Http1Exchange::receive() {
  Bytes rest;
  for (;;) {
    auto done = on_events();
    PADLOCK_CO_TRY(done);
    if (*done) co_return Result<void>{};
    if (!rest.empty()) {
      const auto taken = http_.feed(rest, net::now());
      if (!taken) continue;  // yielded as Failed, with what came before it
      head_bytes_ += *taken;
      rest = rest.subspan(*taken);
      if (*taken == 0 && http_.waiting_for() == http::h1::Waiting::nothing) rest = {};
      continue;
    }
    auto bytes = co_await stream().read(deadline());
    const bool truncated = !bytes && bytes.error().rule == &tls::rules::truncated;
    if (!bytes && !truncated) co_return std::unexpected(bytes.error());
    if (truncated || bytes->empty()) {
      http_.input_ended(truncated ? http::h1::Ending::truncated : http::h1::Ending::clean);
      auto whole = on_events();
      PADLOCK_CO_TRY(whole);
      if (*whole) co_return Result<void>{};
      co_return broken(net::rules::closed_early, "the server closed the connection before its response was whole");
    }
    auto checked = check_first_bytes(*bytes);
    PADLOCK_CO_TRY(checked);
    rest = *bytes;
  }
}

/// True: the response is complete.
Result<bool> Http1Exchange::on_events() {
  while (auto event = http_.next_event()) {
    if (const auto* head = std::get_if<http::h1::ResponseHead>(&*event))
      PADLOCK_TRY(on_head(head->response, head->interim, {.bytes = std::exchange(head_bytes_, 0)}));
    if (const auto* data = std::get_if<http::h1::BodyData>(&*event)) PADLOCK_TRY(on_body(data->bytes));
    if (auto* failed = std::get_if<http::h1::Failed>(&*event)) return std::unexpected(std::move(failed->error));
    if (const auto* end = std::get_if<http::h1::MessageEnd>(&*event)) {
      if (observer() != nullptr && !end->trailers.empty()) observer()->trailers(end->trailers, {});
      on_end();
      return true;
    }
  }
  return false;
}

/// An alert or a handshake record where plain http was meant.
Result<void> Http1Exchange::check_first_bytes(Bytes bytes) {
  if (std::exchange(heard_, true) || stream().tls_info() != nullptr) return {};
  const bool tls = (bytes[0] == 0x15 || bytes[0] == 0x16) && (bytes.size() < 2 || bytes[1] == 0x03);
  if (!tls) return {};
  return broken(rules::tls_on_plain_http, to_string(stream().remote()) + " answered plain http with a TLS record");
}

}  // namespace padlock::client
