#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "padlock/base/instant.h"
#include "padlock/crypto/hkdf.h"
#include "padlock/net/address.h"
#include "padlock/net/awaitable.h"
#include "padlock/server/handler.h"
#include "padlock/server/route/helper_thread.h"
#include "padlock/server/route/rate_limit.h"

namespace padlock::server {

/// Who may see a site: those with a name and a password.
struct AuthConfig {
  std::string realm = "restricted";
  std::filesystem::path users;
  bool pass = false;  ///< Authorization goes on to other servers
  friend bool operator==(const AuthConfig&, const AuthConfig&) = default;
};

/// A name and a password, as a client gives them.
struct Credential {
  std::string name, password;
};

/// Reads `Authorization: Basic ...` (RFC 7617, section 2); nothing: there is none, more than one, or it is malformed.
std::optional<Credential> parse_basic_credential(const http::Fields& fields);

/// The Basic scheme (RFC 7617). Passwords are checked on a thread of its own; good ones are known again for a while by
/// a keyed hash of them, and a client that is wrong too often must wait. The file is read for each check, so changes
/// count at once but for who is known already. From any thread.
class BasicAuth {
 public:
  /// Errors: those of PasswordFile::read.
  static Result<std::shared_ptr<BasicAuth>> open(const AuthConfig& config);

  /// 401 where no good credential is given, 429 where too many were wrong; nothing: it is good.
  net::Awaitable<std::optional<Answer>> refuse(const http::Request& request, const net::IpAddress& client,
                                               Instant now) const;

 private:
  using Mark = std::array<std::uint8_t, 32>;
  BasicAuth(AuthConfig config, Bytes key);
  Mark mark_of(const Credential& credential) const;
  bool is_known(const Mark& mark, std::chrono::nanoseconds now) const;
  void remember(const Mark& mark, std::chrono::nanoseconds now) const;
  Answer challenge(WallTime now) const;

  AuthConfig config_;
  crypto::Hmac marker_;
  mutable std::mutex mutex_;
  mutable std::map<Mark, std::chrono::nanoseconds> known_;  ///< until when
  mutable RateLimiter failures_;
  mutable HelperThread helper_;
};

}  // namespace padlock::server
