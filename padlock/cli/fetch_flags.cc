#include "padlock/cli/fetch_flags.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include <CLI/CLI.hpp>

#include "padlock/base/text.h"
#include "padlock/cli/command.h"
#include "padlock/cli/tls_names.h"
#include "padlock/client/limits.h"
#include "padlock/client/rules.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/credential_files.h"
#include "padlock/tls/config.h"
#include "padlock/tls/credential.h"
#include "padlock/tls/policy.h"

namespace padlock::cli {
namespace {

constexpr std::size_t most_data_bytes = 64 << 20;  // -d @FILE is held in memory
constexpr double most_seconds = 1e9;               // -m: thirty years, which milliseconds in 64 bits hold easily

/// What -m takes; empty, or what is wrong with it. "nan" is a number for who reads one, so it is asked for by range.
std::string refuse_seconds(const std::string& text) {
  double seconds = -1;
  const auto* const end = std::to_address(text.end());
  const auto [stopped, error] = std::from_chars(std::to_address(text.begin()), end, seconds);
  const bool good = error == std::errc() && stopped == end && seconds >= 0 && seconds <= most_seconds;
  return good ? "" : "takes seconds, such as 2.5, not " + escaped(text);
}

std::unexpected<Error> refused(std::string what) { return broken(client::rules::bad_option, std::move(what)); }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  const auto begin = std::min(text.find_first_not_of(blanks), text.size());
  const auto end = text.find_last_not_of(blanks);
  return end == std::string_view::npos ? std::string_view() : text.substr(begin, end + 1 - begin);
}

/// curl's -H: "Name: value" adds, "Name:" leaves out, "Name;" adds with an empty value.
Result<void> add_header(const std::string& text, client::FetchRequest& request) {
  const auto colon = text.find(':');
  if (colon == std::string::npos && text.ends_with(';')) {
    request.fields.add(std::string_view(text).substr(0, text.size() - 1), "");
    return {};
  }
  if (colon == std::string::npos || colon == 0)
    return refused("-H takes \"Name: value\", not \"" + escaped(text) + "\"");
  const std::string name = text.substr(0, colon);
  const std::string_view value = trimmed(std::string_view(text).substr(colon + 1));
  if (value.empty()) request.without.push_back(name);
  if (!value.empty()) request.fields.add(name, value);
  return {};
}

/// curl's -d: several are joined by "&"; "@FILE" is the file without its line ends.
Result<void> add_data(const std::vector<std::string>& pieces, client::FetchRequest& request) {
  if (pieces.empty()) return {};
  std::string all;
  for (const std::string& piece : pieces) {
    if (!all.empty()) all += '&';
    if (!piece.starts_with('@')) {
      all += piece;
      continue;
    }
    const auto bytes = PADLOCK_TRY(net::read_file(piece.substr(1), most_data_bytes));
    std::ranges::copy_if(as_text(bytes), std::back_inserter(all), [](char one) { return one != '\r' && one != '\n'; });
  }
  request.body.emplace(as_bytes(all).begin(), as_bytes(all).end());
  if (request.fields.count("Content-Type") == 0) {
    request.fields.add("Content-Type", "application/x-www-form-urlencoded");
  }
  return {};
}

Result<client::FetchRequest> request_of(const FetchFlags& flags) {
  client::FetchRequest request;
  request.url = flags.url;
  for (const std::string& header : flags.headers) PADLOCK_TRY(add_header(header, request));
  PADLOCK_TRY(add_data(flags.data, request));
  request.method = !flags.method.empty() ? flags.method : flags.head ? "HEAD" : request.body ? "POST" : "GET";
  if (!flags.user.empty()) {
    if (flags.user.find(':') == std::string::npos) return refused("-u takes USER:PASSWORD; nobody is asked for one");
    request.fields.set("Authorization", "Basic " + to_base64(as_bytes(flags.user)));
  }
  return request;
}

/// As with curl, a certificate's file may hold its key too.
Result<std::shared_ptr<const tls::Credential>> credential_of(const FetchFlags& flags) {
  if (flags.cert.empty()) return nullptr;
  const auto provider = crypto::make_provider();
  auto loaded = PADLOCK_TRY(net::load_credential(flags.cert, flags.key.empty() ? flags.cert : flags.key, *provider));
  return std::make_shared<const tls::Credential>(
      tls::add_compressed_forms(std::move(loaded.credential), tls::default_certificate_compression()));
}

Result<void> set_version(const FetchFlags& flags, client::FetchOptions& options) {
  options.policy = tls::find_policy(flags.policy).value_or(options.policy);  // the parser takes no other name
  if (flags.tls == "1.3") options.policy = tls::Policy::modern;
  if (flags.tls == "1.2") options.max_version = tls::ProtocolVersion::TLS_1_2;
  if (tls::versions_of(options.policy, options.max_version).empty())
    return refused("--policy modern speaks TLS 1.3 alone: leave --tls 1.2 out, or the policy");
  return {};
}

/// The suites of one key exchange, which only TLS 1.2 names: TLS 1.3 has (EC)DHE always.
Result<void> set_key_exchange(const FetchFlags& flags, client::FetchOptions& options) {
  if (flags.kx.empty()) return {};
  if (flags.tls != "1.2") return refused("--kx is for TLS 1.2, whose cipher suites name it: add --tls 1.2");
  if (flags.kx != "ecdhe" && options.policy != tls::Policy::legacy)
    return refused("--kx " + flags.kx + " is for old peers alone: add --policy legacy");
  const auto wanted = flags.kx == "rsa"   ? tls::KeyExchange::rsa
                      : flags.kx == "dhe" ? tls::KeyExchange::dhe
                                          : tls::KeyExchange::ecdhe;
  std::erase_if(options.cipher_suites, [&](tls::CipherSuite suite) { return tls::key_exchange_of(suite) != wanted; });
  if (options.cipher_suites.empty()) return refused("none of the --cipher-suites has the key exchange " + flags.kx);
  return {};
}

x509::RevocationMode revocation_mode(std::string_view name) {
  if (name == "off") return x509::RevocationMode::off;
  return name == "hard" ? x509::RevocationMode::hard : x509::RevocationMode::soft;
}

Result<client::FetchOptions> options_of(const FetchFlags& flags) {
  client::FetchOptions options;
  options.trust.ca_files = flags.cacert;
  options.trust.dangerous_accept_any_certificate = flags.dangerous_accept_any_certificate;
  options.trust.crl_files = flags.crl;
  options.revocation.mode = revocation_mode(flags.revocation);
  if (!flags.crlite.empty()) options.revocation.crlite_folder = flags.crlite;
  PADLOCK_TRY(set_version(flags, options));
  if (!flags.groups.empty()) options.groups = PADLOCK_TRY(parse_groups(flags.groups));
  if (!flags.cipher_suites.empty()) options.cipher_suites = PADLOCK_TRY(parse_cipher_suites(flags.cipher_suites));
  PADLOCK_TRY(set_key_exchange(flags, options));
  options.credential = PADLOCK_TRY(credential_of(flags));
  if (flags.http1_1) options.max_http_version = client::HttpVersion::HTTP_1_1;
  options.follow_redirects = flags.follow;
  options.max_redirects = flags.max_redirects;
  options.fail_on_http_error = flags.fail;
  if (flags.max_time > 0) {
    options.max_time = std::chrono::milliseconds(static_cast<std::int64_t>(flags.max_time * 1000));
  }
  for (const std::string& text : flags.resolve) {
    options.resolve.push_back(PADLOCK_TRY(client::parse_resolve_entry(text)));
  }
  for (const std::string& text : flags.connect_to) {
    options.connect_to.push_back(PADLOCK_TRY(client::parse_connect_to(text)));
  }
  return options;
}

}  // namespace

