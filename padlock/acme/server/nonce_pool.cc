#include "padlock/acme/server/nonce_pool.h"

#include <array>

#include "padlock/acme/server/limits.h"
#include "padlock/base/text.h"

namespace padlock::acme {

Result<std::string> random_name(crypto::Provider& provider) {
  std::array<std::uint8_t, server_limits::random_bytes> bytes{};
  PADLOCK_TRY(provider.random(bytes));
  return to_base64url(bytes);
}

Result<std::string> NoncePool::make(crypto::Provider& provider) {
  std::string nonce = PADLOCK_TRY(random_name(provider));
  if (by_age_.size() >= server_limits::nonces) {
    good_.erase(by_age_.front());
    by_age_.pop_front();
  }
  good_.insert(nonce);
  by_age_.push_back(nonce);
  return nonce;
}

bool NoncePool::use(std::string_view nonce) {
  const auto found = good_.find(nonce);
  if (found == good_.end()) return false;
  good_.erase(found);
  return true;
}

}  // namespace padlock::acme
