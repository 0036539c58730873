#pragma once

#include <memory>
#include <optional>

#include "padlock/client/chain_judge.h"
#include "padlock/client/fetch.h"
#include "padlock/http/message/url.h"
#include "padlock/net/plain_stream.h"
#include "padlock/net/tls_stream.h"

namespace padlock::client {

/// A connection to the server of a URL, plain or with TLS, as the options want it.
class Connection {
 public:
  /// `credential`: ours, for this server; null: none. `max_version`: of the HTTP versions that are offered in TLS.
  Connection(const FetchOptions& options, net::Deadline end, std::shared_ptr<const tls::Credential> credential,
             HttpVersion max_version)
      : options_(options), end_(end), credential_(std::move(credential)), max_version_(max_version) {}

  /// Resolves, connects and shakes hands; `security` tells what came of it, after a failure too. `trust` is for https.
  net::Awaitable<Result<void>> open(const http::Url& url, std::shared_ptr<const Trust> trust,
                                    SecurityVerdict& security);
  net::Stream& stream() { return *stream_; }
  /// Ends it: close_notify and FIN, without waiting for the server's.
  net::Awaitable<void> close();

 private:
  net::Awaitable<Result<asio::ip::tcp::socket>> connect(const http::Url& url);
  net::Awaitable<Result<std::vector<net::Endpoint>>> addresses(std::string host, std::uint16_t port,
                                                               net::Deadline deadline);
  net::Deadline within(std::chrono::milliseconds time) const { return std::min(end_, net::deadline_in(time)); }

  const FetchOptions& options_;
  net::Deadline end_;
  std::shared_ptr<const tls::Credential> credential_;
  HttpVersion max_version_;
  std::unique_ptr<ChainJudge> judge_;
  std::unique_ptr<net::Stream> stream_;  // asks the judge: gone before it
};

}  // namespace padlock::client
