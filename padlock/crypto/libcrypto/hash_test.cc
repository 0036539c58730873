#include "padlock/crypto/hash.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <rapidcheck/gtest.h>

#include "padlock/crypto/libcrypto/library.h"

namespace padlock::crypto::libcrypto {
namespace {

RC_GTEST_PROP(Hash, AgreesWithTheEvpInterface, (const std::vector<std::uint8_t>& bytes, std::uint8_t kind)) {
  const auto algorithm = static_cast<HashAlgorithm>(kind % 3);
  std::vector<std::uint8_t> expected(length_of(algorithm));
  unsigned length = 0;
  RC_ASSERT(EVP_Digest(bytes.data(), bytes.size(), expected.data(), &length, digest(algorithm), nullptr) == 1);
  RC_ASSERT(to_hex(hash_of(algorithm, bytes)) == to_hex(expected));
}

}  // namespace
}  // namespace padlock::crypto::libcrypto
