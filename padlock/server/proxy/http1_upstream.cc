#include "padlock/server/proxy/http1_upstream.h"

#include <array>
#include <span>
#include <utility>
#include <variant>

#include "padlock/net/clock.h"
#include "padlock/net/rules.h"
#include "padlock/server/http1_output.h"
#include "padlock/server/limits.h"
#include "padlock/server/proxy/upstream_pool.h"
#include "padlock/tls/rules.h"

namespace padlock::server {
namespace {

net::Deadline write_deadline() { return net::deadline_in(limits::write_time); }

}  // namespace

Result<void> Http1UpstreamExchange::send_head(const http::Request& request, const http::BodyFraming& framing,
                                              std::string_view protocol) {
  in_chunks_ = std::holds_alternative<http::UnknownLength>(framing);
  return upstream_->http.send_request(request, framing, protocol);
}

net::Awaitable<Result<void>> Http1UpstreamExchange::send_body(Bytes bytes) {
  auto& http = upstream_->http;
  if (auto announced = http.announce_piece(bytes.size()); !announced) co_return announced;
  const std::array<Bytes, 2> pieces{http.output(), bytes};
  auto written = co_await stream().write(pieces, write_deadline());
  PADLOCK_CO_TRY(written);
  http.output_sent(pieces.front().size());
  co_return http.piece_sent_elsewhere(bytes.size());
}

Result<bool> Http1UpstreamExchange::flush_now() {
  PADLOCK_TRY(queue_output(upstream_->http, stream()));
  return stream().flush_now();
}

net::Awaitable<Result<void>> Http1UpstreamExchange::flush() {
  auto queued = queue_output(upstream_->http, stream());
  PADLOCK_CO_TRY(queued);
  co_return co_await stream().flush(write_deadline());
}

net::Awaitable<Result<void>> Http1UpstreamExchange::end(const http::Fields& trailers) {
  const http::Fields none;
  if (auto ended = upstream_->http.end_message(in_chunks_ ? trailers : none); !ended) co_return ended;
  co_return co_await flush();
}

std::optional<Result<UpstreamExchange::News>> Http1UpstreamExchange::next_now() {
  auto& http = upstream_->http;
  for (;;) {
    if (auto news = take_event()) return news;
    if (!unread_.empty()) {
      const auto taken = http.feed(unread_, net::now());  // an error comes as an event too
      unread_ = taken ? unread_.subspan(*taken) : Bytes{};
      next_ = http.next_event();
      continue;
    }
    if (http.finished()) return broken(net::rules::closed_early, "the connection has ended");
    const auto bytes = stream().read_now();
    if (!bytes) return std::nullopt;
    if (auto error = take(*bytes)) return std::unexpected(*std::move(error));
  }
}

/// What a read has brought: bytes, or the end, which ends some bodies. An error: it has cut the response.
std::optional<Error> Http1UpstreamExchange::take(const Result<Bytes>& bytes) {
  auto& http = upstream_->http;
  const bool truncated = !bytes && bytes.error().rule == &tls::rules::truncated;
  if (!bytes && !truncated) return bytes.error();
  if (bytes && !bytes->empty()) {
    unread_ = *bytes;
    return std::nullopt;
  }
  http.input_ended(truncated ? http::Ending::truncated : http::Ending::clean);
  next_ = http.next_event();
  if (next_) return std::nullopt;
  return Error{&net::rules::closed_early, "the upstream closed the connection"};
}

/// Nothing: there is none that matters.
std::optional<Result<UpstreamExchange::News>> Http1UpstreamExchange::take_event() {
  while (next_) {
    http::h1::Event event = *std::exchange(next_, std::nullopt);
    next_ = upstream_->http.next_event();
    if (auto* head = std::get_if<http::h1::ResponseHead>(&event)) {
      if (head->interim) continue;  // the client was invited to its body by us
      const bool switched = head->response.status == 101;
      return News(Head{std::move(head->response), switched});
    }
    if (const auto* data = std::get_if<http::h1::BodyData>(&event)) return News(data->bytes);
    if (auto* end = std::get_if<http::h1::MessageEnd>(&event)) return News(End{std::move(end->trailers)});
    if (auto* failed = std::get_if<http::h1::Failed>(&event)) return std::unexpected(std::move(failed->error));
  }
  return std::nullopt;
}

void Http1UpstreamExchange::done() {
  const auto& http = upstream_->http;
  if (http.finished() || !http.between_messages() || !unread_.empty() || !http.output().empty()) return;
  upstream_->used = true;
  pool_.keep(std::move(upstream_));
}

}  // namespace padlock::server
