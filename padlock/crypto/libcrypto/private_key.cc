#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <optional>
#include <string>

#include "padlock/crypto/libcrypto/keys.h"
#include "padlock/crypto/libcrypto/signing.h"
#include "padlock/crypto/limits.h"

namespace padlock::crypto::libcrypto {
namespace {

class LibcryptoPrivateKey final : public PrivateKey {
 public:
  LibcryptoPrivateKey(PkeyHandle key, std::shared_ptr<const PublicKey> public_key)
      : key_(std::move(key)), public_key_(std::move(public_key)) {
    for (const SignatureScheme scheme : schemes_for(public_key_->parts())) prepare(*find_scheme(scheme));
  }

  const PublicKey& public_key() const override { return *public_key_; }
  std::shared_ptr<const PublicKey> shared_public_key() const override { return public_key_; }
  std::span<const SignatureScheme> schemes() const override { return schemes_; }

  Result<std::vector<std::uint8_t>> sign(SignatureScheme scheme, Bytes message) const override {
    const ErrorScope errors;
    const auto at = std::ranges::find(schemes_, scheme);
    auto signature = at == schemes_.end() ? std::nullopt : signed_with(at - schemes_.begin(), message);
    if (!signature) return broken(rules::operation_failed, "no signature by " + std::string(name_of(scheme)));
    return *std::move(signature);
  }

  Result<SecretBytes> decrypt_raw(Bytes ciphertext) const override {
    const ErrorScope errors;
    const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(library().context, key_.get(), nullptr));
    std::vector<std::uint8_t> block(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())));
    std::size_t length = block.size();
    const bool done = EVP_PKEY_is_a(key_.get(), "RSA") == 1 && ciphertext.size() == block.size() &&
                      context != nullptr && EVP_PKEY_decrypt_init(context.get()) == 1 &&
                      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING) == 1 &&
                      EVP_PKEY_decrypt(context.get(), block.data(), &length, ciphertext.data(), ciphertext.size()) == 1;
    SecretBytes secret(std::move(block));
    if (!done || length != secret.reveal().size()) return broken(rules::operation_failed, "no block decrypted");
    return secret;
  }

 private:
  using Signature = std::optional<std::vector<std::uint8_t>>;

  /// A key of id-RSASSA-PSS may be restricted to one hash (RFC 4055, section 1.2): then the others are not offered.
  void prepare(const SignatureSchemeParts& scheme) {
    PkeyContext context;
    if (scheme.kind != SignatureKind::ed25519) {
      context = prepare_signing(key_.get(), scheme);
      if (context == nullptr) return;
    }
    schemes_.push_back(scheme.scheme);
    contexts_.push_back(std::move(context));
  }

  Signature signed_with(std::ptrdiff_t index, Bytes message) const {
    const auto at = static_cast<std::size_t>(index);
    const SignatureSchemeParts& scheme = *find_scheme(schemes_.at(at));
    if (scheme.kind == SignatureKind::ed25519) return sign_ed25519(message);
    return sign_digest(*contexts_.at(at), hash_of(scheme.hash, message));
  }

  Signature sign_digest(const EVP_PKEY_CTX& prepared, Bytes digest) const {
    const PkeyContext context(EVP_PKEY_CTX_dup(&prepared));
    std::size_t length = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
    std::vector<std::uint8_t> signature(length);
    // libcrypto 3.0 calls an ECDSA signature done that it had no memory to write, with a length of 2^32 - 1.
    if (context == nullptr ||
        EVP_PKEY_sign(context.get(), signature.data(), &length, digest.data(), digest.size()) != 1 ||
        length > signature.size())
      return std::nullopt;
    signature.resize(length);
    return signature;
  }

  Signature sign_ed25519(Bytes message) const {
    const MdContext context(EVP_MD_CTX_new());
    std::vector<std::uint8_t> signature(64);
    std::size_t length = signature.size();
    if (context == nullptr ||
        EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, library().context, nullptr, key_.get(), nullptr) != 1 ||
        EVP_DigestSign(context.get(), signature.data(), &length, message.data(), message.size()) != 1)
      return std::nullopt;
    return signature;
  }

  PkeyHandle key_;
  std::shared_ptr<const PublicKey> public_key_;
  std::vector<SignatureScheme> schemes_;
  std::vector<PkeyContext> contexts_;  // one each; null for Ed25519
};

std::unexpected<Error> unreadable(std::string what) { return broken(rules::unreadable_private_key, std::move(what)); }

std::vector<std::uint8_t> number(const EVP_PKEY* key, const char* name) {
  BIGNUM* value = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &value) != 1) return {};
  const BigNumber owner(value);
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(BN_num_bytes(value)));
  BN_bn2bin(value, bytes.data());
  return bytes;
}

std::vector<std::uint8_t> octets(const EVP_PKEY* key, const char* name) {
  std::vector<std::uint8_t> bytes(133);  // a P-521 point
  std::size_t length = 0;
  if (EVP_PKEY_get_octet_string_param(key, name, bytes.data(), bytes.size(), &length) != 1) return {};
  bytes.resize(length);
  return bytes;
}

