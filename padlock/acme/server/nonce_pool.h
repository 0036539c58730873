#pragma once

#include <deque>
#include <set>
#include <string>
#include <string_view>

#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"

namespace padlock::acme {

/// 128 random bits in base64url: a nonce, a token, the name of a resource. Errors: those of randomness.
Result<std::string> random_name(crypto::Provider& provider);

/// The nonces that a server has given out and that nobody has used (RFC 8555, section 6.5): so many and no more; then
/// the oldest are no longer good. They are in no file: after a restart clients are told badNonce and try again.
class NoncePool {
 public:
  /// Errors: those of randomness.
  Result<std::string> make(crypto::Provider& provider);
  /// True, once, for a nonce that was made here.
  bool use(std::string_view nonce);
  std::size_t size() const { return good_.size(); }

 private:
  std::set<std::string, std::less<>> good_;
  std::deque<std::string> by_age_;  ///< with those that were used
};

}  // namespace padlock::acme
