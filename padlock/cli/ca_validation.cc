#include "padlock/cli/ca_validation.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <utility>

#include <asio/this_coro.hpp>

#include "padlock/acme/server/evidence.h"
#include "padlock/acme/server/rules.h"
#include "padlock/base/text.h"
#include "padlock/client/async_fetch.h"
#include "padlock/dns/message.h"
#include "padlock/http/message/url.h"
#include "padlock/net/clock.h"
#include "padlock/net/connect.h"
#include "padlock/net/name_server.h"
#include "padlock/net/resolver.h"
#include "padlock/net/tls_stream.h"

namespace padlock::cli {
namespace {

namespace rules = acme::server_rules;
using Addresses = std::vector<net::Endpoint>;

/// For one look, redirects and look-ups included.
constexpr std::chrono::seconds patience{10};
/// A key authorization has about 90 bytes.
constexpr std::size_t most_body = 1024;
constexpr int most_redirects = 4;
/// From one alias to the next.
constexpr int most_aliases = 8;

/// What one look has.
struct Look {
  acme::ChallengeAnswer wanted;
  ValidationPlaces places;
  crypto::Provider& provider;
  net::Deadline deadline = net::deadline_in(patience);
};

std::unexpected<Error> failed(const Rule& rule, const Look& look, const std::string& what) {
  return broken(rule, look.wanted.identifier.value + ": " + what);
}

// ---- names ----------------------------------------------------------------------------------------------------------

std::optional<dns::Name> alias_in(const dns::Message& message, const dns::Name& name) {
  const auto aliases = message.find(name, dns::Type::CNAME);
  return aliases.empty() ? std::nullopt : std::optional(aliases.front()->target);
}

/// What the records of this type hold, at the end of aliases; none is no error.
net::Awaitable<Result<std::vector<std::vector<std::uint8_t>>>> records_of(const Look& look, std::string host,
                                                                          dns::Type type) {
  std::vector<std::vector<std::uint8_t>> found;
  auto name = dns::Name::parse(host);
  if (!name) co_return failed(rules::validation_dns, look, name.error().what);
  const net::Endpoint server = look.places.resolver ? *look.places.resolver : net::system_name_servers().front();
  for (int aliases = 0; aliases < most_aliases; ++aliases) {
    dns::Question question{*name, type};
    const auto answer = co_await net::ask_name_server(server, std::move(question), true, look.provider, look.deadline);
    if (!answer) co_return failed(rules::validation_dns, look, answer.error().what);
    if (answer->code != dns::ResponseCode::NoError && answer->code != dns::ResponseCode::NXDomain)
      co_return failed(rules::validation_dns, look, "the resolver says " + dns::name_of(answer->code) + " to " + host);
    dns::Name end = *name;
    for (int within = 0; within < most_aliases; ++within) {
      const auto next = alias_in(*answer, end);
      if (!next) break;
      end = *next;
    }
    for (const dns::Record* const record : answer->find(end, type)) found.push_back(record->data);
    if (!found.empty() || end == *name) break;
    *name = end;
  }
  co_return found;
}

net::Awaitable<Result<Addresses>> resolve(const Look& look, std::string host, std::uint16_t port) {
  const bool known = x509::parse_ip_address(host).has_value() || net::is_localhost_name(host);
  Addresses addresses;
  if (known || !look.places.resolver) {
    auto found = co_await net::resolve(host, port, look.deadline);
    if (!found) co_return failed(rules::validation_dns, look, found.error().what);
    addresses = *std::move(found);
  } else {
    for (const dns::Type type : {dns::Type::AAAA, dns::Type::A}) {
      const auto found = co_await records_of(look, host, type);
      if (!found) co_return std::unexpected(found.error());
      for (const auto& bytes : *found) {
        net::IpAddress address;
        if (bytes.size() != (type == dns::Type::A ? 4U : 16U)) continue;
        address.length = bytes.size();
        copy_bytes(bytes, address.bytes);
        addresses.push_back({.address = address, .port = port});
      }
    }
  }
  if (addresses.empty()) co_return failed(rules::validation_dns, look, "no address has the name " + escaped(host));
  co_return addresses;
}

// ---- http-01 --------------------------------------------------------------------------------------------------------

/// One response, its redirects not followed.
struct Seen {
  int status = 0;
  std::optional<std::string> location;
  std::string body;
};

net::Awaitable<Result<Seen>> fetch_once(const Look& look, http::Url url) {
  auto addresses = co_await resolve(look, url.host, url.port);
  if (!addresses) co_return std::unexpected(std::move(addresses).error());
  Seen seen;
  client::FetchOptions options;
  options.trust.dangerous_accept_any_certificate = true;  // who asks for a certificate has none yet that counts
  options.revocation.mode = x509::RevocationMode::off;
  options.max_time = std::chrono::duration_cast<std::chrono::milliseconds>(patience);
  client::ResolveEntry entry{.host = url.host, .port = url.port, .addresses = {}};
  for (const net::Endpoint& one : *addresses) entry.addresses.push_back(one.address);
  options.resolve.push_back(std::move(entry));
  options.on_body = [&](Bytes bytes) -> Result<void> {
    if (seen.body.size() + bytes.size() > most_body) return broken(rules::incorrect_response, "the answer is too long");
    seen.body += as_text(bytes);
    return {};
  };
  client::FetchRequest request{.url = url.to_string(), .method = "GET", .fields = {}, .without = {}, .body = {}};
  const auto outcome = co_await client::async_fetch(std::move(request), options);
  if (outcome.response) {
    seen.status = outcome.response->status;
    if (const auto location = outcome.response->fields.find("Location")) seen.location.emplace(*location);
  }
  const bool redirected = seen.status >= 300 && seen.status < 400;
  if (outcome.error && !redirected) {
    const Rule& rule =
        outcome.error->rule == &rules::incorrect_response ? rules::incorrect_response : rules::validation_connection;
    co_return failed(rule, look, outcome.error->what);
  }
  co_return seen;
}

/// A redirect leads to the two ports where challenges are looked for, and to no other service of whatever host.
Result<http::Url> redirected(const Look& look, const http::Url& from, std::string_view location) {
  const auto to = http::resolve_url(from, location);
  if (!to) return failed(rules::incorrect_response, look, "it is sent on to no URL");
  const bool allowed = to->port == (to->secure() ? look.places.https_port : look.places.http_port);
  if (!allowed) return failed(rules::incorrect_response, look, "it is sent on to port " + std::to_string(to->port));
  return *to;
}

net::Awaitable<Result<void>> validate_http(const Look& look) {
  const acme::Identifier& identifier = look.wanted.identifier;
  http::Url url{.scheme = "http",
                .host = identifier.value,
                .ipv6 = identifier.value.find(':') != std::string::npos,
                .port = look.places.http_port,
                .path = std::string(acme::http_01_folder) + look.wanted.token,
                .query = {}};
  for (int redirects = 0; redirects <= most_redirects; ++redirects) {
    auto seen = co_await fetch_once(look, url);
    if (!seen) co_return std::unexpected(std::move(seen).error());
    if (seen->status == 200) co_return acme::check_http_01(look.wanted, seen->body);
    if (seen->status < 300 || seen->status >= 400 || !seen->location)
      co_return failed(rules::incorrect_response, look, "the answer has status " + std::to_string(seen->status));
    auto next = redirected(look, url, *seen->location);
    if (!next) co_return std::unexpected(std::move(next).error());
    url = *std::move(next);
  }
  co_return failed(rules::incorrect_response, look, "it is sent on and on");
}

// ---- tls-alpn-01 ----------------------------------------------------------------------------------------------------

/// Takes the certificate that proves the name, and no other.
class ChallengeJudge final : public net::Responder {
 public:
  explicit ChallengeJudge(const acme::ChallengeAnswer& wanted) : wanted_(wanted) {}
  net::NowOrLater<tls::PeerVerified> verify(const tls::ChainVerificationWanted& question) override {
    seen_ = question.chain.empty() ? Result<void>(broken(rules::incorrect_response, "no certificate was shown"))
                                   : acme::check_tls_alpn_01(wanted_, question.chain.front());
    if (!seen_) return Result<tls::PeerVerified>(std::unexpected(seen_.error()));
    return Result<tls::PeerVerified>(tls::PeerVerified::by_caller());
  }
  const Result<void>& seen() const { return seen_; }