std::optional<NamedGroup> curve_of(const EVP_PKEY* key) {
  int is_explicit = 0;
  if (EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit) == 1 &&
      is_explicit != 0)
    return std::nullopt;
  std::vector<char> name(32);
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), nullptr) != 1) return std::nullopt;
  const std::string_view curve(name.data());
  if (curve == "prime256v1") return NamedGroup::secp256r1;
  if (curve == "secp384r1") return NamedGroup::secp384r1;
  if (curve == "secp521r1") return NamedGroup::secp521r1;
  return std::nullopt;
}

Result<PublicKeyParts> public_parts(const EVP_PKEY* key) {
  const bool pss_only = EVP_PKEY_is_a(key, "RSA-PSS") == 1;
  if (pss_only || EVP_PKEY_is_a(key, "RSA") == 1)
    return RsaPublicKey{number(key, OSSL_PKEY_PARAM_RSA_N), number(key, OSSL_PKEY_PARAM_RSA_E), pss_only};
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return Ed25519PublicKey{octets(key, OSSL_PKEY_PARAM_PUB_KEY)};
  if (EVP_PKEY_is_a(key, "EC") == 1) {
    const auto curve = curve_of(key);
    if (!curve) return unreadable("its curve is not P-256, P-384 or P-521 by name");
    return EcPublicKey{*curve, octets(key, OSSL_PKEY_PARAM_PUB_KEY)};
  }
  return unreadable("its type is not RSA, ECDSA or Ed25519");
}

/// The public half is checked as a peer's would be, then against the private one.
Result<std::shared_ptr<const PrivateKey>> checked(PkeyHandle key) {
  auto parts = PADLOCK_TRY(public_parts(key.get()));
  auto public_key = make_public_key(std::move(parts));
  if (!public_key) return unreadable(std::move(public_key).error().what);
  const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(library().context, key.get(), nullptr));
  if (context == nullptr || EVP_PKEY_pairwise_check(context.get()) != 1)
    return unreadable("its private and public halves do not belong together");
  return std::make_shared<const LibcryptoPrivateKey>(std::move(key), *std::move(public_key));
}

PkeyHandle generate(KeyKind kind) {
  switch (kind) {
    case KeyKind::ecdsa_p256: return PkeyHandle(EVP_PKEY_Q_keygen(library().context, nullptr, "EC", "P-256"));
    case KeyKind::ecdsa_p384: return PkeyHandle(EVP_PKEY_Q_keygen(library().context, nullptr, "EC", "P-384"));
    case KeyKind::ecdsa_p521: return PkeyHandle(EVP_PKEY_Q_keygen(library().context, nullptr, "EC", "P-521"));
    case KeyKind::ed25519: return PkeyHandle(EVP_PKEY_Q_keygen(library().context, nullptr, "ED25519"));
    case KeyKind::rsa_2048: return PkeyHandle(EVP_PKEY_Q_keygen(library().context, nullptr, "RSA", std::size_t{2048}));
    case KeyKind::rsa_3072: return PkeyHandle(EVP_PKEY_Q_keygen(library().context, nullptr, "RSA", std::size_t{3072}));
  }
  return nullptr;
}

SecretBytes to_pkcs8(const EVP_PKEY* key) {
  using Info = std::unique_ptr<PKCS8_PRIV_KEY_INFO, FreedBy<PKCS8_PRIV_KEY_INFO_free>>;
  const Info info(EVP_PKEY2PKCS8(key));
  const int length = info == nullptr ? 0 : i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr);
  std::vector<std::uint8_t> der(static_cast<std::size_t>(std::max(length, 0)));
  unsigned char* out = der.data();
  if (!der.empty()) i2d_PKCS8_PRIV_KEY_INFO(info.get(), &out);
  return SecretBytes(std::move(der));
}

}  // namespace

Result<std::shared_ptr<const PrivateKey>> load_private_key(Bytes der) {
  const ErrorScope errors;
  if (der.size() > limits::private_key_der_bytes)
    return unreadable(std::to_string(der.size()) + " bytes are more than a private key has");
  const unsigned char* at = der.data();
  PkeyHandle key(d2i_AutoPrivateKey_ex(nullptr, &at, static_cast<long>(der.size()), library().context, nullptr));
  if (key == nullptr) return unreadable("not the DER of an unencrypted private key");
  if (at != std::to_address(der.end())) return unreadable("bytes follow the private key");
  return checked(std::move(key));
}

Result<GeneratedKey> generate_private_key(KeyKind kind) {
  const ErrorScope errors;
  PkeyHandle key = generate(kind);
  if (key == nullptr) return broken(rules::operation_failed, "no private key could be generated");
  SecretBytes pkcs8 = to_pkcs8(key.get());
  if (pkcs8.reveal().empty()) return broken(rules::operation_failed, "the private key could not be written");
  auto checked_key = PADLOCK_TRY(checked(std::move(key)));
  return GeneratedKey{std::move(checked_key), std::move(pkcs8)};
}

}  // namespace padlock::crypto::libcrypto
