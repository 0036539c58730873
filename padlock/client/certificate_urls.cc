#include "padlock/client/certificate_urls.h"

#include <memory>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/client/http1_exchange.h"
#include "padlock/client/rules.h"
#include "padlock/http/message/url.h"
#include "padlock/net/connect.h"
#include "padlock/net/plain_stream.h"
#include "padlock/net/resolver.h"

namespace padlock::client {
namespace {

http::Request request_of(const UrlQuestion& question, const http::Url& url) {
  http::Request request{question.body.empty() ? "GET" : "POST", url.scheme, url.authority(), url.target(), {}};
  request.fields.add("User-Agent", "padlock");
  request.fields.add("Accept", "*/*");
  if (!question.content_type.empty()) request.fields.add("Content-Type", question.content_type);
  if (!question.etag.empty()) request.fields.add("If-None-Match", question.etag);
  if (!question.last_modified.empty()) request.fields.add("If-Modified-Since", question.last_modified);
  return request;
}

std::unexpected<Error> refused(const UrlQuestion& question, std::string_view why) {
  return broken(rules::certificate_url_refused, escaped(question.url) + " " + std::string(why));
}

Result<http::Url> checked_url(const UrlQuestion& question) {
  auto url = http::parse_url(question.url);
  if (!url) return refused(question, "is no good URL");
  if (url->secure()) return refused(question, "is https, which would need certificates itself");
  return *std::move(url);
}

/// Takes the head that promises the answer, and notes what it says about it.
Result<BodyUse> judge(const http::Response& response, const std::string& url, UrlAnswer& answer) {
  const auto field = [&response](std::string_view name) {
    return std::string(response.fields.find(name).value_or(""));
  };
  answer.not_modified = response.status == 304;
  answer.etag = field("ETag");
  answer.last_modified = field("Last-Modified");
  if (answer.not_modified) return BodyUse::drop;
  if (response.status == 200) return BodyUse::sink;
  return broken(rules::certificate_url_failed, escaped(url) + " answered " + std::to_string(response.status));
}

net::Awaitable<Result<UrlAnswer>> exchange(net::Stream& stream, const UrlQuestion& question, const http::Url& url,
                                           net::Deadline end) {
  UrlAnswer answer;
  FetchOptions options;
  options.on_body = [&](Bytes bytes) -> Result<void> {
    if (answer.body.size() + bytes.size() > question.most_bytes)
      return broken(rules::certificate_url_failed,
                    escaped(question.url) + " sends more than " + std::to_string(question.most_bytes) + " bytes");
    answer.body.insert(answer.body.end(), bytes.begin(), bytes.end());
    return {};
  };
  Http1Exchange exchange(stream, options, end,
                         [&](const http::Response& response) { return judge(response, question.url, answer); });
  const auto body = question.body.empty() ? std::nullopt : std::optional(question.body);
  auto done = co_await exchange.run(request_of(question, url), body);
  PADLOCK_CO_TRY(done);
  co_return std::move(answer);
}

}  // namespace

/// An address that only some can reach is for a server that is among them.
std::vector<net::Endpoint> CertificateUrls::allowed(std::vector<net::Endpoint> addresses) const {
  if (!reach_) return addresses;
  std::erase_if(addresses, [this](const net::Endpoint& one) {
    const net::Reach reach = net::reach_of(one.address);
    return reach != net::Reach::public_use && reach != reach_;
  });
  return addresses;
}

net::Awaitable<Result<UrlAnswer>> CertificateUrls::ask(UrlQuestion question) {
  auto url = checked_url(question);
  PADLOCK_CO_TRY(url);
  if (left_ == 0) co_return refused(question, "is one URL more than are followed for one connection");
  --left_;
  auto found = co_await net::resolve(url->host, url->port, end_);
  PADLOCK_CO_TRY(found);
  auto addresses = allowed(std::move(*found));
  if (addresses.empty()) co_return refused(question, "leads to this machine or network, where the server is not");
  auto socket = co_await net::connect(url->host, std::move(addresses), end_, nullptr);
  PADLOCK_CO_TRY(socket);
  net::PlainStream stream(std::move(*socket), net::Sender::client, nullptr);
  co_return co_await exchange(stream, question, *url, end_);
}

}  // namespace padlock::client
