#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/base/text.h"
#include "padlock/client/exit_code.h"
#include "padlock/client/http_version.h"
#include "padlock/client/observer.h"
#include "padlock/client/session_store.h"
#include "padlock/client/trust.h"
#include "padlock/client/verdict.h"
#include "padlock/http/message/message.h"
#include "padlock/net/address.h"
#include "padlock/tls/connection.h"

namespace padlock::client {

/// curl's `--resolve HOST:PORT:ADDRESS[,ADDRESS]...`: these addresses instead of a look-up.
struct ResolveEntry {
  std::string host;
  std::uint16_t port;
  std::vector<net::IpAddress> addresses;
};
/// Errors: rules::bad_option.
Result<ResolveEntry> parse_resolve_entry(std::string_view text);

/// curl's `--connect-to HOST1:PORT1:HOST2:PORT2`: connect there instead; names in TLS and HTTP stay as they are. An
/// empty HOST1 or PORT1 stands for any, an empty HOST2 or PORT2 for the same.
struct ConnectTo {
  std::string host;
  std::optional<std::uint16_t> port;
  std::string to_host;
  std::optional<std::uint16_t> to_port;
};
/// Errors: rules::bad_option.
Result<ConnectTo> parse_connect_to(std::string_view text);

/// What to fetch.
struct FetchRequest {
  std::string url;  ///< "https://host[:port]/path"; without a scheme https is meant
  std::string method = "GET";
  http::Fields fields;  ///< besides User-Agent and Accept, which are added if missing; a Host replaces the URL's
  std::vector<std::string> without;  ///< names of fields that are not added
  std::optional<std::vector<std::uint8_t>> body;
};

/// Takes the body as it comes; an error stops the fetch (rules::sink_failed keeps curl's number 23).
using BodySink = std::function<Result<void>(Bytes)>;
/// Takes the final response's head before its body. The verdict stands by then.
using HeadSink = std::function<Result<void>(const http::Response&, HttpVersion)>;

/// What to make of revocation.
struct RevocationOptions {
  x509::RevocationMode mode = x509::RevocationMode::soft;
  bool fetch = true;  ///< ask the CA where the handshake does not tell
  /// A folder with CRLite filters; nothing: where upki keeps them, if it does (client/crlite_cache.h).
  std::optional<std::filesystem::path> crlite_folder{};
};

/// How to fetch. Safe as it stands.
struct FetchOptions {
  TrustOptions trust;
  RevocationOptions revocation;
  tls::Policy policy = tls::Policy::intermediate;
  tls::ProtocolVersion max_version = tls::ProtocolVersion::TLS_1_3;
  /// HTTP/2: offered beside HTTP/1.1 in TLS, and the server chooses. Plain http is HTTP/1.1 always, and so is the
  /// policy `legacy`, whose suites HTTP/2 forbids (RFC 9113, section 9.2.2).
  HttpVersion max_http_version = HttpVersion::HTTP_2;
  std::vector<tls::NamedGroup> groups = tls::default_groups();  ///< best first
  std::vector<tls::CipherSuite> cipher_suites = tls::default_cipher_suites();
  bool follow_redirects = false;
  unsigned max_redirects = 10;                          ///< docs/threats.md, H22
  bool fail_on_http_error = false;                      ///< curl's -f: 400 and above is an error, the body is withheld
  std::optional<std::chrono::milliseconds> max_time;    ///< for all of it, redirects included
  std::chrono::milliseconds connect_timeout{30'000};    ///< name, TCP
  std::chrono::milliseconds handshake_timeout{10'000};  ///< docs/threats.md, T31
  std::chrono::milliseconds stall_timeout{60'000};      ///< nothing of request or response moves for so long
  std::vector<ResolveEntry> resolve;
  std::vector<ConnectTo> connect_to;
  HeadSink on_head;  ///< empty: not wanted
  BodySink on_body;  ///< empty: the body is dropped
  FetchObserver* observer = nullptr;
  tls::KeyLog* key_log = nullptr;
  /// Sessions of earlier fetches under the same trust; null: every connection shows its certificates.
  std::shared_ptr<SessionStore> sessions{};
  /// Shown to a server that asks for one, if it is of the first URL's origin: no redirect takes it elsewhere.
  std::shared_ptr<const tls::Credential> credential{};
};

/// What came of it. Readable as far as it went when `error` is set.
struct FetchOutcome {
  std::optional<Error> error;
  std::string url;                          ///< the last one, after redirects
  std::vector<std::string> redirects;       ///< URLs before it, in order
  std::optional<http::Response> response;   ///< the final head
  std::optional<HttpVersion> http_version;  ///< of the last connection; nothing: none came about
  std::uint64_t body_bytes = 0;
  SecurityVerdict security;               ///< of the last connection
  Stage stage = Stage::before_connected;  ///< of the last connection
  /// 0, or curl's number for the error (client/exit_code.h).
  int exit_code() const { return error ? exit_code_of(*error, stage) : 0; }
};

/// Fetches a URL and waits for it. Blocking; for any thread. The certificate is verified before the request leaves.
FetchOutcome fetch(const FetchRequest& request, const FetchOptions& options);

}  // namespace padlock::client
