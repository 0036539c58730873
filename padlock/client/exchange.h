#pragma once

#include <functional>

#include "padlock/client/fetch.h"
#include "padlock/http/h1/connection.h"
#include "padlock/net/stream.h"

namespace padlock::client {

/// What to do with a response's body.
enum class BodyUse : std::uint8_t { sink, drop };
/// Judges the final head: an error ends the exchange.
using HeadJudge = std::function<Result<BodyUse>(const http::Response&)>;

/// One HTTP/1.1 request and its response.
class Exchange {
 public:
  Exchange(net::Stream& stream, const FetchOptions& options, net::Deadline end, HeadJudge judge)
      : stream_(stream), options_(options), end_(end), judge_(std::move(judge)) {}

  /// Errors: those of http and of the stream, `rules::tls_on_plain_http`, what `judge` and the sink say.
  net::Awaitable<Result<void>> run(const http::Request& request, const std::optional<std::vector<std::uint8_t>>& body);
  std::uint64_t body_bytes() const { return body_bytes_; }

 private:
  Result<void> send(const http::Request& request, const std::optional<std::vector<std::uint8_t>>& body);
  net::Awaitable<Result<void>> receive();
  Result<bool> on_events();
  Result<void> on_head(const http::h1::ResponseHead& head);
  Result<void> on_body(Bytes bytes);
  Result<void> check_first_bytes(Bytes bytes);
  net::Deadline deadline() const { return std::min(end_, net::deadline_in(options_.stall_timeout)); }

  net::Stream& stream_;
  const FetchOptions& options_;
  net::Deadline end_;
  HeadJudge judge_;
  http::h1::Connection http_ = http::h1::Connection::client();
  std::size_t head_bytes_ = 0;
  std::uint64_t body_bytes_ = 0;
  BodyUse use_ = BodyUse::drop;
  bool heard_ = false;
};

}  // namespace padlock::client
