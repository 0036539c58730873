#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "padlock/client/fetch.h"
#include "padlock/net/stream.h"

namespace padlock::client {

/// What to do with a response's body.
enum class BodyUse : std::uint8_t { sink, drop };
/// Judges the final head: an error ends the exchange.
using HeadJudge = std::function<Result<BodyUse>(const http::Response&)>;

/// Whether a request that failed may be sent again although it is not idempotent (RFC 9110, section 9.2.2): only if the
/// server has said that it did nothing with it.
enum class Again : std::uint8_t {
  no,
  over_a_new_connection,  ///< RFC 9113, section 8.7
  over_http_1_1,          ///< HTTP_1_1_REQUIRED: likewise, but HTTP/2 is not wanted
};

/// One request and its response over a connection: what every HTTP version has in common.
class Exchange {
 public:
  virtual ~Exchange() = default;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  /// Once. `request` and `body` outlive it.
  /// Errors: those of http and of the stream, client/rules.h, what `judge` and the sink say.
  virtual net::Awaitable<Result<void>> run(const http::Request& request,
                                           const std::optional<std::vector<std::uint8_t>>& body) = 0;
  virtual HttpVersion version() const = 0;
  /// After an error.
  virtual Again again() const { return Again::no; }
  std::uint64_t body_bytes() const { return body_bytes_; }

 protected:
  Exchange(net::Stream& stream, const FetchOptions& options, net::Deadline end, HeadJudge judge)
      : stream_(stream), options_(options), end_(end), judge_(std::move(judge)) {}

  net::Stream& stream() { return stream_; }
  const FetchOptions& options() const { return options_; }
  FetchObserver* observer() const { return options_.observer; }
  net::Deadline end() const { return end_; }

  Result<void> on_head(const http::Response& response, bool interim, const FieldsOnStream& place);
  Result<void> on_body(Bytes bytes);
  void on_end();

 private:
  net::Stream& stream_;
  const FetchOptions& options_;
  net::Deadline end_;
  HeadJudge judge_;
  std::uint64_t body_bytes_ = 0;
  BodyUse use_ = BodyUse::drop;
};

/// In the version that the stream's TLS has agreed on. `stream` and `options` outlive it. `end`: of the whole fetch.
std::unique_ptr<Exchange> make_exchange(net::Stream& stream, const FetchOptions& options, net::Deadline end,
                                        HeadJudge judge);

}  // namespace padlock::client
