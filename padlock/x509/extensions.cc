#include <algorithm>
#include <iterator>
#include <string>

#include "padlock/x509/parse.h"
#include "padlock/x509/rules.h"

namespace padlock::x509 {

namespace {

namespace oid = der::oid;
namespace tag = der::tag;

/// BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER (0..MAX) OPTIONAL }
Result<void> parse_basic_constraints(der::Reader in, Certificate& certificate) {
  der::Reader fields = PADLOCK_TRY(in.sequence("BasicConstraints"));
  BasicConstraints constraints;
  if (fields.next_is(tag::boolean)) {
    constraints.ca = PADLOCK_TRY(fields.boolean("cA"));
    if (!constraints.ca) return broken(rules::malformed_extension, "cA FALSE is written out, DER leaves it out");
  }
  if (!fields.empty())
    constraints.path_length =
        static_cast<std::uint32_t>(PADLOCK_TRY(fields.small_integer("pathLenConstraint", UINT32_MAX)));
  PADLOCK_TRY(fields.finish());
  certificate.basic_constraints = constraints;
  return in.finish();
}

/// KeyUsage ::= BIT STRING: at least one bit is set (RFC 5280, section 4.2.1.3).
Result<void> parse_key_usage(der::Reader in, Certificate& certificate) {
  const auto bits = PADLOCK_TRY(in.bit_string("KeyUsage"));
  std::uint16_t usage = 0;
  for (unsigned bit = 0; bit < 9; ++bit) {
    if (bits.bit(bit)) usage = static_cast<std::uint16_t>(usage | 1U << bit);
  }
  if (usage == 0) return broken(rules::malformed_extension, "keyUsage without a bit");
  certificate.key_usage = usage;
  return in.finish();
}

/// ExtKeyUsageSyntax ::= SEQUENCE SIZE (1..MAX) OF KeyPurposeId
Result<void> parse_extended_key_usage(der::Reader in, Certificate& certificate) {
  der::Reader purposes = PADLOCK_TRY(in.sequence("ExtKeyUsageSyntax"));
  do certificate.extended_key_usage.push_back(PADLOCK_TRY(purposes.object_identifier("keyPurposeId")));
  while (!purposes.empty());
  return in.finish();
}

Result<void> parse_subject_alternative_name(der::Reader in, Certificate& certificate) {
  certificate.subject_alternative_names = PADLOCK_TRY(parse_general_names(PADLOCK_TRY(in.sequence("SubjectAltName"))));
  return in.finish();
}

Result<void> parse_issuer_alternative_name(der::Reader in, Certificate&) {
  PADLOCK_TRY(parse_general_names(PADLOCK_TRY(in.sequence("IssuerAltName"))));
  return in.finish();
}

/// GeneralSubtree ::= SEQUENCE { base, minimum [0] DEFAULT 0, maximum [1] OPTIONAL }: both bounds must be absent
/// (RFC 5280, section 4.2.1.10), and DER leaves out a minimum of 0.
Result<std::vector<GeneralName>> parse_subtrees(der::Reader in) {
  std::vector<GeneralName> bases;
  do {
    der::Reader subtree = PADLOCK_TRY(in.sequence("generalSubtree"));
    bases.push_back(PADLOCK_TRY(parse_general_name(subtree, "base")));
    if (!subtree.empty())
      return broken(rules::malformed_extension, "a subtree of nameConstraints with minimum or maximum");
  } while (!in.empty());
  return bases;
}

/// NameConstraints ::= SEQUENCE { permittedSubtrees [0] OPTIONAL, excludedSubtrees [1] OPTIONAL }, not both absent.
Result<void> parse_name_constraints(der::Reader in, Certificate& certificate) {
  der::Reader fields = PADLOCK_TRY(in.sequence("NameConstraints"));
  if (fields.empty()) return broken(rules::malformed_extension, "empty nameConstraints");
  NameConstraints constraints;
  if (fields.next_is(tag::context_constructed(0))) {
    constraints.permitted =
        PADLOCK_TRY(parse_subtrees(PADLOCK_TRY(fields.constructed("permittedSubtrees", tag::context_constructed(0)))));
  }
  if (fields.next_is(tag::context_constructed(1))) {
    constraints.excluded =
        PADLOCK_TRY(parse_subtrees(PADLOCK_TRY(fields.constructed("excludedSubtrees", tag::context_constructed(1)))));
  }
  PADLOCK_TRY(fields.finish());
  certificate.name_constraints = std::move(constraints);
  return in.finish();
}

Result<void> parse_subject_key_identifier(der::Reader in, Certificate& certificate) {
  const Bytes identifier = PADLOCK_TRY(in.octet_string("keyIdentifier"));
  if (identifier.empty()) return broken(rules::malformed_extension, "an empty subjectKeyIdentifier");
  certificate.subject_key_identifier.assign(identifier.begin(), identifier.end());
  return in.finish();
}

Result<void> parse_authority_key_identifier(der::Reader in, Certificate& certificate) {
  const auto identifier = PADLOCK_TRY(x509::parse_authority_key_identifier(in));
  certificate.authority_key_identifier.assign(identifier.key_identifier.begin(), identifier.key_identifier.end());
  certificate.authority_key_identifier_names_issuer = identifier.names_issuer;
  return {};
}

std::string value_of(const GeneralName& name) { return std::string(as_text(name.value)); }

/// AuthorityInfoAccessSyntax ::= SEQUENCE SIZE (1..MAX) OF SEQUENCE { accessMethod, accessLocation }
Result<void> parse_authority_info_access(der::Reader in, Certificate& certificate) {
  der::Reader list = PADLOCK_TRY(in.sequence("AuthorityInfoAccessSyntax"));
  do {
    der::Reader description = PADLOCK_TRY(list.sequence("accessDescription"));
    const auto method = PADLOCK_TRY(description.object_identifier("accessMethod"));
    const auto location = PADLOCK_TRY(parse_general_name(description, "accessLocation"));
    PADLOCK_TRY(description.finish());
    if (location.form != GeneralNameForm::uniformResourceIdentifier) continue;
    if (method == oid::caIssuers) certificate.ca_issuers_urls.push_back(value_of(location));
    if (method == oid::ocsp) certificate.ocsp_urls.push_back(value_of(location));
  } while (!list.empty());
  return in.finish();
}

/// CRLDistributionPoints ::= SEQUENCE SIZE (1..MAX) OF
///   SEQUENCE { distributionPoint [0], reasons [1], cRLIssuer [2] }, all OPTIONAL
/// A point for some reasons alone, or with lists of another issuer, is not for us: its lists cannot say `good`.
Result<void> parse_crl_distribution_points(der::Reader in, Certificate& certificate) {
  der::Reader list = PADLOCK_TRY(in.sequence("CRLDistributionPoints"));
  do {
    der::Reader point = PADLOCK_TRY(list.sequence("distributionPoint"));
    std::vector<std::string> urls;
    if (point.next_is(tag::context_constructed(0))) {
      urls = PADLOCK_TRY(parse_distribution_point_name(
          PADLOCK_TRY(point.constructed("distributionPointName", tag::context_constructed(0)))));
    }
    const bool some_reasons = point.next_is(tag::context(1));
    if (some_reasons) PADLOCK_TRY(point.bit_string("reasons", tag::context(1)));
    const bool other_issuer = point.next_is(tag::context_constructed(2));
    if (other_issuer)
      PADLOCK_TRY(parse_general_names(PADLOCK_TRY(point.constructed("cRLIssuer", tag::context_constructed(2)))));
    PADLOCK_TRY(point.finish());
    if (!some_reasons && !other_issuer) std::ranges::move(urls, std::back_inserter(certificate.crl_urls));
  } while (!list.empty());
  return in.finish();
}

/// Features ::= SEQUENCE OF INTEGER  (RFC 7633, section 4.1); 5 is status_request.
Result<void> parse_tls_feature(der::Reader in, Certificate& certificate) {
  der::Reader features = PADLOCK_TRY(in.sequence("Features"));
  while (!features.empty()) {
    if (PADLOCK_TRY(features.small_integer("feature", 0xffff)) == 5) certificate.must_staple = true;
  }
  return in.finish();
}

struct Understood {
  der::Oid oid;
  Result<void> (*parse)(der::Reader in, Certificate& certificate);
};
constexpr std::array understood{
    Understood{oid::basicConstraints, parse_basic_constraints},
    Understood{oid::keyUsage, parse_key_usage},
    Understood{oid::extKeyUsage, parse_extended_key_usage},
    Understood{oid::subjectAltName, parse_subject_alternative_name},
    Understood{oid::issuerAltName, parse_issuer_alternative_name},
    Understood{oid::nameConstraints, parse_name_constraints},
    Understood{oid::subjectKeyIdentifier, parse_subject_key_identifier},
    Understood{oid::authorityKeyIdentifier, parse_authority_key_identifier},
    Understood{oid::authorityInfoAccess, parse_authority_info_access},
    Understood{oid::cRLDistributionPoints, parse_crl_distribution_points},
    Understood{oid::tlsFeature, parse_tls_feature},
    Understood{oid::certificatePolicies, parse_certificate_policies},
    Understood{oid::policyMappings, parse_policy_mappings},
    Understood{oid::policyConstraints, parse_policy_constraints},
    Understood{oid::inhibitAnyPolicy, parse_inhibit_any_policy},
};

Result<void> parse_extension(der::Reader& list, Certificate& certificate) {
  const auto [extension, value] = PADLOCK_TRY(parse_extension_field(list));
  if (certificate.find_extension(extension.oid) != nullptr)
    return broken(rules::duplicate_extension, describe(extension.oid) + " stands twice");
  certificate.extensions.push_back(extension);

  const auto* const known = std::ranges::find(understood, extension.oid, &Understood::oid);
  if (known != understood.end()) return known->parse(value, certificate);
  if (extension.oid == oid::signedCertificateTimestamps)
    certificate.signed_certificate_timestamp_list.assign(value.peek().begin(), value.peek().end());
  if (extension.critical) certificate.unknown_critical_extensions.push_back(extension.oid.to_string());
  return {};
}

}  // namespace

Result<ExtensionField> parse_extension_field(der::Reader& list) {
  der::Reader in = PADLOCK_TRY(list.sequence("extension"));
  Extension extension;
  extension.oid = PADLOCK_TRY(in.object_identifier("extnID"));
  if (in.next_is(tag::boolean)) {
    extension.critical = PADLOCK_TRY(in.boolean("critical"));
    if (!extension.critical)
      return broken(rules::malformed_extension, "critical FALSE is written out, DER leaves it out");
  }
  const auto value = PADLOCK_TRY(in.element("extnValue", tag::octet_string));
  PADLOCK_TRY(in.finish());
  return ExtensionField{extension, in.inside(value, "extnValue")};
}

/// AuthorityKeyIdentifier ::= SEQUENCE { keyIdentifier [0], authorityCertIssuer [1], authorityCertSerialNumber [2] },
/// all OPTIONAL, the last two together or not at all (RFC 5280, section 4.2.1.1).
Result<AuthorityKeyIdentifier> parse_authority_key_identifier(der::Reader in) {
  der::Reader fields = PADLOCK_TRY(in.sequence("AuthorityKeyIdentifier"));
  AuthorityKeyIdentifier identifier;
  if (fields.next_is(tag::context(0)))
    identifier.key_identifier = PADLOCK_TRY(fields.octet_string("keyIdentifier", tag::context(0)));
  identifier.names_issuer = fields.next_is(tag::context_constructed(1));
  if (identifier.names_issuer)
    PADLOCK_TRY(
        parse_general_names(PADLOCK_TRY(fields.constructed("authorityCertIssuer", tag::context_constructed(1)))));
  const bool serial = fields.next_is(tag::context(2));
  if (serial) PADLOCK_TRY(fields.octet_string("authorityCertSerialNumber", tag::context(2)));
  PADLOCK_TRY(fields.finish());
  if (identifier.names_issuer != serial)
    return broken(rules::malformed_extension, "authorityKeyIdentifier with one of issuer and serial number");
  PADLOCK_TRY(in.finish());
  return identifier;
}

Result<std::vector<std::string>> parse_distribution_point_name(der::Reader in) {
  std::vector<std::string> urls;
  if (!in.next_is(tag::context_constructed(0))) return urls;
  const auto names =
      PADLOCK_TRY(parse_general_names(PADLOCK_TRY(in.constructed("fullName", tag::context_constructed(0)))));
  for (const GeneralName& name : names) {
    if (name.form == GeneralNameForm::uniformResourceIdentifier) urls.push_back(value_of(name));
  }
  PADLOCK_TRY(in.finish());
  return urls;
}

Result<void> parse_extensions(der::Reader in, Certificate& certificate) {
  do PADLOCK_TRY(parse_extension(in, certificate));
  while (!in.empty());
  return {};
}

}  // namespace padlock::x509