void add_fetch_flags(CLI::App& app, FetchFlags& flags) {
  app.add_option("url", flags.url, "What to fetch; https is meant where no scheme stands")->required();
  app.add_flag("-I,--head", flags.head, "Ask for the head alone");
  app.add_flag("-f,--fail", flags.fail, "An answer of 400 and above is an error (22), and its body is withheld");
  app.add_flag("-L,--location", flags.follow, "Follow redirects; from https never to plain http");
  app.add_option("--max-redirs", flags.max_redirects, "Redirects to follow at most")
      ->check(CLI::Range(0U, client::limits::redirects))
      ->capture_default_str();
  app.add_option("-H,--header", flags.headers, "Send this field: \"Name: value\"; \"Name:\" leaves ours out")
      ->allow_extra_args(false);
  app.add_option("-d,--data", flags.data, "Send this as a form with POST; @FILE reads it")->allow_extra_args(false);
  app.add_option("-X,--request", flags.method, "Use this method");
  app.add_option("-u,--user", flags.user, "Log in (Basic): USER:PASSWORD");
  auto* http1_1 = app.add_flag("--http1.1", flags.http1_1, "Speak HTTP/1.1 alone");
  app.add_flag("--http2", flags.http2, "Speak HTTP/2 where the server does; what happens anyway")->excludes(http1_1);
  add_connection_flags(app, flags);
}

