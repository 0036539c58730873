#include "padlock/client/connection.h"

#include <algorithm>
#include <string>
#include <utility>

#include <asio/this_coro.hpp>

#include "padlock/net/asio_endpoint.h"
#include "padlock/net/clock.h"
#include "padlock/net/connect.h"
#include "padlock/net/resolver.h"
#include "padlock/net/resources.h"

namespace padlock::client {

net::Awaitable<Result<std::vector<net::Endpoint>>> Connection::addresses(std::string host, std::uint16_t port,
                                                                         net::Deadline deadline) {
  for (const ResolveEntry& entry : options_.resolve) {
    if (entry.port != port || !equal_ignoring_ascii_case(entry.host, host)) continue;
    std::vector<net::Endpoint> told;
    told.reserve(entry.addresses.size());
    for (const net::IpAddress& address : entry.addresses) told.push_back({.address = address, .port = port});
    co_return told;
  }
  co_return co_await net::resolve(std::move(host), port, deadline);
}

net::Awaitable<Result<asio::ip::tcp::socket>> Connection::connect(const http::Url& url) {
  std::string host = url.host;
  std::uint16_t port = url.port;
  for (const ConnectTo& entry : options_.connect_to) {
    if (!entry.host.empty() && entry.host != host) continue;
    if (entry.port && *entry.port != port) continue;
    if (!entry.to_host.empty()) host = entry.to_host;
    if (entry.to_port) port = *entry.to_port;
    break;
  }
  net::Observer* const observer = options_.observer != nullptr ? options_.observer->net() : nullptr;
  const net::Deadline deadline = within(options_.connect_timeout);
  auto found = co_await addresses(host, port, deadline);
  if (observer != nullptr) observer->resolved(host, found ? std::span(*found) : std::span<net::Endpoint>());
  PADLOCK_CO_TRY(found);
  co_return co_await net::connect(host, std::move(*found), deadline, observer);
}

net::Awaitable<Result<void>> Connection::open(const http::Url& url, std::shared_ptr<const Trust> trust,
                                              SecurityVerdict& security) {
  security = {};
  security.host = url.host;
  security.authority = url.authority();
  auto socket = co_await connect(url);
  PADLOCK_CO_TRY(socket);
  net::Observer* const observer = options_.observer != nullptr ? options_.observer->net() : nullptr;
  if (!url.secure()) {
    security.level = SecurityLevel::not_secure;
    stream_ = std::make_unique<net::PlainStream>(std::move(*socket), net::Sender::client, observer);
    co_return Result<void>{};
  }
  auto config = std::make_shared<tls::ClientConfig>();
  config->policy = options_.policy;
  config->max_version = options_.max_version;
  config->groups = options_.groups;
  config->cipher_suites = options_.cipher_suites;
  // HTTP/2 forbids the suites that `legacy` adds (RFC 9113, section 9.2.2).
  if (max_version_ == HttpVersion::HTTP_2 && options_.policy != tls::Policy::legacy)
    config->alpn.emplace_back(alpn_of(HttpVersion::HTTP_2));
  config->alpn.emplace_back(alpn_of(HttpVersion::HTTP_1_1));
  config->resumption = options_.sessions != nullptr;
  config->certificates = credential_ != nullptr;
  auto& provider = net::Resources::of(co_await asio::this_coro::executor).provider();
  security.notes = trust->notes;
  if (options_.policy == tls::Policy::legacy)
    security.notes.emplace_back("the policy is legacy: an old server gets DHE, static RSA and CBC, too");
  std::error_code gone;  // a socket that has died already ends the handshake soon
  judge_ = std::make_unique<ChainJudge>(std::move(trust), provider, options_, url.host + ":" + std::to_string(url.port),
                                        net::from_asio(socket->remote_endpoint(gone)), credential_);
  auto tls = tls::Connection::client(std::move(config), url.host, provider,
                                     options_.observer != nullptr ? options_.observer->tls() : nullptr,
                                     options_.key_log, judge_->resumption());
  auto stream = std::make_unique<net::TlsStream>(std::move(*socket), std::move(tls), *judge_, observer);
  const auto shaken = co_await stream->handshake(within(options_.handshake_timeout));
  security.connection = stream->info();
  security.verdict = judge_->verdict(stream->info().resumed);
  security.notes.insert(security.notes.end(), judge_->notes().begin(), judge_->notes().end());
  security.level =
      shaken && security.verdict && security.verdict->trusted ? SecurityLevel::locked : SecurityLevel::broken;
  if (!shaken) security.error = shaken.error();
  if (shaken && security.verdict) security.error = security.verdict->error;
  stream_ = std::move(stream);
  if (!shaken) co_await close();
  co_return shaken;
}

net::Awaitable<void> Connection::close() {
  if (!stream_) co_return;
  const auto closed = co_await stream_->close(net::deadline_in(std::chrono::seconds(0)));
  static_cast<void>(closed);  // what was fetched is whole; a server that is gone already needs no farewell
}

}  // namespace padlock::client
