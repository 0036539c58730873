#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/client/limits.h"
#include "padlock/net/address.h"
#include "padlock/net/awaitable.h"
#include "padlock/net/clock.h"

namespace padlock::client {

/// What to ask at a URL. Give it a name before it is moved into `ask`: g++ 12 destroys one twice that is made within a
/// co_await expression.
struct UrlQuestion {
  std::string url;
  std::size_t most_bytes = 0;           ///< of the answer
  std::vector<std::uint8_t> body{};     ///< empty: GET; else POST
  std::string_view content_type{};      ///< of the body
  std::string etag{}, last_modified{};  ///< of what we have (RFC 9110, section 13.1); empty: nothing
};
struct UrlAnswer {
  bool not_modified = false;  ///< 304: what we have is still right
  std::vector<std::uint8_t> body;
  std::string etag, last_modified;
};

/// Follows URLs that stand in a server's certificates: CRLs, OCSP responders, issuers (docs/threats.md, P10). They are
/// the server's word, so they lead only by plain http (what comes is signed), never by a redirect, and never to
/// addresses of this machine, link or network unless the server itself is there; at most `limits::certificate_fetches`
/// of them and until one deadline. No cookies, no credentials.
class CertificateUrls {
 public:
  /// `server`: where the certificates came from.
  CertificateUrls(const net::Endpoint& server, net::Deadline end) : reach_(net::reach_of(server.address)), end_(end) {}

  /// Those of certificates that our user serves: they may lead to any address.
  static CertificateUrls of_our_own(net::Deadline end) { return CertificateUrls(end); }

  bool exhausted() const { return left_ == 0; }
  /// Errors: `rules::certificate_url_refused`, `rules::certificate_url_failed`, those of net and http.
  net::Awaitable<Result<UrlAnswer>> ask(UrlQuestion question);

 private:
  explicit CertificateUrls(net::Deadline end) : end_(end) {}
  std::vector<net::Endpoint> allowed(std::vector<net::Endpoint> addresses) const;

  std::optional<net::Reach> reach_;  ///< of the server; nothing: every address will do
  net::Deadline end_;
  std::size_t left_ = limits::certificate_fetches;
};

}  // namespace padlock::client