 private:
  const acme::ChallengeAnswer& wanted_;
  Result<void> seen_;
};

net::Awaitable<Result<void>> validate_tls(const Look& look) {
  auto addresses = co_await resolve(look, look.wanted.identifier.value, look.places.https_port);
  if (!addresses) co_return std::unexpected(std::move(addresses).error());
  auto socket = co_await net::connect(look.wanted.identifier.value, *std::move(addresses), look.deadline);
  if (!socket) co_return failed(rules::validation_connection, look, socket.error().what);
  auto config = std::make_shared<tls::ClientConfig>();
  config->policy = tls::Policy::intermediate;
  config->alpn = {std::string(acme::acme_tls_protocol)};
  config->grease = false;  // that protocol alone is offered (RFC 8737, section 3)
  ChallengeJudge judge(look.wanted);
  auto tls =
      tls::Connection::client(std::move(config), acme::tls_alpn_01_server_name(look.wanted.identifier), look.provider);
  net::TlsStream stream(*std::move(socket), std::move(tls), judge);
  const auto shaken = co_await stream.handshake(look.deadline);
  const auto alpn = stream.info().alpn;
  const auto closed = co_await stream.close(net::deadline_in(std::chrono::seconds(0)));
  static_cast<void>(closed);  // all is seen
  if (!judge.seen()) co_return judge.seen();
  if (!shaken) co_return failed(rules::validation_tls, look, shaken.error().what);
  if (alpn != acme::acme_tls_protocol) co_return failed(rules::validation_tls, look, "acme-tls/1 is not spoken there");
  co_return Result<void>();
}

// ---- dns-01 and dns-persist-01 --------------------------------------------------------------------------------------

net::Awaitable<Result<void>> validate_dns(const Look& look) {
  const bool persistent = look.wanted.type == acme::ChallengeType::dns_persist_01;
  const std::string place =
      persistent ? acme::persistent_record_name(look.wanted.identifier) : acme::dns_01_name(look.wanted.identifier);
  const auto found = co_await records_of(look, place, dns::Type::TXT);
  if (!found) co_return std::unexpected(found.error());
  std::vector<std::string> texts;
  for (const auto& data : *found) {
    if (auto text = dns::parse_txt(data)) texts.push_back(*std::move(text));
  }
  if (persistent) co_return acme::check_dns_persist_01(look.wanted, texts, net::now().wall);
  co_return acme::check_dns_01(look.wanted, texts);
}

}  // namespace

net::Awaitable<Result<void>> validate(acme::ChallengeAnswer wanted, ValidationPlaces places,
                                      crypto::Provider& provider) {
  const Look look{.wanted = std::move(wanted), .places = places, .provider = provider};
  switch (look.wanted.type) {
    case acme::ChallengeType::http_01: co_return co_await validate_http(look);
    case acme::ChallengeType::tls_alpn_01: co_return co_await validate_tls(look);
    case acme::ChallengeType::dns_01:
    case acme::ChallengeType::dns_persist_01: break;
  }
  co_return co_await validate_dns(look);
}

}  // namespace padlock::cli
