#include "padlock/x509/certificate.h"

#include <algorithm>
#include <string>

#include "padlock/der/reader.h"
#include "padlock/x509/limits.h"
#include "padlock/x509/octets.h"
#include "padlock/x509/parse.h"
#include "padlock/x509/rules.h"

namespace padlock::x509 {

namespace {

/// version [0] EXPLICIT INTEGER DEFAULT v1  (RFC 5280, section 4.1.2.1). DER leaves a default out.
Result<int> parse_version(der::Reader& tbs) {
  if (!tbs.next_is(der::tag::context_constructed(0))) return 1;
  der::Reader in = PADLOCK_TRY(tbs.constructed("version", der::tag::context_constructed(0)));
  const auto value = PADLOCK_TRY(in.small_integer("version", 0xff));
  PADLOCK_TRY(in.finish());
  if (value != 1 && value != 2) return broken(rules::version, "version field is " + std::to_string(value));
  return static_cast<int>(value) + 1;
}

/// Validity ::= SEQUENCE { notBefore Time, notAfter Time }  (RFC 5280, section 4.1.2.5)
Result<void> parse_validity(der::Reader& tbs, Certificate& certificate) {
  der::Reader in = PADLOCK_TRY(tbs.sequence("validity"));
  certificate.not_before = PADLOCK_TRY(in.time("notBefore"));
  certificate.not_after = PADLOCK_TRY(in.time("notAfter"));
  return in.finish();
}

Result<void> parse_public_key(der::Reader& tbs, Certificate& certificate) {
  const auto key = PADLOCK_TRY(tbs.element("subjectPublicKeyInfo", der::tag::sequence));
  certificate.subject_public_key_info = copy(key.whole);
  certificate.public_key = PADLOCK_TRY(parse_subject_public_key_info(tbs.inside(key, "SubjectPublicKeyInfo")));
  return {};
}

/// issuerUniqueID [1] and subjectUniqueID [2]: read past, as nothing uses them (RFC 5280, section 4.1.2.8).
Result<void> skip_unique_identifiers(der::Reader& tbs, const Certificate& certificate) {
  for (const unsigned number : {1U, 2U}) {
    if (!tbs.next_is(der::tag::context(number))) continue;
    if (certificate.version < 2) return broken(rules::version, "version 1 with a unique identifier");
    PADLOCK_TRY(tbs.bit_string(number == 1 ? "issuerUniqueID" : "subjectUniqueID", der::tag::context(number)));
  }
  return {};
}

Result<void> parse_optional_extensions(der::Reader& tbs, Certificate& certificate) {
  if (!tbs.next_is(der::tag::context_constructed(3))) return {};
  if (certificate.version != 3)
    return broken(rules::version, "version " + std::to_string(certificate.version) + " with extensions");
  der::Reader explicit_tag = PADLOCK_TRY(tbs.constructed("extensions", der::tag::context_constructed(3)));
  der::Reader list = PADLOCK_TRY(explicit_tag.sequence("extensions"));
  PADLOCK_TRY(explicit_tag.finish());
  return parse_extensions(list, certificate);
}

/// TBSCertificate (RFC 5280, section 4.1.2), in its order. Gives back the algorithm inside.
Result<AlgorithmIdentifier> parse_tbs(der::Reader tbs, Certificate& certificate) {
  certificate.version = PADLOCK_TRY(parse_version(tbs));
  certificate.serial = copy(PADLOCK_TRY(parse_serial_number(tbs, "serialNumber")));
  const auto signature = PADLOCK_TRY(parse_algorithm_identifier(tbs, "signature"));
  certificate.issuer = PADLOCK_TRY(parse_name(tbs, "issuer"));
  PADLOCK_TRY(parse_validity(tbs, certificate));
  certificate.subject = PADLOCK_TRY(parse_name(tbs, "subject"));
  PADLOCK_TRY(parse_public_key(tbs, certificate));
  PADLOCK_TRY(skip_unique_identifiers(tbs, certificate));
  PADLOCK_TRY(parse_optional_extensions(tbs, certificate));
  PADLOCK_TRY(tbs.finish());
  return signature;
}

/// Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }  (RFC 5280, section 4.1)
Result<std::shared_ptr<const Certificate>> parse(Bytes der, AnnotationSink* sink, std::size_t offset) {
  if (der.size() > max_certificate_bytes)
    return broken(rules::certificate_too_large, "the certificate has " + std::to_string(der.size()) + " bytes");
  auto certificate = std::make_shared<Certificate>();
  certificate->der = copy(der);
  der::Reader message(der, "Certificate", sink, offset);
  der::Reader in = PADLOCK_TRY(message.sequence("certificate"));
  PADLOCK_TRY(message.finish());

  const auto tbs = PADLOCK_TRY(in.element("tbsCertificate", der::tag::sequence));
  certificate->tbs_offset = tbs.offset - offset;
  certificate->tbs_length = tbs.whole.size();
  const auto inner = PADLOCK_TRY(parse_tbs(in.inside(tbs, "TBSCertificate"), *certificate));
  const auto outer = PADLOCK_TRY(parse_algorithm_identifier(in, "signatureAlgorithm"));
  certificate->signature = copy(PADLOCK_TRY(in.octets_in_bit_string("signatureValue")));
  PADLOCK_TRY(in.finish());

  if (!std::ranges::equal(inner.whole, outer.whole)) {
    return broken(rules::algorithm_mismatch,
                  "signed as " + describe(inner.algorithm) + ", labelled " + describe(outer.algorithm));
  }
  certificate->signature_algorithm = outer.algorithm;
  certificate->signature_scheme = signature_scheme_of(outer);
  return certificate;
}

}  // namespace

std::string_view name_of(KeyUsage usage) {
  switch (usage) {
    case KeyUsage::digitalSignature: return "digitalSignature";
    case KeyUsage::nonRepudiation: return "nonRepudiation";
    case KeyUsage::keyEncipherment: return "keyEncipherment";
    case KeyUsage::dataEncipherment: return "dataEncipherment";
    case KeyUsage::keyAgreement: return "keyAgreement";
    case KeyUsage::keyCertSign: return "keyCertSign";
    case KeyUsage::cRLSign: return "cRLSign";
    case KeyUsage::encipherOnly: return "encipherOnly";
    case KeyUsage::decipherOnly: return "decipherOnly";
  }
  return "unknown bit";
}

const Extension* Certificate::find_extension(const der::Oid& oid) const {
  const auto found = std::ranges::find(extensions, oid, &Extension::oid);
  return found == extensions.end() ? nullptr : &*found;
}

Result<Bytes> parse_serial_number(der::Reader& in, std::string_view field) {
  const Bytes octets = PADLOCK_TRY(in.integer(field));
  if ((octets.front() & 0x80) != 0)
    return broken(rules::serial_number, "serial number " + to_hex(octets) + " is negative");
  if (octets.size() > max_serial_octets)
    return broken(rules::serial_number, "serial number has " + std::to_string(octets.size()) + " octets");
  return octets.size() > 1 && octets.front() == 0 ? octets.subspan(1) : octets;
}

Result<std::shared_ptr<const Certificate>> parse_certificate(Bytes der) { return parse(der, nullptr, 0); }

Result<void> annotate_certificate(Bytes der, AnnotationSink& sink, std::size_t offset) {
  PADLOCK_TRY(parse(der, &sink, offset));
  return {};
}

}  // namespace padlock::x509
