// The chain of RSA keys, by libcrypto: our own issuer signs with ECDSA and Ed25519 alone.
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <array>
#include <string>

#include "bench/harness.h"
#include "bench/tls/libcrypto_peer.h"
#include "bench/tls/pki.h"

namespace padlock::bench {
namespace {

using X509Handle = std::unique_ptr<X509, FreedBy<X509_free>>;
using ExtensionHandle = std::unique_ptr<X509_EXTENSION, FreedBy<X509_EXTENSION_free>>;

struct Extension {
  int nid;
  const char* value;
};
constexpr std::array ca_extensions = {Extension{NID_basic_constraints, "critical,CA:TRUE"},
                                      Extension{NID_key_usage, "critical,keyCertSign"},
                                      Extension{NID_subject_key_identifier, "hash"}};
constexpr std::array leaf_extensions = {Extension{NID_key_usage, "critical,digitalSignature"},
                                        Extension{NID_ext_key_usage, "serverAuth"},
                                        Extension{NID_subject_alt_name, "DNS:server.test"}};

constexpr std::array issued_extensions = {Extension{NID_authority_key_identifier, "keyid"}};

struct Holder {
  PkeyHandle key{EVP_RSA_gen(2048)};
  X509Handle certificate{X509_new()};
};

void add_extensions(X509& certificate, X509& issuer, std::span<const Extension> extensions) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  for (const Extension& each : extensions) {
    const ExtensionHandle extension(X509V3_EXT_conf_nid(nullptr, &context, each.nid, each.value));
    require(X509_add_ext(&certificate, extension.get(), -1) == 1, "an extension");
  }
}

/// `issuer`: null: itself.
Holder make_holder(std::string_view common_name, long serial, std::span<const Extension> extensions,
                   const Holder* issuer) {
  Holder made;
  X509& certificate = *made.certificate;
  const Holder& signer = issuer != nullptr ? *issuer : made;
  const std::string name(common_name);
  require(X509_set_version(&certificate, X509_VERSION_3) == 1 &&
              ASN1_INTEGER_set(X509_get_serialNumber(&certificate), serial) == 1 &&
              ASN1_TIME_set_string_X509(X509_getm_notBefore(&certificate), "20260101000000Z") == 1 &&
              ASN1_TIME_set_string_X509(X509_getm_notAfter(&certificate), "20360101000000Z") == 1 &&
              X509_NAME_add_entry_by_NID(X509_get_subject_name(&certificate), NID_commonName, MBSTRING_UTF8,
                                         as_bytes(name).data(), static_cast<int>(name.size()), -1, 0) == 1 &&
              X509_set_issuer_name(&certificate, X509_get_subject_name(signer.certificate.get())) == 1 &&
              X509_set_pubkey(&certificate, made.key.get()) == 1,
          "a certificate");
  add_extensions(certificate, *signer.certificate, extensions);
  if (issuer != nullptr) add_extensions(certificate, *signer.certificate, issued_extensions);
  require(X509_sign(&certificate, signer.key.get(), EVP_sha256()) > 0, "signing a certificate");
  return made;
}

template <auto encode, class Object>
std::vector<std::uint8_t> der_of(const Object& object) {
  unsigned char* bytes = nullptr;
  const int size = encode(&object, &bytes);
  const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owner(
      bytes, [](unsigned char* block) { OPENSSL_free(block); });
  require(size > 0, "writing DER");
  const std::string_view text(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  const Bytes all = as_bytes(text);
  return {all.begin(), all.end()};
}

}  // namespace

PkiFiles make_rsa_pki() {
  const Holder root = make_holder("bench root", 1, ca_extensions, nullptr);
  const Holder intermediate = make_holder("bench intermediate", 2, ca_extensions, &root);
  const Holder leaf = make_holder(server_name, 3, leaf_extensions, &intermediate);
  return {.root = der_of<i2d_X509>(*root.certificate),
          .intermediate = der_of<i2d_X509>(*intermediate.certificate),
          .leaf = der_of<i2d_X509>(*leaf.certificate),
          .leaf_key = der_of<i2d_PrivateKey>(*leaf.key)};
}

}  // namespace padlock::bench
