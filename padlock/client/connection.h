#pragma once

#include <memory>
#include <optional>

#include "padlock/client/fetch.h"
#include "padlock/http/message/url.h"
#include "padlock/net/plain_stream.h"
#include "padlock/net/tls_stream.h"

namespace padlock::client {

/// Verifies the server's chain, or knows the verdict from the connection whose session is resumed; keeps both.
class ChainJudge final : public net::Responder {
 public:
  ChainJudge(std::shared_ptr<const Trust> trust, crypto::Provider& provider, const FetchOptions& options,
             std::string authority, std::shared_ptr<const tls::Credential> credential)
      : trust_(std::move(trust)),
        provider_(provider),
        options_(options),
        authority_(std::move(authority)),
        credential_(std::move(credential)) {}
  net::NowOrLater<tls::PeerVerified> verify(const tls::ChainVerificationWanted& question) override;
  /// Our own certificate, or null: there is none for this server.
  net::NowOrLater<std::shared_ptr<const tls::Credential>> certificate_for(const tls::CertificateWanted&) override {
    return Result<std::shared_ptr<const tls::Credential>>(credential_);
  }
  void keep(std::shared_ptr<const tls::ClientSession> session) override;
  /// The session to offer, while its leaf is valid.
  tls::Resumption resumption();
  /// `resumed`: the server took the session.
  const std::optional<x509::Verdict>& verdict(bool resumed);

 private:
  std::shared_ptr<const Trust> trust_;
  crypto::Provider& provider_;
  const FetchOptions& options_;
  std::string authority_;
  std::shared_ptr<const tls::Credential> credential_;
  std::optional<x509::Verdict> verdict_;
  std::optional<SessionStore::Entry> offered_;
};

/// A connection to the server of a URL, plain or with TLS, as the options want it.
class Connection {
 public:
  /// `credential`: ours, for this server; null: none.
  Connection(const FetchOptions& options, net::Deadline end, std::shared_ptr<const tls::Credential> credential)
      : options_(options), end_(end), credential_(std::move(credential)) {}

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
  std::unique_ptr<ChainJudge> judge_;
  std::unique_ptr<net::Stream> stream_;  // asks the judge: gone before it
};

}  // namespace padlock::client
