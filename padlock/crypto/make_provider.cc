#include "padlock/crypto/ipsec_mb/aead.h"
#include "padlock/crypto/lanes/x25519.h"
#include "padlock/crypto/libcrypto/aead.h"
#include "padlock/crypto/libcrypto/provider.h"
#include "padlock/crypto/provider.h"

namespace padlock::crypto {

std::unique_ptr<Provider> make_provider(AeadBackend backend) {
  if (backend == AeadBackend::libcrypto) return libcrypto::make_provider(libcrypto::make_aead, {}, false);
  const bool ipsec_mb = ipsec_mb::usable();
  return libcrypto::make_provider(ipsec_mb ? ipsec_mb::make_aead : libcrypto::make_aead,
                                  ipsec_mb ? ", libipsec-mb " + ipsec_mb::version() : "", lanes::usable());
}

}  // namespace padlock::crypto
