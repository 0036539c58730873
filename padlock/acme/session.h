#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "padlock/acme/jws.h"
#include "padlock/acme/message.h"
#include "padlock/acme/objects.h"
#include "padlock/base/instant.h"
#include "padlock/base/result.h"

namespace padlock::acme {

/// Something to ask an ACME server for.
struct Call {
  enum class Signing : std::uint8_t {
    none,        ///< a GET, as for the directory and renewal information
    by_key,      ///< with the key itself: nobody knows the account yet
    by_account,  ///< with the account's URL
  };
  std::string url;
  std::optional<std::string> payload{};  ///< JSON; nothing: POST-as-GET (RFC 8555, section 6.3)
  Signing signing = Signing::by_account;
  std::string_view accept = "application/json";
  std::string_view doing = "the request";  ///< for errors
};

/// A refusal by the server.
struct Refusal {
  std::optional<Problem> problem;  ///< nothing: its body says nothing
  Error error;
  std::optional<std::chrono::seconds> retry_after{};
};

/// What one ACME server and one account of it are to us: directory, account URL, and the nonce for the next request.
/// It makes signed requests and reads what every response has (RFC 8555, section 6). A calculation; one call at a time.
class Session {
 public:
  /// Error: `rules::url_not_https`, those of `http::parse_url`.
  static Result<Session> make(std::string_view directory_url, AccountKey key);

  const std::string& directory_url() const { return directory_url_; }
  const Origin& origin() const { return origin_; }
  const std::optional<Directory>& directory() const { return directory_; }
  void set_directory(Directory directory) { directory_ = std::move(directory); }
  const AccountKey& key() const { return key_; }
  void set_key(AccountKey key) { key_ = std::move(key); }
  /// The account's URL, once there is one; empty: not registered.
  const std::string& account_url() const { return account_url_; }
  /// Error: it is not on the server's origin.
  Result<void> set_account_url(std::string_view url);
  void forget_account() { account_url_.clear(); }

  /// A new call: what was tried for another one does not count.
  void begin_call() { tries_ = 0; }
  /// The next request of a call: for a nonce first, if there is none. A signed call needs the directory (asserted).
  Result<Request> request_for(const Call& call);
  /// What the response to that request is. `std::monostate`: the call goes on with `request_for`.
  /// Errors, which are no refusals: `rules::nonce_missing`, `nonce_refused`, those of problem documents.
  using Outcome = std::variant<std::monostate, Reply, Refusal>;
  Result<Outcome> take(const Call& call, const Response& response, Instant now);

 private:
  Session(std::string directory_url, Origin origin, AccountKey key)
      : directory_url_(std::move(directory_url)), origin_(std::move(origin)), key_(std::move(key)) {}
  Result<Outcome> take_refusal(const Call& call, const Response& response, Instant now);

  std::string directory_url_;
  Origin origin_;
  AccountKey key_;
  std::optional<Directory> directory_;
  std::string account_url_;
  std::string nonce_;
  bool asked_for_nonce_ = false;  ///< the request that is out is newNonce
  unsigned tries_ = 0;            ///< of the call that is out
};

}  // namespace padlock::acme
