#pragma once

#include "padlock/client/exchange.h"
#include "padlock/http/h1/connection.h"

namespace padlock::client {

/// Over HTTP/1.1: the request whole, then the response.
class Http1Exchange final : public Exchange {
 public:
  Http1Exchange(net::Stream& stream, const FetchOptions& options, net::Deadline end, HeadJudge judge)
      : Exchange(stream, options, end, std::move(judge)) {}

  /// Besides the errors of any exchange: `rules::tls_on_plain_http`.
  net::Awaitable<Result<void>> run(const http::Request& request,
                                   const std::optional<std::vector<std::uint8_t>>& body) override;
  HttpVersion version() const override { return HttpVersion::HTTP_1_1; }

 private:
  Result<void> send(const http::Request& request, const std::optional<std::vector<std::uint8_t>>& body);
  net::Awaitable<Result<void>> receive();
  Result<bool> on_events();
  Result<void> check_first_bytes(Bytes bytes);
  net::Deadline deadline() const { return std::min(end(), net::deadline_in(options().stall_timeout)); }

  http::h1::Connection http_ = http::h1::Connection::client();
  std::size_t head_bytes_ = 0;
  bool heard_ = false;
};

}  // namespace padlock::client
