#include "padlock/x509/public_key_info.h"

#include <cstddef>
#include <variant>

#include "padlock/crypto/hash.h"
#include "padlock/der/oid.h"

namespace padlock::x509 {
namespace {

constexpr std::size_t key_identifier_length = 20;

const der::Oid& curve_oid(crypto::NamedGroup curve) {
  switch (curve) {
    case crypto::NamedGroup::secp384r1: return der::oid::secp384r1;
    case crypto::NamedGroup::secp521r1: return der::oid::secp521r1;
    default: return der::oid::secp256r1;
  }
}

/// The AlgorithmIdentifier of a key.
struct WriteAlgorithm {
  der::Writer& out;
  void operator()(const crypto::RsaPublicKey& key) const {
    out.object_identifier(key.pss_only ? der::oid::rsassaPss : der::oid::rsaEncryption);
    if (!key.pss_only) out.null();  // RFC 3279, section 2.3.1; RFC 4055, section 1.2: absent for PSS
  }
  void operator()(const crypto::EcPublicKey& key) const {
    out.object_identifier(der::oid::ecPublicKey);
    out.object_identifier(curve_oid(key.curve));
  }
  void operator()(const crypto::Ed25519PublicKey&) const { out.object_identifier(der::oid::ed25519); }
};

/// The content of subjectPublicKey, the BIT STRING.
struct SubjectPublicKey {
  std::vector<std::uint8_t> operator()(const crypto::RsaPublicKey& key) const {
    return der::make_der([&](der::Writer& out) {
      out.sequence([&](der::Writer& body) {
        body.unsigned_integer(key.modulus);
        body.unsigned_integer(key.exponent);
      });
    });
  }
  std::vector<std::uint8_t> operator()(const crypto::EcPublicKey& key) const { return key.point; }
  std::vector<std::uint8_t> operator()(const crypto::Ed25519PublicKey& key) const { return key.key; }
};

}  // namespace

void write_subject_public_key_info(der::Writer& out, const crypto::PublicKeyParts& key) {
  out.sequence([&](der::Writer& info) {
    info.sequence([&](der::Writer& algorithm) { std::visit(WriteAlgorithm{algorithm}, key); });
    info.bit_string(std::visit(SubjectPublicKey{}, key));
  });
}

bool same_public_key(const crypto::PublicKeyParts& a, const crypto::PublicKeyParts& b) {
  const auto written = [](const crypto::PublicKeyParts& key) {
    return der::make_der([&](der::Writer& out) { write_subject_public_key_info(out, key); });
  };
  return written(a) == written(b);
}

std::vector<std::uint8_t> subject_public_key_of(const crypto::PublicKeyParts& key) {
  return std::visit(SubjectPublicKey{}, key);
}

std::vector<std::uint8_t> key_identifier_of(const crypto::PublicKeyParts& key) {
  const crypto::Digest digest = crypto::hash_of(crypto::HashAlgorithm::sha256, subject_public_key_of(key));
  const Bytes identifier = digest.bytes().first(key_identifier_length);
  return {identifier.begin(), identifier.end()};
}

}  // namespace padlock::x509
