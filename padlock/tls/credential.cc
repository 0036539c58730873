#include "padlock/tls/credential.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "padlock/base/secret.h"
#include "padlock/der/pem.h"
#include "padlock/tls/credential_rules.h"
#include "padlock/tls/wire/certificate.h"
#include "padlock/x509/certificate.h"
#include "padlock/x509/public_key_info.h"

namespace padlock::tls {
namespace {

using Chain = std::vector<std::shared_ptr<const x509::Certificate>>;

constexpr std::array<std::string_view, 3> key_labels{"PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"};

Result<void> check_order(const Chain& chain) {
  for (std::size_t i = 1; i < chain.size(); ++i) {
    if (chain[i - 1]->issuer.der == chain[i]->subject.der) continue;
    return broken(rules::chain_order, "certificate " + std::to_string(i) + " (" + chain[i]->subject.text() +
                                          ") did not issue the one before it, which names " +
                                          chain[i - 1]->issuer.text());
  }
  return {};
}

/// The DER of the one key in a text. All blocks are read, so that each key's bytes are in an owner that wipes them.
Result<SecretBytes> find_key(std::string_view text) {
  std::vector<der::PemBlock> blocks = PADLOCK_TRY(der::find_all(text, ""));
  std::vector<SecretBytes> keys;
  bool encrypted = false;
  for (der::PemBlock& block : blocks) {
    encrypted = encrypted || block.label == "ENCRYPTED PRIVATE KEY";
    if (std::ranges::find(key_labels, block.label) != key_labels.end()) keys.emplace_back(std::move(block.bytes));
  }
  if (keys.size() == 1) return std::move(keys.front());
  if (keys.empty() && encrypted) return broken(rules::encrypted_private_key, "the private key is encrypted");
  return broken(rules::no_private_key, "there are " + std::to_string(keys.size()) + " private keys, not one");
}

}  // namespace

Result<std::vector<std::shared_ptr<const x509::Certificate>>> parse_chain(std::string_view pem) {
  const std::vector<der::PemBlock> blocks = PADLOCK_TRY(der::find_all(pem, "CERTIFICATE"));
  if (blocks.empty()) return broken(rules::no_certificate, "there is no certificate");
  if (blocks.size() > max_credential_chain) {
    return broken(rules::chain_too_long, "there are " + std::to_string(blocks.size()) + " certificates, and " +
                                             std::to_string(max_credential_chain) + " are allowed");
  }
  Chain chain;
  for (const der::PemBlock& block : blocks) chain.push_back(PADLOCK_TRY(x509::parse_certificate(block.bytes)));
  PADLOCK_TRY(check_order(chain));
  return chain;
}

Result<std::shared_ptr<const crypto::PrivateKey>> parse_private_key(std::string_view pem, crypto::Provider& provider) {
  const SecretBytes der = PADLOCK_TRY(find_key(pem));
  return provider.load_private_key(der.reveal());
}

Result<Credential> make_credential(std::span<const std::shared_ptr<const x509::Certificate>> chain,
                                   std::shared_ptr<const crypto::PrivateKey> key) {
  assert(!chain.empty() && key);
  const x509::Certificate& leaf = *chain.front();
  if (!x509::same_public_key(leaf.public_key, key->public_key().parts())) {
    return broken(rules::key_mismatch, "the key is not that of the first certificate (" + leaf.subject.text() + ")");
  }
  Credential credential{.chain = {}, .key = std::move(key)};
  for (const auto& certificate : chain) credential.chain.push_back(certificate->der);
  return credential;
}

namespace {

CompressedForms compress(std::vector<std::uint8_t> certificate, std::span<const CertificateCompression> compressions) {
  CompressedForms outcome{.certificate = std::move(certificate), .forms = {}};
  for (const CertificateCompression& compression : compressions) {
    auto compressed = compression.compress(outcome.certificate);
    if (compressed.empty() || compressed.size() >= outcome.certificate.size()) continue;
    outcome.forms.push_back({compression.algorithm, std::move(compressed)});
  }
  std::ranges::stable_sort(outcome.forms, {}, [](const auto& form) { return form.compressed.size(); });
  return outcome;
}

}  // namespace

Credential add_compressed_forms(Credential credential, std::span<const CertificateCompression> compressions) {
  credential.compressed_forms.clear();
  // A peer asks for what stands beside the leaf, or does not: up to four messages, of which many are the same.
  for (const Bytes ocsp_response : {Bytes(credential.ocsp_staple), Bytes()}) {
    for (const Bytes timestamps : {Bytes(credential.signed_certificate_timestamps), Bytes()}) {
      std::vector<std::uint8_t> certificate;
      Writer out(certificate);
      write_certificate(out, {}, credential.chain, {ocsp_response, timestamps});
      if (std::ranges::find(credential.compressed_forms, certificate, &CompressedForms::certificate) ==
          credential.compressed_forms.end()) {
        credential.compressed_forms.push_back(compress(std::move(certificate), compressions));
      }
    }
  }
  return credential;
}

Result<Credential> load_credential(std::string_view certificates, std::string_view private_key,
                                   crypto::Provider& provider) {
  const Chain chain = PADLOCK_TRY(parse_chain(certificates));
  return make_credential(chain, PADLOCK_TRY(parse_private_key(private_key, provider)));
}

}  // namespace padlock::tls
