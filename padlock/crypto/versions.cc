#include "padlock/crypto/versions.h"

#include "padlock/crypto/ipsec_mb/aead.h"
#include "padlock/crypto/libcrypto/provider.h"

namespace padlock::crypto {

std::vector<LibraryVersion> library_versions() {
  std::vector<LibraryVersion> libraries{{.name = "libcrypto", .version = libcrypto::version()}};
  if (!ipsec_mb::version().empty()) libraries.push_back({.name = "libipsec-mb", .version = ipsec_mb::version()});
  return libraries;
}

std::string active_aead_library() { return ipsec_mb::usable() ? "libipsec-mb" : "libcrypto"; }

}  // namespace padlock::crypto
