#include "padlock/acme/certificate_chain.h"

#include <algorithm>
#include <utility>

#include "padlock/acme/limits.h"
#include "padlock/acme/problem.h"
#include "padlock/acme/rules.h"
#include "padlock/base/lists.h"
#include "padlock/base/text.h"
#include "padlock/der/pem.h"
#include "padlock/x509/public_key_info.h"
#include "padlock/x509/signature.h"

namespace padlock::acme {
namespace {

Result<void> check_signatures(const CertificateChain& chain, crypto::Provider& provider) {
  for (std::size_t at = 0; at + 1 < chain.certificates.size(); ++at) {
    const x509::Certificate& one = *chain.certificates[at];
    const x509::Certificate& issuer = *chain.certificates[at + 1];
    const auto key = provider.make_public_key(issuer.public_key);
    const bool good = one.issuer.der == issuer.subject.der && one.signature_scheme && key &&
                      x509::verify_signature(*one.signature_scheme, one.tbs(), one.signature, **key);
    if (!good) {
      return padlock::broken(rules::chain_broken,
                             one.subject.text() + " is not signed by " + issuer.subject.text() + ", which follows it");
    }
  }
  return {};
}

Result<void> check_time(const x509::Certificate& leaf, WallTime now) {
  if (leaf.not_before <= now + limits::clock_skew && now < leaf.not_after) return {};
  return padlock::broken(rules::certificate_not_valid_now,
                         "the certificate is valid from " + to_string(leaf.not_before) + " to " +
                             to_string(leaf.not_after) + ", and now it is " + to_string(now));
}

}  // namespace

std::vector<std::vector<std::uint8_t>> CertificateChain::der() const {
  std::vector<std::vector<std::uint8_t>> all;
  all.reserve(certificates.size());
  for (const auto& one : certificates) all.push_back(one->der);
  return all;
}

std::string CertificateChain::pem() const {
  std::string text;
  for (const auto& one : certificates) text += der::write_pem("CERTIFICATE", one->der);
  return text;
}

Result<CertificateChain> read_certificate_chain(std::string_view pem) {
  if (pem.size() > limits::chain_bytes)
    return padlock::broken(rules::chain_malformed, "the chain has " + std::to_string(pem.size()) + " bytes");
  const auto blocks = der::find_all(pem, "");
  if (!blocks) return padlock::broken(rules::chain_malformed, blocks.error().what);
  if (blocks->empty()) return padlock::broken(rules::chain_malformed, "the chain holds no certificate");
  if (blocks->size() > limits::chain_certificates) {
    return padlock::broken(rules::too_many_values, "the chain has " + std::to_string(blocks->size()) + " certificates");
  }
  CertificateChain chain;
  chain.certificates.reserve(blocks->size());
  for (const der::PemBlock& block : *blocks) {
    if (block.label != "CERTIFICATE")
      return padlock::broken(rules::chain_malformed, "the chain holds a block `" + shown(block.label) + "`");
    chain.certificates.push_back(PADLOCK_TRY(x509::parse_certificate(block.bytes)));
  }
  return chain;
}

Result<void> check_certificate_chain(const CertificateChain& chain, std::span<const Identifier> identifiers,
                                     const crypto::PublicKeyParts& key, WallTime now, crypto::Provider& provider) {
  const x509::Certificate& leaf = chain.leaf();
  if (!x509::same_public_key(leaf.public_key, key))
    return padlock::broken(rules::certificate_for_another_key, "the certificate is for another key");
  const auto names = identifiers_of(leaf);
  if (!std::ranges::equal(names, identifiers) || leaf.subject_alternative_names.size() != names.size()) {
    return padlock::broken(rules::certificate_for_other_names, "the certificate is for " +
                                                                   list_of(names, &Identifier::value) + " instead of " +
                                                                   list_of(identifiers, &Identifier::value));
  }
  PADLOCK_TRY(check_time(leaf, now));
  return check_signatures(chain, provider);
}

bool leads_to(const CertificateChain& chain, std::string_view root_name) {
  return chain.certificates.back()->issuer.common_name().find(root_name) != std::string::npos;
}

Result<std::string> renewal_identifier(const x509::Certificate& certificate) {
  if (certificate.authority_key_identifier.empty()) {
    return padlock::broken(rules::no_certificate_identifier,
                           certificate.subject.text() + " does not say which key signed it");
  }
  // The content of the INTEGER: a leading 00 where the highest bit would make it negative.
  std::vector<std::uint8_t> serial = certificate.serial;
  if ((serial.front() & 0x80) != 0) serial.insert(serial.begin(), 0);
  return to_base64url(certificate.authority_key_identifier) + "." + to_base64url(serial);
}

}  // namespace padlock::acme
