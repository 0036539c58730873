#include "conformance/wycheproof/checks.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <vector>

#include "padlock/crypto/hkdf.h"
#include "padlock/crypto/lanes/x25519.h"
#include "padlock/crypto/libcrypto/key_agreement.h"
#include "padlock/crypto/mlkem/mlkem768.h"

namespace padlock::wycheproof {
namespace {

using crypto::HashAlgorithm;
using crypto::NamedGroup;
using crypto::SignatureScheme;
using nlohmann::json;

std::vector<std::uint8_t> bytes(const json& object, const char* name) {
  auto decoded = from_hex(object.at(name).get<std::string>());
  if (!decoded) throw std::runtime_error(std::string(name) + " is no hexadecimal");
  return *std::move(decoded);
}

std::vector<std::uint8_t> without_leading_zeros(std::vector<std::uint8_t> number) {
  number.erase(number.begin(), std::ranges::find_if(number, [](std::uint8_t byte) { return byte != 0; }));
  return number;
}

std::optional<HashAlgorithm> hash_named(std::string_view name) {
  if (name == "SHA-256") return HashAlgorithm::sha256;
  if (name == "SHA-384") return HashAlgorithm::sha384;
  if (name == "SHA-512") return HashAlgorithm::sha512;
  return std::nullopt;
}

std::optional<crypto::AeadAlgorithm> aead_of(std::size_t key_bits, bool chacha) {
  if (chacha && key_bits == 256) return crypto::AeadAlgorithm::chacha20_poly1305;
  if (!chacha && key_bits == 128) return crypto::AeadAlgorithm::aes_128_gcm;
  if (!chacha && key_bits == 256) return crypto::AeadAlgorithm::aes_256_gcm;
  return std::nullopt;
}

Answer aead(crypto::Provider& provider, const json& group, const json& test, bool chacha) {
  const auto algorithm = aead_of(group.at("keySize").get<std::size_t>(), chacha);
  if (!algorithm) return std::unexpected("a key of " + group.at("keySize").dump() + " bits: TLS has no such suite");
  if (group.at("ivSize") != 96) return std::unexpected("a nonce that is not 96 bits long: TLS has none");
  if (group.at("tagSize") != 128) return std::unexpected("a tag that is not 128 bits long: TLS has none");
  const auto key = provider.make_aead(*algorithm, bytes(test, "key"));
  const auto nonce = bytes(test, "iv");
  const auto additional_data = bytes(test, "aad");
  const auto message = bytes(test, "msg");
  auto sealed = bytes(test, "ct");
  const auto tag = bytes(test, "tag");
  sealed.insert(sealed.end(), tag.begin(), tag.end());

  const Bytes piece(message);
  std::vector<std::uint8_t> ours(message.size() + crypto::aead_tag_length);
  key->seal(nonce, additional_data, std::span(&piece, 1), ours);
  const bool same = ours == sealed;
  return key->open(nonce, additional_data, sealed) && same &&
         std::ranges::equal(Bytes(sealed).first(message.size()), message);
}
Answer aes_gcm(crypto::Provider& provider, const json& group, const json& test) {
  return aead(provider, group, test, false);
}
Answer chacha20_poly1305(crypto::Provider& provider, const json& group, const json& test) {
  return aead(provider, group, test, true);
}

Answer agreement(crypto::Provider& provider, NamedGroup group, std::vector<std::uint8_t> private_key,
                 const json& test) {
  const auto key = crypto::libcrypto::key_share_from_private(group, private_key);
  if (!key) return false;
  const auto secret = provider.agree(**key, bytes(test, "public"));
  return secret && std::ranges::equal(secret->reveal(), bytes(test, "shared"));
}
std::vector<std::uint8_t> by_lanes(Bytes scalar, Bytes point) {
  std::vector<std::uint8_t> result(32);
  const crypto::lanes::X25519 one{scalar, point, result};
  crypto::lanes::x25519(std::span(&one, 1));
  return result;
}
Answer x25519(crypto::Provider& provider, const json& group, const json& test) {
  if (group.at("curve") != "curve25519") return std::unexpected("a curve other than Curve25519");
  const auto scalar = bytes(test, "private");
  const Answer agreed = agreement(provider, NamedGroup::x25519, scalar, test);
  return *agreed && (!crypto::lanes::usable() || by_lanes(scalar, bytes(test, "public")) == bytes(test, "shared"));
}
Answer ecdh(crypto::Provider& provider, const json& group, const json& test) {
  const bool p256 = group.at("curve") == "secp256r1";
  if (!p256 && group.at("curve") != "secp384r1") return std::unexpected("a curve other than P-256 and P-384");
  auto private_key = without_leading_zeros(bytes(test, "private"));  // written as a number, not as a field's bytes
  private_key.insert(private_key.begin(), (p256 ? 32 : 48) - private_key.size(), 0);
  return agreement(provider, p256 ? NamedGroup::secp256r1 : NamedGroup::secp384r1, std::move(private_key), test);
}

Answer verified(crypto::Provider& provider, crypto::PublicKeyParts parts, SignatureScheme scheme, const json& test) {
  const auto key = provider.make_public_key(std::move(parts));
  return key && (*key)->verify(scheme, bytes(test, "msg"), bytes(test, "sig"));
}
Answer ecdsa(crypto::Provider& provider, const json& group, const json& test) {
  const json& key = group.at("publicKey");
  const bool p256 = key.at("curve") == "secp256r1" && group.at("sha") == "SHA-256";
  const bool p384 = key.at("curve") == "secp384r1" && group.at("sha") == "SHA-384";
  if (!p256 && !p384) return std::unexpected("a pair of curve and hash that TLS 1.3 has not");
  return verified(provider,
                  crypto::EcPublicKey{p256 ? NamedGroup::secp256r1 : NamedGroup::secp384r1, bytes(key, "uncompressed")},
                  p256 ? SignatureScheme::ecdsa_secp256r1_sha256 : SignatureScheme::ecdsa_secp384r1_sha384, test);
}
Answer ed25519(crypto::Provider& provider, const json& group, const json& test) {
  if (group.at("publicKey").at("curve") != "edwards25519") return std::unexpected("a curve other than Edwards25519");
  return verified(provider, crypto::Ed25519PublicKey{bytes(group.at("publicKey"), "pk")}, SignatureScheme::ed25519,
                  test);
}
crypto::RsaPublicKey rsa_key(const json& group) {
  const json& key = group.at("publicKey");
  return {without_leading_zeros(bytes(key, "modulus")), without_leading_zeros(bytes(key, "publicExponent"))};
}
Answer rsa_pss(crypto::Provider& provider, const json& group, const json& test) {
  using enum SignatureScheme;
  const auto sha = group.at("sha").get<std::string>();
  const auto hash = hash_named(sha);
  if (!hash) return std::unexpected("PSS over " + sha + ": TLS 1.3 has none");
  if (group.at("mgfSha") != sha) return std::unexpected("PSS whose MGF1 has another hash than the message");
  if (group.at("sLen") != crypto::length_of(*hash)) return std::unexpected("PSS whose salt is not as long as its hash");
  constexpr std::array by_hash{rsa_pss_rsae_sha256, rsa_pss_rsae_sha384, rsa_pss_rsae_sha512};
  return verified(provider, rsa_key(group), by_hash.at(static_cast<std::size_t>(*hash)), test);
}
Answer rsa_pkcs1(crypto::Provider& provider, const json& group, const json& test) {
  using enum SignatureScheme;
  const auto hash = hash_named(group.at("sha").get<std::string>());
  if (!hash) return std::unexpected("PKCS #1 signatures over " + group.at("sha").get<std::string>());
  constexpr std::array by_hash{rsa_pkcs1_sha256, rsa_pkcs1_sha384, rsa_pkcs1_sha512};
  return verified(provider, rsa_key(group), by_hash.at(static_cast<std::size_t>(*hash)), test);
}

Answer hkdf(HashAlgorithm hash, const json& test) {
  const auto size = test.at("size").get<std::size_t>();
  if (size > 255 * crypto::length_of(hash))
    return std::unexpected("HKDF-Expand to more than 255 blocks: a mistake of the caller, which is asserted");
  const auto key = crypto::hkdf_extract(hash, bytes(test, "salt"), bytes(test, "ikm"));
  std::vector<std::uint8_t> out(size);
  crypto::hkdf_expand(crypto::Hmac(hash, key.reveal()), bytes(test, "info"), out);
  return out == bytes(test, "okm");
}
Answer hkdf_sha256(crypto::Provider& /*provider*/, const json& /*group*/, const json& test) {
  return hkdf(HashAlgorithm::sha256, test);
}
Answer hkdf_sha384(crypto::Provider& /*provider*/, const json& /*group*/, const json& test) {
  return hkdf(HashAlgorithm::sha384, test);
}

/// A tag shorter than the MAC is its first bytes.
Answer hmac(HashAlgorithm hash, const json& group, const json& test) {
  const auto mac = crypto::Hmac(hash, bytes(test, "key")).mac(bytes(test, "msg"));
  return equal_constant_time(mac.bytes().first(group.at("tagSize").get<std::size_t>() / 8), bytes(test, "tag"));
}
Answer hmac_sha256(crypto::Provider& /*provider*/, const json& group, const json& test) {
  return hmac(HashAlgorithm::sha256, group, test);
}
Answer hmac_sha384(crypto::Provider& /*provider*/, const json& group, const json& test) {
  return hmac(HashAlgorithm::sha384, group, test);
}

template <class T, class Values>
bool same(const T& ours, const Values& values) {
  return std::ranges::equal(ours, values);
}
bool decapsulates_to(const crypto::mlkem768::DecapsulationKey& dk, const json& test) {
  const auto c = bytes(test, "c");
  if (c.size() != crypto::mlkem768::ciphertext_length) return false;
  const auto key = dk.decapsulate(Bytes(c).first<crypto::mlkem768::ciphertext_length>());
  return same(key.reveal(), bytes(test, "K"));
}
/// The seed is d || z; nothing if it has another length.
std::optional<crypto::mlkem768::DecapsulationKey> ml_kem_key(const json& test) {
  const auto seed = bytes(test, "seed");
  if (seed.size() != 64) return std::nullopt;
  const Bytes view(seed);
  return crypto::mlkem768::DecapsulationKey::keygen_internal(view.first<32>(), view.last<32>());
}
Answer ml_kem(crypto::Provider& /*provider*/, const json& /*group*/, const json& test) {
  const auto dk = ml_kem_key(test);
  return dk && same(dk->encapsulation_key().bytes(), bytes(test, "ek")) && decapsulates_to(*dk, test);
}
Answer ml_kem_keygen(crypto::Provider& /*provider*/, const json& /*group*/, const json& test) {
  const auto dk = ml_kem_key(test);
  return dk && same(dk->encapsulation_key().bytes(), bytes(test, "ek")) &&
         same(dk->secret().reveal(), bytes(test, "dk"));
}
Answer ml_kem_encaps(crypto::Provider& /*provider*/, const json& /*group*/, const json& test) {
  const auto ek = crypto::mlkem768::EncapsulationKey::from_bytes(bytes(test, "ek"));
  const auto m = bytes(test, "m");
  if (!ek || m.size() != 32) return false;
  const auto made = crypto::mlkem768::encaps_internal(*ek, Bytes(m).first<32>());
  return same(made.ciphertext, bytes(test, "c")) && same(made.shared_key.reveal(), bytes(test, "K"));
}
Answer ml_kem_decaps(crypto::Provider& /*provider*/, const json& /*group*/, const json& test) {
  const auto dk = crypto::mlkem768::DecapsulationKey::from_bytes(bytes(test, "dk"));
  return dk && decapsulates_to(*dk, test);
}

constexpr std::array suites{
    Suite{"AES-GCM", "aead_test", aes_gcm, {}, true},
    Suite{"CHACHA20-POLY1305", "aead_test", chacha20_poly1305, {}, true},
    Suite{"XDH", "xdh_comp", x25519, {}},
    Suite{"ECDH", "ecdh_ecpoint", ecdh, {}},
    Suite{"ECDSA", "ecdsa_verify", ecdsa, {}},
    Suite{"EDDSA", "eddsa_verify", ed25519, {}},
    Suite{"RSASSA-PSS", "rsassa_pss_verify", rsa_pss, {}},
    Suite{"RSASSA-PKCS1-v1_5", "rsassa_pkcs1_verify", rsa_pkcs1, {}},
    Suite{"HKDF-SHA-256", "hkdf_test", hkdf_sha256, {}},
    Suite{"HKDF-SHA-384", "hkdf_test", hkdf_sha384, {}},
    Suite{"HMACSHA256", "mac_test", hmac_sha256, {}},
    Suite{"HMACSHA384", "mac_test", hmac_sha384, {}},
    Suite{"ML-KEM", "mlkem_test", ml_kem, {}},
    Suite{"ML-KEM", "mlkem_keygen_seed", ml_kem_keygen, {}},
    Suite{"ML-KEM", "mlkem_encaps", ml_kem_encaps, {}},
    Suite{"ML-KEM", "mlkem_semi_expanded_decaps", ml_kem_decaps, {}},
    Suite{"RSAES-PKCS1-v1_5", "rsaes_pkcs1_decrypt", nullptr,
          "RSA decryption (key exchange of TLS 1.2) is not in use yet"},
};

}  // namespace

const Suite* find_suite(std::string_view algorithm, std::string_view schema) {
  const auto found = std::ranges::find_if(
      suites, [&](const Suite& suite) { return suite.algorithm == algorithm && schema.starts_with(suite.schema); });
  return found == suites.end() ? nullptr : &*found;
}

bool must_work(const json& test) {
  if (test.at("result") != "acceptable") return test.at("result") == "valid";
  const auto flags = test.at("flags").get<std::vector<std::string>>();
  const auto has = [&](std::string_view flag) { return std::ranges::find(flags, flag) != flags.end(); };
  // RFC 8446, section 4.2.8.2: points are uncompressed. RFC 8017, section 8.2.2: the encoding is compared, NULL and
  // all.
  if (has("CompressedPoint") || has("MissingNull")) return false;
  // RFC 7748, sections 5 and 6.1: every u is taken, on the twist and unreduced; the all-zero secret is not.
  return !has("ZeroSharedSecret");
}

}  // namespace padlock::wycheproof
