#include "padlock/ca/trust/root_store.h"

#include "padlock/crypto/hash.h"

namespace padlock::ca {
namespace {
constexpr std::size_t name_digits = 8;
}

std::string_view name_of(StoreKind kind) {
  switch (kind) {
    case StoreKind::system: return "system";
    case StoreKind::chromium: return "chromium";
    case StoreKind::firefox: return "firefox";
  }
  return "?";
}

std::string_view name_of(Presence presence) {
  switch (presence) {
    case Presence::yes: return "yes";
    case Presence::no: return "no";
    case Presence::absent: return "absent";
    case Presence::unknown: return "unknown";
  }
  return "?";
}

std::string fingerprint_of(Bytes der) { return to_hex(crypto::hash_of(crypto::HashAlgorithm::sha256, der)); }

std::string store_name_of(std::string_view fingerprint) {
  return "padlock-local-ca-" + std::string(fingerprint.substr(0, name_digits));
}

}  // namespace padlock::ca
