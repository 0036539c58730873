#include "padlock/crypto/ipsec_mb/aead.h"
#include "padlock/crypto/libcrypto/aead.h"
#include "padlock/crypto/libcrypto/provider.h"
#include "padlock/crypto/provider.h"

namespace padlock::crypto {

std::unique_ptr<Provider> make_provider(AeadBackend backend) {
  if (backend == AeadBackend::fastest && ipsec_mb::usable())
    return libcrypto::make_provider(ipsec_mb::make_aead, ", libipsec-mb " + ipsec_mb::version());
  return libcrypto::make_provider(libcrypto::make_aead, {});
}

}  // namespace padlock::crypto
