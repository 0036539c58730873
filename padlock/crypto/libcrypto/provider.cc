#include "padlock/crypto/libcrypto/provider.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "padlock/crypto/finite_field.h"
#include "padlock/crypto/hybrid.h"
#include "padlock/crypto/libcrypto/finite_field.h"
#include "padlock/crypto/libcrypto/key_agreement.h"
#include "padlock/crypto/libcrypto/keys.h"
#include "padlock/crypto/libcrypto/library.h"

namespace padlock::crypto::libcrypto {
namespace {

class LibcryptoProvider final : public Provider {
 public:
  LibcryptoProvider(AeadFactory factory, std::string also) : make_aead_(factory), also_(std::move(also)) {}

  std::unique_ptr<Aead> make_aead(AeadAlgorithm algorithm, Bytes key) override { return make_aead_(algorithm, key); }

  /// libcrypto's generator: one a thread, seeded by getrandom, and seeded anew after a fork (docs/threats.md, T33).
  Result<void> random(std::span<std::uint8_t> out) override {
    const ErrorScope errors;
    if (RAND_bytes_ex(library().context, out.data(), out.size(), 0) != 1)
      return broken(rules::random_failed, "no " + std::to_string(out.size()) + " random bytes from the system");
    return {};
  }

  Result<std::shared_ptr<const EphemeralKey>> make_key_share(NamedGroup group) override {
    if (is_finite_field(group)) return make_finite_field_share(group);
    return has_kem(group) ? hybrid::make_key_share(*this) : key_agreement_.make_key_share(group);
  }
  Result<std::shared_ptr<const EphemeralKey>> make_key_share_for(NamedGroup group, Bytes peer_share) override {
    return has_kem(group) ? hybrid::make_key_share_for(*this, peer_share) : make_key_share(group);
  }
  Result<SharedSecret> agree(const EphemeralKey& key, Bytes peer_share) override {
    if (has_kem(key.group())) return hybrid::agree(*this, key, peer_share);
    return key_agreement_.agree(key, peer_share);
  }
  Result<SharedSecret> agree_in_finite_field(const EphemeralKey& key, Bytes peer_share,
                                             HashAlgorithm prf_hash) override {
    return libcrypto::agree_in_finite_field(key, peer_share, prf_hash);
  }
  Result<std::shared_ptr<const PublicKey>> make_public_key(PublicKeyParts parts) override {
    return libcrypto::make_public_key(std::move(parts));
  }
  Result<std::shared_ptr<const PrivateKey>> load_private_key(Bytes der) override {
    return libcrypto::load_private_key(der);
  }
  Result<GeneratedKey> generate_private_key(KeyKind kind) override { return libcrypto::generate_private_key(kind); }

  std::string description() const override { return "libcrypto " + version() + also_; }

 private:
  AeadFactory make_aead_;
  std::string also_;
  KeyAgreement key_agreement_;
};

}  // namespace

std::string version() { return OpenSSL_version(OPENSSL_VERSION_STRING); }

std::unique_ptr<Provider> make_provider(AeadFactory factory, std::string also) {
  return std::make_unique<LibcryptoProvider>(factory, std::move(also));
}

}  // namespace padlock::crypto::libcrypto
