#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/client/fetch.h"
#include "padlock/net/key_log_file.h"

namespace CLI {
class App;
}

namespace padlock::cli {

/// The flags of curl that `get` and `explain` share, as typed.
struct FetchFlags {
  std::string url;
  std::string method;
  std::vector<std::string> headers;
  std::vector<std::string> data;
  std::string user;
  std::vector<std::string> cacert;
  std::string revocation = "soft";
  std::vector<std::string> crl;
  std::string crlite;
  std::string cert;
  std::string key;
  std::vector<std::string> resolve;
  std::vector<std::string> connect_to;
  double max_time = 0;  ///< seconds; 0: none
  std::string tls;      ///< empty: 1.3, or 1.2 where the server has no better
  std::string policy = "intermediate";
  std::string kx;             ///< empty: any of the policy's
  std::string groups;         ///< empty: the defaults
  std::string cipher_suites;  ///< likewise
  std::string keylog;
  unsigned max_redirects = 10;
  bool head = false;
  bool follow = false;
  bool fail = false;
  bool http1_1 = false;
  bool http2 = false;
  bool insecure = false;
  bool dangerous_accept_any_certificate = false;
};

/// Declares them. `flags` lives as long as `app`.
void add_fetch_flags(CLI::App& app, FetchFlags& flags);
/// Those of them that are about connecting and TLS, for commands that send no request.
void add_connection_flags(CLI::App& app, FetchFlags& flags);

/// A fetch that is ready to run but for its sinks and observer.
struct PreparedFetch {
  client::FetchRequest request;
  client::FetchOptions options;
  std::unique_ptr<net::KeyLogFile> key_log;  ///< options.key_log points at it
};

/// Reads the flags, and SSLKEYLOGFILE. Errors: client::rules::bad_option, those of files.
Result<PreparedFetch> prepare_fetch(const FetchFlags& flags);

/// Says on stderr why `prepare_fetch` failed; that -k is refused needs no more than its one line.
void print_refusal(const Error& error);

/// The red line that goes to stderr when secrets are written to a file.
std::string key_log_warning(const net::KeyLogFile& file);

/// Whether LC_ALL, LC_CTYPE or LANG (the first that is set) says UTF-8.
bool locale_is_utf8();
/// Whether to colour what goes to this descriptor: a terminal, and no NO_COLOR.
bool wants_colour(int descriptor);

}  // namespace padlock::cli