void add_connection_flags(CLI::App& app, FetchFlags& flags) {
  app.add_option("--cacert", flags.cacert, "Trust the certificates of this PEM file, and nothing else")
      ->allow_extra_args(false);
  app.add_option("--revocation", flags.revocation,
                 "What revocation may decide: soft (a certificate known as revoked is refused), hard (one of which "
                 "nothing is known, too), off")
      ->check(CLI::IsMember({"soft", "hard", "off"}))
      ->capture_default_str();
  app.add_option("--crl", flags.crl, "Use this revocation list, too: PEM or DER")->allow_extra_args(false);
  app.add_option("--crlite", flags.crlite, "Use the CRLite filters in this folder, not those that upki keeps");
  auto* cert = app.add_option("--cert", flags.cert, "Our certificate chain, for servers that ask for one: a PEM file");
  app.add_option("--key", flags.key, "Its private key: a PEM file that nobody else may read")->needs(cert);
  app.add_option("--resolve", flags.resolve, "Use these addresses: HOST:PORT:ADDRESS[,ADDRESS]")
      ->allow_extra_args(false);
  app.add_option("--connect-to", flags.connect_to, "Connect elsewhere: HOST1:PORT1:HOST2:PORT2")
      ->allow_extra_args(false);
  app.add_option("-m,--max-time", flags.max_time, "Give up after so many seconds")
      ->check(CLI::Validator([](const std::string& text) { return refuse_seconds(text); }, "SECONDS"));
  app.add_option("--tls", flags.tls, "The one TLS version to speak, 1.2 or 1.3; without it the server chooses")
      ->check(CLI::IsMember({"1.2", "1.3"}));
  app.add_option("--policy", flags.policy,
                 "What TLS may be: modern (1.3 alone), intermediate (1.2 too), legacy (what old servers need, too)")
      ->check(CLI::IsMember({"modern", "intermediate", "legacy"}))
      ->capture_default_str();
  app.add_option("--kx", flags.kx, "With --tls 1.2: this key exchange alone; rsa and dhe are of --policy legacy")
      ->check(CLI::IsMember({"rsa", "dhe", "ecdhe"}));
  app.add_option("--groups", flags.groups,
                 "Offer these groups for the key exchange alone, best first: X25519MLKEM768,X25519,P-256,P-384,P-521");
  app.add_option("--cipher-suites", flags.cipher_suites,
                 "Offer these suites alone, best first: TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384,"
                 "TLS_CHACHA20_POLY1305_SHA256");
  app.add_option("--keylog", flags.keylog, "Append the connection's secrets to this file, for Wireshark");
  app.add_flag("-k,--insecure", flags.insecure, "Refused: see --cacert and --dangerous-accept-any-certificate");
  app.add_flag("--dangerous-accept-any-certificate", flags.dangerous_accept_any_certificate,
               "Go on though nobody vouches for the server; the verdict stays [BROKEN]");
}

Result<PreparedFetch> prepare_fetch(const FetchFlags& flags) {
  if (flags.insecure) {
    return broken(client::rules::insecure_refused,
                  "-k is refused: trust the server's CA with --cacert FILE, or say --dangerous-accept-any-certificate");
  }
  PreparedFetch prepared{PADLOCK_TRY(request_of(flags)), PADLOCK_TRY(options_of(flags)), nullptr};
  const auto key_log = flags.keylog.empty() ? net::key_log_path_from_environment() : flags.keylog;
  if (key_log) {
    prepared.key_log = std::make_unique<net::KeyLogFile>(PADLOCK_TRY(net::KeyLogFile::open(*key_log)));
    prepared.options.key_log = prepared.key_log.get();
  }
  return prepared;
}

void print_refusal(const Error& error) {
  error.rule == &client::rules::insecure_refused ? print_error(error.what) : print_error(error);
}

std::string key_log_warning(const net::KeyLogFile& file) {
  const std::string text =
      "padlock: the key log is on: whoever has " + escaped(file.path()) + " can read this connection";
  return wants_colour(STDERR_FILENO) ? "\x1b[31m" + text + "\x1b[0m\n" : text + "\n";
}

bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): read at start, by one thread
    if (value == nullptr || std::string_view(value).empty()) continue;
    const std::string lower = to_lower_ascii(value);
    return lower.find("utf-8") != std::string::npos || lower.find("utf8") != std::string::npos;
  }
  return false;
}

bool wants_colour(int descriptor) {
  const char* const no_colour = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe): as above
  return ::isatty(descriptor) == 1 && (no_colour == nullptr || std::string_view(no_colour).empty());
}

}  // namespace padlock::cli
