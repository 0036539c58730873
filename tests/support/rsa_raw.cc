#include "tests/support/rsa_raw.h"

#include <openssl/bn.h>

#include <stdexcept>

#include "padlock/crypto/libcrypto/library.h"

namespace padlock::test {
namespace {

using crypto::libcrypto::BigNumber;
using Context = std::unique_ptr<BN_CTX, crypto::libcrypto::FreedBy<BN_CTX_free>>;

BigNumber number(Bytes bytes) { return BigNumber(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr)); }

}  // namespace

std::vector<std::uint8_t> rsa_raw(const crypto::RsaPublicKey& key, Bytes block) {
  const BigNumber result(BN_new());
  const Context context(BN_CTX_new());
  std::vector<std::uint8_t> out(key.modulus.size());
  if (BN_mod_exp(result.get(), number(block).get(), number(key.exponent).get(), number(key.modulus).get(),
                 context.get()) != 1 ||
      BN_bn2binpad(result.get(), out.data(), static_cast<int>(out.size())) < 0) {
    throw std::runtime_error("no RSA operation");
  }
  return out;
}

}  // namespace padlock::test
