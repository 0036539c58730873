#include "padlock/x509/rules.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "padlock/x509/limits.h"
#include "padlock/x509/test_certificates.h"

namespace padlock::x509 {
namespace {

using namespace testing;

/// Changes a good chain so that one rule is broken.
using Change = std::function<void(Chain&)>;

struct Provocation {
  const Rule* rule;
  Change change;
  std::string_view host = "example.test";
};

const Octets other_value = der::make_der([](der::Writer& out) { out.null(); });

void put_the_leafs_key_off_its_curve(Chain& chain) {
  auto point = std::get<crypto::EcPublicKey>(key(2).public_key().parts());
  point.point.back() ^= 1;
  chain.leaf.public_key_info = public_key_info(point);
}

/// A common name whose value has this tag.
Octets name_of_tag(std::uint8_t tag) {
  Octets der = name("x");
  der[der.size() - 3] = tag;
  return der;
}

const der::Oid policy_of_a = der::make_oid("1.2.3.1");

/// Leaf and CA hold as many policies as may be, which makes a node and an edge for each.
void demand_many_policies(Chain& chain) {
  std::vector<der::Oid> policies;
  policies.reserve(max_policies);
  for (std::size_t i = 0; i < max_policies; ++i) policies.push_back(*der::Oid::from_text("1.2.4." + std::to_string(i)));
  set_extension(chain.leaf, certificate_policies(policies));
  set_extension(chain.intermediate, certificate_policies(policies));
  set_extension(chain.intermediate, policy_constraints(0));
}

DraftExtension one_mapping_too_many() {
  return extension_of(der::oid::policyMappings, true, [](der::Writer& out) {
    for (std::size_t i = 0; i <= max_policies; ++i) {
      out.sequence([](der::Writer& entry) {
        entry.object_identifier(policy_of_a);
        entry.object_identifier(policy_of_a);
      });
    }
  });
}

/// One or more for every rule that a chain can break; the others have tests of their own below.
std::vector<Provocation> provocations() {
  return {
      {&rules::certificate_too_large,
       [](Chain& c) {
         c.leaf.extensions.push_back(
             extension(der::make_oid("1.2.3"), false, Octets(max_certificate_bytes, std::uint8_t{0})));
       }},
      {&rules::version, [](Chain& c) { c.leaf.version = 1; }},
      {&rules::version, [](Chain& c) { c.leaf.version = 3; }},
      {&rules::version, [](Chain& c) { c.leaf.version = 0; }},
      {&rules::version,
       [](Chain& c) {
         c.leaf.version.reset();
         c.leaf.extensions.clear();
         c.leaf.unique_identifiers = {0x81, 0x02, 0x00, 0xaa};
       }},
      {&rules::serial_number, [](Chain& c) { c.leaf.serial = {0x02, 0x01, 0xff}; }},
      {&rules::serial_number, [](Chain& c) { c.leaf.serial = {0x02, 0x01, 0x00}; }},
      {&rules::serial_number,
       [](Chain& c) {
         c.leaf.serial = Octets(23, 0x11);
         c.leaf.serial[0] = 0x02;
         c.leaf.serial[1] = 21;
       }},
      {&rules::algorithm_mismatch, [](Chain& c) { c.leaf.outer_algorithm = algorithm(der::oid::ecdsaWithSHA384); }},
      {&rules::unsupported_key,
       [](Chain& c) { c.leaf.public_key_info = public_key_info(crypto::RsaPublicKey{Octets(128, 0xff), {1, 0, 1}}); }},
      {&rules::unsupported_key, put_the_leafs_key_off_its_curve},
      {&rules::malformed_name, [](Chain& c) { c.leaf.subject = name_of_tag(0x8c); }},
      {&rules::malformed_name, [](Chain& c) { c.leaf.subject = name_of_tag(0x02); }},
      {&rules::malformed_name,
       [](Chain& c) { set_extension(c.leaf, subject_alternative_name({dns("example.test"), dns("a..b")})); }},
      {&rules::malformed_name,
       [](Chain& c) { set_extension(c.leaf, subject_alternative_name({dns("ex\xc3\xa4mple.test")})); }},
      {&rules::duplicate_extension, [](Chain& c) { c.leaf.extensions.push_back(c.leaf.extensions.front()); }},
      {&rules::malformed_extension,
       [](Chain& c) { set_extension(c.leaf, extension(der::oid::keyUsage, true, Octets{0x03, 0x01, 0x00})); }},
      {&rules::malformed_extension, [](Chain& c) { set_extension(c.intermediate, name_constraints({}, {})); }},
      {&rules::malformed_policy,
       [](Chain& c) { set_extension(c.leaf, certificate_policies({policy_of_a, policy_of_a})); }},
      {&rules::malformed_policy, [](Chain& c) { set_extension(c.intermediate, policy_constraints({})); }},
      {&rules::malformed_policy, [](Chain& c) { c.intermediate.extensions.push_back(one_mapping_too_many()); }},
      {&rules::no_valid_policy, [](Chain& c) { set_extension(c.intermediate, policy_constraints(0)); }},
      {&rules::policy_mapping_of_any,
       [](Chain& c) { set_extension(c.intermediate, policy_mappings({{policy_of_a, der::oid::anyPolicy}})); }},
      {&rules::policy_budget_exceeded, demand_many_policies},
      {&rules::wildcard_over_public_suffix,
       [](Chain& c) { set_extension(c.leaf, subject_alternative_name({dns("*.co.uk")})); }, "example.co.uk"},
      {&rules::not_version_3,
       [](Chain& c) {
         c.leaf.version.reset();
         c.leaf.extensions.clear();
       },
       ""},
      {&rules::expired,
       [](Chain& c) { c.leaf.validity = validity(test_now - std::chrono::days(9), test_now - std::chrono::days(3)); }},
      {&rules::expired,
       [](Chain& c) {
         c.root.validity = validity(test_now - std::chrono::days(9), test_now - std::chrono::seconds(1));
       }},
      {&rules::not_yet_valid,
       [](Chain& c) {
         c.leaf.validity = validity(test_now + std::chrono::seconds(1), test_now + std::chrono::days(3));
       }},
      {&rules::unknown_critical_extension,
       [](Chain& c) { c.leaf.extensions.push_back(extension(der::make_oid("1.2.3.4"), true, other_value)); }},
      {&rules::unknown_critical_extension,
       [](Chain& c) { c.root.extensions.push_back(extension(der::make_oid("1.2.3.4"), true, other_value)); }},
      {&rules::extension_criticality,
       [](Chain& c) { set_extension(c.leaf, authority_key_identifier(identifier(1), true)); }},
      {&rules::extension_criticality,
       [](Chain& c) { set_extension(c.intermediate, basic_constraints(true, {}, false)); }},
      {&rules::extension_criticality,
       [](Chain& c) { set_extension(c.leaf, extended_key_usage({der::oid::serverAuth}, true)); }},
      {&rules::missing_key_identifier, [](Chain& c) { remove_extension(c.leaf, der::oid::authorityKeyIdentifier); }},
      {&rules::missing_key_identifier,
       [](Chain& c) { remove_extension(c.intermediate, der::oid::subjectKeyIdentifier); }},
      {&rules::root_key_identifier, [](Chain& c) { set_extension(c.root, authority_key_identifier({1, 2, 3})); }},
      {&rules::inconsistent_ca, [](Chain& c) { set_extension(c.leaf, key_usage(sign_bit | ca_bits)); }},
      {&rules::inconsistent_ca, [](Chain& c) { set_extension(c.leaf, basic_constraints(true)); }},
      {&rules::inconsistent_ca, [](Chain& c) { set_extension(c.leaf, basic_constraints(false, 0)); }},
      {&rules::inconsistent_ca, [](Chain& c) { set_extension(c.leaf, name_constraints({dns("test")}, {})); }},
      {&rules::not_a_ca, [](Chain& c) { set_extension(c.intermediate, basic_constraints(false)); }},
      {&rules::not_a_ca, [](Chain& c) { remove_extension(c.root, der::oid::basicConstraints); }},
      {&rules::may_not_sign_certificates, [](Chain& c) { set_extension(c.intermediate, key_usage(sign_bit)); }},
      {&rules::empty_ca_subject,
       [](Chain& c) {
         c.intermediate.subject = name("");
         c.leaf.issuer = name("");
       }},
      {&rules::path_length, [](Chain& c) { set_extension(c.root, basic_constraints(true, 0)); }},
      {&rules::key_usage, [](Chain& c) { set_extension(c.leaf, key_usage(1 << 2)); }},
      {&rules::extended_key_usage, [](Chain& c) { set_extension(c.leaf, extended_key_usage({der::oid::clientAuth})); }},
      {&rules::extended_key_usage,
       [](Chain& c) { set_extension(c.intermediate, extended_key_usage({der::oid::emailProtection})); }},
      {&rules::common_name_not_in_san, [](Chain& c) { c.leaf.subject = name("other.test"); }},
      {&rules::empty_subject, [](Chain& c) { c.leaf.subject = name(""); }},
      {&rules::unknown_issuer, [](Chain& c) { c.intermediate.issuer = name("Nobody"); }},
      {&rules::bad_signature,
       [](Chain& c) { c.intermediate.public_key_info = public_key_info(key(4).public_key().parts()); }},
      {&rules::weak_signature,
       [](Chain& c) { c.leaf.signature_algorithm = algorithm(der::oid::sha1WithRSAEncryption, true); }},
      {&rules::name_constraint, [](Chain& c) { set_extension(c.root, name_constraints({dns("other.test")}, {})); }},
      {&rules::unsupported_name_constraint,
       [](Chain& c) {
         set_extension(c.root, name_constraints({}, {mail("example.test")}));
         set_extension(c.leaf, subject_alternative_name({dns("example.test"), mail("a@[192.0.2.1]")}));
       }},
      {&rules::malformed_name_constraint,
       [](Chain& c) { set_extension(c.root, name_constraints({dns(".test")}, {})); }},
      {&rules::host_name_mismatch, [](Chain&) {}, "www.example.test"},
      {&rules::no_subject_alternative_name, [](Chain& c) { remove_extension(c.leaf, der::oid::subjectAltName); }},
      {&rules::malformed_server_name, [](Chain&) {}, "exa mple.test"},
  };
}

TEST(Rules, AreEachBrokenByAChainWithJustThatFault) {
  for (const Provocation& provocation : provocations()) {
    Chain chain;
    provocation.change(chain);
    const Verdict verdict = verify(chain, provocation.host);
    EXPECT_EQ(code_of(verdict), provocation.rule->code) << (verdict.error ? verdict.error->what : "");
    EXPECT_FALSE(verdict.trusted_directly);
  }
}

/// Rules that no single change of a chain breaks: the code that each situation gives.
std::map<const Rule*, std::string> other_provocations() {
  const Octets alone = sign(leaf_draft(2, "leaf", 2), key(2));
  TrustStore given;
  const auto refusal =
      given.add_pem("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", TrustSource::given_file);
  const auto nothing = given.add_pem("no certificate in here", TrustSource::given_file);
  return {
      {&rules::no_certificate, code_of(verify(std::vector<Octets>{}, TrustStore{}))},
      {&rules::mail_address_mismatch, code_of(verify_mail(Chain{}, "a@example.test"))},
      {&rules::distrusted_root, code_of(verify_below_root_distrusted_at(test_now - std::chrono::days(400)))},
      {&rules::self_signed, code_of(verify({alone}, TrustStore{}))},
      {&rules::path_budget_exceeded, code_of(verify(deep_chain(max_path_depth + 1), deep_chain_store()))},
      {&rules::name_budget_exceeded, code_of(verify(chain_with_names(501, 500)))},
      {&rules::refused_trust_file_entry, refusal ? "" : std::string(refusal.error().rule->code)},
      {&rules::empty_trust_file, nothing ? "" : std::string(nothing.error().rule->code)},
  };
}

TEST(Rules, AreEachBrokenWhereAChainAloneCannot) {
  for (const auto& [rule, code] : other_provocations()) EXPECT_EQ(code, rule->code);
}

TEST(Rules, AreAllProvokedByATest) {
  std::set<const Rule*> provoked;
  for (const Provocation& provocation : provocations()) provoked.insert(provocation.rule);
  for (const auto& [rule, code] : other_provocations()) provoked.insert(rule);
  for (const Rule* rule : rules::all) EXPECT_TRUE(provoked.contains(rule)) << rule->code;
}

TEST(Rules, TellThePeerTheAlertThatFits) {
  EXPECT_EQ(rules::expired.alert, AlertDescription::certificate_expired);
  EXPECT_EQ(rules::not_yet_valid.alert, AlertDescription::certificate_expired);
  EXPECT_EQ(rules::unknown_issuer.alert, AlertDescription::unknown_ca);
  EXPECT_EQ(rules::self_signed.alert, AlertDescription::unknown_ca);
  EXPECT_EQ(rules::path_budget_exceeded.alert, AlertDescription::unknown_ca);
  EXPECT_EQ(rules::name_budget_exceeded.alert, AlertDescription::bad_certificate);
  EXPECT_EQ(rules::unsupported_key.alert, AlertDescription::unsupported_certificate);
  EXPECT_EQ(rules::name_constraint.alert, AlertDescription::bad_certificate);
  EXPECT_EQ(rules::malformed_name.alert, AlertDescription::bad_certificate);
}

TEST(Rules, NeverAdviseToSwitchAChecksOff) {
  for (const Rule* rule : rules::all) {
    for (const std::string_view bad : {"dangerous", "insecure", "-k", "ignore", "disable", "skip"})
      EXPECT_FALSE(rule->hint.contains(bad)) << rule->code;
    EXPECT_FALSE(rule->hint.empty()) << rule->code;
  }
}

TEST(Rules, LeaveAGoodChainAlone) {
  const Verdict verdict = verify(Chain{});
  EXPECT_TRUE(verdict.trusted) << verdict.error->to_string();
  ASSERT_NE(verdict.good_path(), nullptr);
  EXPECT_EQ(verdict.good_path()->certificates.size(), 3U);
  EXPECT_EQ(verdict.good_path()->anchor, TrustSource::given_file);
}

}  // namespace
}  // namespace padlock::x509
