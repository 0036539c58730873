#include "padlock/x509/profile.h"

#include <algorithm>
#include <array>
#include <string>

#include "padlock/x509/names.h"
#include "padlock/x509/rules.h"

namespace padlock::x509 {

namespace {

namespace oid = der::oid;

enum class Criticality : std::uint8_t { must_be, must_not_be };
enum class Where : std::uint8_t { anywhere, ca, leaf };

/// What RFC 5280 asks of each extension's critical bit (section 4.2.1.*), and for leaves what the Baseline Requirements
/// of browsers add (section 7.1.2.7.6: extKeyUsage).
struct CriticalityRow {
  der::Oid oid;
  Criticality wanted;
  Where where;
};
constexpr std::array criticality_rows{
    CriticalityRow{oid::authorityKeyIdentifier, Criticality::must_not_be, Where::anywhere},
    CriticalityRow{oid::subjectKeyIdentifier, Criticality::must_not_be, Where::anywhere},
    CriticalityRow{oid::authorityInfoAccess, Criticality::must_not_be, Where::anywhere},
    CriticalityRow{oid::subjectInfoAccess, Criticality::must_not_be, Where::anywhere},
    CriticalityRow{oid::basicConstraints, Criticality::must_be, Where::ca},
    CriticalityRow{oid::nameConstraints, Criticality::must_be, Where::ca},
    CriticalityRow{oid::policyConstraints, Criticality::must_be, Where::anywhere},
    CriticalityRow{oid::inhibitAnyPolicy, Criticality::must_be, Where::anywhere},
    CriticalityRow{oid::extKeyUsage, Criticality::must_not_be, Where::leaf},
};

bool applies(Where where, const Certificate& certificate, Role role) {
  return where == Where::anywhere || (where == Where::ca && certificate.ca()) ||
         (where == Where::leaf && role == Role::leaf);
}

Result<void> check_criticality(const Certificate& certificate, Role role) {
  for (const Extension& extension : certificate.extensions) {
    const auto* const row = std::ranges::find(criticality_rows, extension.oid, &CriticalityRow::oid);
    if (row == criticality_rows.end() || !applies(row->where, certificate, role)) continue;
    if (extension.critical != (row->wanted == Criticality::must_be)) {
      return broken(rules::extension_criticality,
                    describe(extension.oid) + (extension.critical ? " is critical" : " is not critical"));
    }
  }
  return {};
}

Result<void> check_unknown_extensions(const Certificate& certificate) {
  if (certificate.unknown_critical_extensions.empty()) return {};
  const auto oid = der::Oid::from_text(certificate.unknown_critical_extensions.front());
  return broken(rules::unknown_critical_extension,
                "it demands " + (oid ? describe(*oid) : certificate.unknown_critical_extensions.front()) +
                    ", which Padlock does not know");
}

Result<void> check_version(const Certificate& certificate) {
  if (certificate.version == 3) return {};
  return broken(rules::not_version_3, "it is version " + std::to_string(certificate.version));
}

/// Zero is for old roots alone.
Result<void> check_serial(const Certificate& certificate) {
  if (certificate.serial != std::vector<std::uint8_t>{0}) return {};
  return broken(rules::serial_number, "its serial number is zero");
}

/// basicConstraints and keyUsage say the same about signing certificates (RFC 5280, sections 4.2.1.3 and 4.2.1.9).
Result<void> check_consistency(const Certificate& certificate) {
  const bool signs = certificate.key_usage && certificate.may_be_used_for(KeyUsage::keyCertSign);
  if (certificate.ca() && !certificate.may_be_used_for(KeyUsage::keyCertSign))
    return broken(rules::inconsistent_ca, "it is a CA, but its keyUsage lacks keyCertSign");
  if (!certificate.ca() && signs)
    return broken(rules::inconsistent_ca, "it is no CA, but its keyUsage has keyCertSign");
  if (!certificate.ca() && certificate.basic_constraints && certificate.basic_constraints->path_length)
    return broken(rules::inconsistent_ca, "it is no CA, but has a path length");
  if (!certificate.ca() && certificate.name_constraints)
    return broken(rules::inconsistent_ca, "it is no CA, but has name constraints");
  return {};
}

/// Only self-signed certificates may leave out who signed them; every CA says which key it has (RFC 5280, sections
/// 4.2.1.1 and 4.2.1.2).
Result<void> check_key_identifiers(const Certificate& certificate, bool self_signed) {
  if (certificate.ca() && certificate.subject_key_identifier.empty())
    return broken(rules::missing_key_identifier, "a CA without subjectKeyIdentifier");
  const bool has_extension = certificate.find_extension(oid::authorityKeyIdentifier) != nullptr;
  if (certificate.authority_key_identifier.empty() && (has_extension || !self_signed))
    return broken(rules::missing_key_identifier, "no keyIdentifier in authorityKeyIdentifier");
  return {};
}

/// A root signs itself, so it names its own key and nothing else (Baseline Requirements, section 7.1.2.1.3).
Result<void> check_root_key_identifier(const Certificate& certificate) {
  const auto& own = certificate.subject_key_identifier;
  const auto& signer = certificate.authority_key_identifier;
  if (!certificate.self_issued() || certificate.find_extension(oid::authorityKeyIdentifier) == nullptr) return {};
  if (certificate.authority_key_identifier_names_issuer)
    return broken(rules::root_key_identifier, "a root whose authorityKeyIdentifier names an issuer");
  if (signer != own) return broken(rules::root_key_identifier, "a root that names another key as its signer's");
  return {};
}

Result<void> check_ca(const Certificate& certificate) {
  if (!certificate.ca()) return broken(rules::not_a_ca, certificate.subject.text() + " is no CA");
  if (!certificate.may_be_used_for(KeyUsage::keyCertSign))
    return broken(rules::may_not_sign_certificates, "its keyUsage lacks keyCertSign");
  return {};
}

Result<void> check_ca_subject(const Certificate& certificate) {
  if (!certificate.subject.empty()) return {};
  return broken(rules::empty_ca_subject, "a CA without a name");
}

/// An empty list allows every purpose; CAs with a list allow below them only what it holds, as all verifiers have it.
Result<void> check_purpose(const Certificate& certificate, Purpose purpose) {
  const der::Oid wanted = purpose == Purpose::server_auth ? oid::serverAuth : oid::clientAuth;
  const auto& purposes = certificate.extended_key_usage;
  const auto has = [&purposes](const der::Oid& one) { return std::ranges::find(purposes, one) != purposes.end(); };
  if (purposes.empty() || has(wanted) || has(oid::anyExtendedKeyUsage)) return {};
  return broken(rules::extended_key_usage, "its extKeyUsage does not allow " + std::string(name_of(wanted)));
}

/// One of the bits that the caller needs, in TLS digitalSignature (RFC 8446, section 4.4.2.2).
Result<void> check_leaf_usage(const Certificate& certificate, std::optional<KeyUsage> needed) {
  if (!needed || certificate.may_be_used_for(*needed)) return {};
  return broken(rules::key_usage, "its keyUsage lacks " + std::string(name_of(*needed)));
}

Result<void> check_subject(const Certificate& certificate) {
  if (!certificate.subject.empty()) return {};
  const Extension* const names = certificate.find_extension(oid::subjectAltName);
  if (names != nullptr && names->critical) return {};
  return broken(rules::empty_subject, "an empty subject without a critical subjectAltName");
}

}  // namespace

std::string describe_span(std::chrono::seconds span) {
  using namespace std::chrono;
  const auto say = [](auto count, std::string_view unit) {
    return std::to_string(count) + " " + std::string(unit) + (count == 1 ? "" : "s");
  };
  if (span >= days(2)) return say(duration_cast<days>(span).count(), "day");
  if (span >= hours(2)) return say(duration_cast<hours>(span).count(), "hour");
  if (span >= minutes(2)) return say(duration_cast<minutes>(span).count(), "minute");
  return say(span.count(), "second");
}

Result<void> check_validity(const Certificate& certificate, WallTime now) {
  if (now > certificate.not_after) {
    return broken(rules::expired, "its certificate expired " + describe_span(now - certificate.not_after) +
                                      " ago (notAfter " + padlock::to_string(certificate.not_after) + ")");
  }
  if (now < certificate.not_before) {
    return broken(rules::not_yet_valid, "its certificate is valid only in " +
                                            describe_span(certificate.not_before - now) + " (notBefore " +
                                            padlock::to_string(certificate.not_before) + ")");
  }
  return {};
}

void check_certificate(const std::shared_ptr<const Certificate>& shared, const Place& place, const VerifyInput& input,
                       std::vector<Fault>& faults) {
  const Certificate& certificate = *shared;
  const auto note = [&](const Result<void>& result) {
    if (!result) faults.push_back({result.error(), shared, place.depth});
  };
  note(check_validity(certificate, input.now));
  note(check_unknown_extensions(certificate));
  note(place.role == Role::leaf ? check_leaf_usage(certificate, input.key_usage) : check_ca(certificate));
  note(check_purpose(certificate, input.purpose));
}

void check_form(const std::shared_ptr<const Certificate>& shared, const Place& place, const VerifyInput& input,
                std::vector<Fault>& faults) {
  const Certificate& certificate = *shared;
  const auto note = [&](const Result<void>& result) {
    if (!result) faults.push_back({result.error(), shared, place.depth});
  };
  const bool leaf = place.role == Role::leaf;
  if (place.source == TrustSource::system_bundle) return;
  note(check_version(certificate));
  note(check_consistency(certificate));
  note(check_names(certificate));
  note(check_criticality(certificate, place.role));
  note(check_key_identifiers(certificate, place.self_signed));
  note(leaf ? check_subject(certificate) : check_ca_subject(certificate));
  if (place.role == Role::anchor) {
    note(check_root_key_identifier(certificate));
  } else {
    note(check_serial(certificate));
  }
  if (leaf && input.purpose == Purpose::server_auth) note(check_common_name(certificate));
}

}  // namespace padlock::x509
