#include <algorithm>
#include <string>

#include "padlock/x509/limits.h"
#include "padlock/x509/parse.h"
#include "padlock/x509/rules.h"

namespace padlock::x509 {

namespace {

namespace tag = der::tag;

std::unexpected<Error> too_many(std::string_view what) {
  return broken(rules::malformed_policy, "more than " + std::to_string(max_policies) + " " + std::string(what));
}

/// policyQualifiers SEQUENCE SIZE (1..MAX) OF SEQUENCE { policyQualifierId, qualifier ANY }: read past, as nothing that
/// is decided hangs on them (RFC 5280, section 4.2.1.4).
Result<void> skip_qualifiers(der::Reader& information) {
  if (information.empty()) return {};
  der::Reader list = PADLOCK_TRY(information.sequence("policyQualifiers"));
  do {
    der::Reader qualifier = PADLOCK_TRY(list.sequence("policyQualifierInfo"));
    PADLOCK_TRY(qualifier.object_identifier("policyQualifierId"));
    PADLOCK_TRY(qualifier.any("qualifier"));
    PADLOCK_TRY(qualifier.finish());
  } while (!list.empty());
  return information.finish();
}

/// SkipCerts ::= INTEGER (0..MAX), with [number] in front.
Result<std::optional<std::uint32_t>> parse_skip_certs(der::Reader& fields, unsigned number, std::string_view name) {
  if (!fields.next_is(tag::context(number))) return std::nullopt;
  return static_cast<std::uint32_t>(PADLOCK_TRY(fields.small_integer(name, UINT32_MAX, tag::context(number))));
}

}  // namespace

/// certificatePolicies ::= SEQUENCE SIZE (1..MAX) OF SEQUENCE { policyIdentifier, policyQualifiers OPTIONAL }
Result<void> parse_certificate_policies(der::Reader in, Certificate& certificate) {
  der::Reader list = PADLOCK_TRY(in.sequence("certificatePolicies"));
  std::vector<der::Oid>& policies = certificate.policies.certificate_policies.emplace();
  do {
    der::Reader information = PADLOCK_TRY(list.sequence("policyInformation"));
    const auto policy = PADLOCK_TRY(information.object_identifier("policyIdentifier"));
    PADLOCK_TRY(skip_qualifiers(information));
    if (std::ranges::find(policies, policy) != policies.end())
      return broken(rules::malformed_policy, "the policy " + describe(policy) + " stands twice");
    if (policies.size() == max_policies) return too_many("policies");
    policies.push_back(policy);
  } while (!list.empty());
  return in.finish();
}

/// PolicyMappings ::= SEQUENCE SIZE (1..MAX) OF SEQUENCE { issuerDomainPolicy, subjectDomainPolicy }
Result<void> parse_policy_mappings(der::Reader in, Certificate& certificate) {
  der::Reader list = PADLOCK_TRY(in.sequence("PolicyMappings"));
  do {
    der::Reader entry = PADLOCK_TRY(list.sequence("policyMapping"));
    PolicyMapping mapping;
    mapping.issuer_domain_policy = PADLOCK_TRY(entry.object_identifier("issuerDomainPolicy"));
    mapping.subject_domain_policy = PADLOCK_TRY(entry.object_identifier("subjectDomainPolicy"));
    PADLOCK_TRY(entry.finish());
    if (certificate.policies.mappings.size() == max_policies) return too_many("policy mappings");
    certificate.policies.mappings.push_back(mapping);
  } while (!list.empty());
  return in.finish();
}

/// PolicyConstraints ::= SEQUENCE { requireExplicitPolicy [0] OPTIONAL, inhibitPolicyMapping [1] OPTIONAL }, not both
/// absent.
Result<void> parse_policy_constraints(der::Reader in, Certificate& certificate) {
  der::Reader fields = PADLOCK_TRY(in.sequence("PolicyConstraints"));
  if (fields.empty()) return broken(rules::malformed_policy, "empty policyConstraints");
  Policies& policies = certificate.policies;
  policies.require_explicit_policy = PADLOCK_TRY(parse_skip_certs(fields, 0, "requireExplicitPolicy"));
  policies.inhibit_policy_mapping = PADLOCK_TRY(parse_skip_certs(fields, 1, "inhibitPolicyMapping"));
  PADLOCK_TRY(fields.finish());
  return in.finish();
}

/// InhibitAnyPolicy ::= SkipCerts
Result<void> parse_inhibit_any_policy(der::Reader in, Certificate& certificate) {
  certificate.policies.inhibit_any_policy =
      static_cast<std::uint32_t>(PADLOCK_TRY(in.small_integer("InhibitAnyPolicy", UINT32_MAX)));
  return in.finish();
}

}  // namespace padlock::x509
