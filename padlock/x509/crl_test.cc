#include "padlock/x509/crl.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <functional>
#include <set>

#include "padlock/x509/limits.h"
#include "padlock/x509/revocation_rules.h"
#include "padlock/x509/rules.h"
#include "padlock/x509/test_revocation.h"

namespace padlock::x509 {
namespace {

using namespace testing;

constexpr std::string_view url = "http://crl.example.test/1.crl";
const Octets other_value = der::make_der([](der::Writer& out) { out.null(); });
const Octets leaf_serial{0x02, 0x01, 0x01};

/// A leaf (serial number 1, key 2) of "Intermediate" (key 1), and its issuer's list.
struct Scene {
  Draft issuer = ca_draft("Intermediate", 1, "Root", 0);
  Draft leaf = leaf_draft(2, "Intermediate", 1);
  ListDraft list;
  std::size_t signer = 1;
  WallTime now = test_now;
};

std::string told(const Scene& scene) {
  const auto issuer = parse_certificate(sign(scene.issuer, key(0))).value();
  const auto leaf = parse_certificate(sign(scene.leaf, key(1))).value();
  const auto list = parse_certificate_list(sign(scene.list, key(scene.signer)));
  if (!list) return std::string(list.error().rule->code);
  return testing::told(check_crl(*leaf, *issuer, **list, scene.now, provider()));
}

struct Case {
  std::string_view name;
  std::string_view expected;
  std::function<void(Scene&)> change;
};

void partition(Scene& scene, const DraftPoint& point, std::string_view certificate_url = url) {
  scene.list.extensions.push_back(issuing_distribution_point(point));
  set_extension(scene.leaf, distribution_point(certificate_url));
}
void revoke(Scene& scene, std::uint8_t reason) {
  scene.list.entries = {list_entry(leaf_serial, {reason_code(reason)})};
}

/// The cases of docs/threats.md, X10.
const std::vector<Case> cases{
    {"without entries", "good", [](Scene&) {}},
    {"of version 1", "good", [](Scene& s) { s.list.version.reset(); }},
    {"another is revoked", "good", [](Scene& s) { s.list.entries = {list_entry({0x02, 0x01, 0x02})}; }},
    {"revoked without a reason", "revoked", [](Scene& s) { s.list.entries = {list_entry(leaf_serial)}; }},
    {"revoked, keyCompromise", "revoked", [](Scene& s) { revoke(s, 1); }},
    {"revoked, certificateHold", "revoked", [](Scene& s) { revoke(s, 6); }},
    {"revoked, a reason of a later RFC", "revoked", [](Scene& s) { revoke(s, 11); }},
    {"removeFromCRL in a complete list", "good", [](Scene& s) { revoke(s, 8); }},
    {"revoked, with an invalidity date", "revoked",
     [](Scene& s) {
       const Octets date = der::make_der([](der::Writer& out) { out.generalized_time(test_now); });
       s.list.entries = {list_entry(leaf_serial, {extension(der::oid::invalidityDate, false, date), reason_code(1)})};
     }},
    {"an extension of an entry that is not critical", "revoked",
     [](Scene& s) {
       s.list.entries = {list_entry(leaf_serial, {extension(der::make_oid("1.2.3"), false, other_value)})};
     }},
    {"a critical extension of another's entry", "x509.crl.unknown_critical",
     [](Scene& s) {
       s.list.entries = {list_entry({0x02, 0x01, 0x02}, {extension(der::make_oid("1.2.3"), true, other_value)})};
     }},
    {"an extension that is not critical", "good",
     [](Scene& s) { s.list.extensions = {extension(der::oid::freshestCRL, false, other_value)}; }},
    {"a critical extension", "x509.crl.unknown_critical",
     [](Scene& s) { s.list.extensions = {extension(der::make_oid("1.2.3"), true, other_value)}; }},
    {"of another issuer", "x509.crl.other_issuer", [](Scene& s) { s.list.issuer = name("Root"); }},
    {"the certificate is another issuer's", "x509.crl.other_issuer",
     [](Scene& s) {
       s.list.issuer = name("Other");
       s.leaf.issuer = name("Other");
     }},
    {"signed by another key", "x509.crl.bad_signature", [](Scene& s) { s.signer = 2; }},
    {"signed with SHA-1", "x509.crl.weak_signature",
     [](Scene& s) { s.list.signature_algorithm = algorithm(der::oid::sha1WithRSAEncryption, true); }},
    {"the issuer lacks cRLSign", "x509.crl.key_usage",
     [](Scene& s) { set_extension(s.issuer, key_usage(static_cast<std::uint16_t>(KeyUsage::keyCertSign))); }},
    {"the issuer has no keyUsage", "good", [](Scene& s) { remove_extension(s.issuer, der::oid::keyUsage); }},
    {"at its first second", "good", [](Scene& s) { s.now = test_now - std::chrono::days(1); }},
    {"before its time", "x509.crl.not_yet_valid",
     [](Scene& s) { s.now = test_now - std::chrono::days(1) - std::chrono::seconds(1); }},
    {"at its last second", "good", [](Scene& s) { s.now = test_now + std::chrono::days(6); }},
    {"after its time", "x509.crl.stale",
     [](Scene& s) { s.now = test_now + std::chrono::days(6) + std::chrono::seconds(1); }},
    {"after its time, revoked", "x509.crl.stale",
     [](Scene& s) {
       revoke(s, 1);
       s.now = test_now + std::chrono::days(7);
     }},
    {"without nextUpdate", "x509.crl.no_next_update", [](Scene& s) { s.list.next_update.reset(); }},
    {"a delta", "x509.crl.delta",
     [](Scene& s) { s.list.extensions = {extension(der::oid::deltaCRLIndicator, true, der_of_integer(7))}; }},
    {"an indirect list", "x509.crl.indirect", [](Scene& s) { partition(s, {.urls = {url}, .indirect = true}); }},
    {"an entry of another issuer", "x509.crl.indirect",
     [](Scene& s) {
       s.list.entries = {list_entry(leaf_serial, {extension_of(der::oid::certificateIssuer, true, [](der::Writer& out) {
                                      write_general_name(out, directory("Other"));
                                    })})};
     }},
    {"some reasons", "x509.crl.some_reasons", [](Scene& s) { partition(s, {.urls = {url}, .some_reasons = true}); }},
    {"its own partition", "good", [](Scene& s) { partition(s, {.urls = {url}}); }},
    {"its own partition by its second name", "good",
     [](Scene& s) { partition(s, {.urls = {"http://crl.example.test/other.crl", url}}); }},
    {"its own partition, revoked", "revoked",
     [](Scene& s) {
       partition(s, {.urls = {url}});
       revoke(s, 4);
     }},
    {"another partition", "x509.crl.out_of_scope",
     [](Scene& s) { partition(s, {.urls = {"http://crl.example.test/2.crl"}}); }},
    {"a partition, and a certificate that names none", "x509.crl.out_of_scope",
     [](Scene& s) { s.list.extensions = {issuing_distribution_point({.urls = {url}})}; }},
    {"a partition by a relative name", "x509.crl.out_of_scope",
     [](Scene& s) { partition(s, {.relative_name = true}); }},
    {"its point is for some reasons", "x509.crl.out_of_scope",
     [](Scene& s) {
       partition(s, {.urls = {url}});
       set_extension(s.leaf, distribution_point(url, true));
     }},
    {"its point has lists of another issuer", "x509.crl.out_of_scope",
     [](Scene& s) {
       partition(s, {.urls = {url}});
       set_extension(s.leaf, distribution_point(url, false, true));
     }},
    {"for leaves", "good", [](Scene& s) { partition(s, {.user_certs = true}); }},
    {"for CAs", "x509.crl.out_of_scope", [](Scene& s) { partition(s, {.ca_certs = true}); }},
    {"for leaves, and the certificate is a CA", "x509.crl.out_of_scope",
     [](Scene& s) {
       partition(s, {.user_certs = true});
       set_extension(s.leaf, basic_constraints(true));
     }},
    {"for CAs, and the certificate is one", "good",
     [](Scene& s) {
       partition(s, {.ca_certs = true});
       set_extension(s.leaf, basic_constraints(true));
     }},
    {"for attribute certificates", "x509.crl.out_of_scope", [](Scene& s) { partition(s, {.attribute_certs = true}); }},

    {"version 1 written out", "x509.crl.malformed", [](Scene& s) { s.list.version = 0; }},
    {"version 3", "x509.crl.malformed", [](Scene& s) { s.list.version = 2; }},
    {"version 1 with extensions", "x509.crl.malformed",
     [](Scene& s) {
       s.list.version.reset();
       s.list.extensions = {extension(der::oid::cRLNumber, false, der_of_integer(7))};
     }},
    {"version 1 with a reason", "x509.crl.malformed",
     [](Scene& s) {
       s.list.version.reset();
       revoke(s, 1);
     }},
    {"an empty list of entries", "der.unexpected_tag", [](Scene& s) { s.list.empty_entries = true; }},
    {"a serial number in two entries", "x509.crl.malformed",
     [](Scene& s) { s.list.entries = {list_entry(leaf_serial), list_entry(leaf_serial, {reason_code(8)})}; }},
    {"two reasons in an entry", "x509.crl.malformed",
     [](Scene& s) { s.list.entries = {list_entry(leaf_serial, {reason_code(1), reason_code(2)})}; }},
    {"a negative serial number", "x509.certificate.serial_number",
     [](Scene& s) { s.list.entries = {list_entry({0x02, 0x01, 0x80})}; }},
    {"an extension twice", "x509.crl.malformed",
     [](Scene& s) {
       s.list.extensions = {extension(der::oid::cRLNumber, false, der_of_integer(7)),
                            extension(der::oid::cRLNumber, false, der_of_integer(8))};
     }},
    {"an empty issuingDistributionPoint", "x509.crl.malformed", [](Scene& s) { partition(s, {}); }},
    {"onlyContainsUserCerts FALSE", "x509.crl.malformed", [](Scene& s) { partition(s, {.user_certs = false}); }},
    {"for leaves alone and for CAs alone", "x509.crl.malformed",
     [](Scene& s) { partition(s, {.user_certs = true, .ca_certs = true}); }},
    {"labelled with another algorithm", "x509.crl.algorithm_mismatch",
     [](Scene& s) { s.list.outer_algorithm = algorithm(der::oid::ecdsaWithSHA384); }},
    {"a GeneralizedTime of today", "der.time",
     [](Scene& s) { s.list.this_update = der::make_der([](der::Writer& out) { out.generalized_time(test_now); }); }},
    {"bytes behind it", "der.trailing_bytes", [](Scene& s) { s.list.trailer = {0x05, 0x00}; }},
};

TEST(CertificateList, SaysOfACertificateWhatItMay) {
  for (const Case& one : cases) {
    Scene scene;
    one.change(scene);
    EXPECT_EQ(told(scene), one.expected) << one.name;
  }
}

TEST(CertificateListRules, AreEachProvokedByATest) {
  std::set<std::string_view> provoked{rules::crl_too_large.code};  // HasALimit
  for (const Case& one : cases) provoked.insert(one.expected);
  for (const Rule* rule : rules::revocation) {
    if (!rule->code.starts_with("x509.crl.")) continue;
    EXPECT_TRUE(provoked.contains(rule->code)) << rule->code;
    EXPECT_EQ(rule->alert, AlertDescription::certificate_unknown) << rule->code;
    EXPECT_FALSE(rule->hint.empty()) << rule->code;
  }
}

TEST(CertificateList, KeepsWhatItReads) {
  ListDraft draft;
  draft.extensions = {extension(der::oid::cRLNumber, false, der_of_integer(0x1234)),
                      authority_key_identifier(identifier(1)),
                      issuing_distribution_point({.urls = {url}, .user_certs = true})};
  draft.entries = {list_entry({0x02, 0x02, 0x00, 0x80}, {reason_code(1)}), list_entry({0x02, 0x01, 0x00})};
  const Octets der = sign(draft, key(1));
  const auto list = parse_certificate_list(der).value();
  EXPECT_EQ(list->der, der);
  EXPECT_EQ(list->version, 2);
  EXPECT_EQ(list->issuer.common_name(), "Intermediate");
  EXPECT_EQ(list->this_update, test_now - std::chrono::days(1));
  EXPECT_EQ(list->next_update, test_now + std::chrono::days(6));
  EXPECT_EQ(list->crl_number, (Octets{0x12, 0x34}));
  EXPECT_EQ(list->authority_key_identifier, identifier(1));
  EXPECT_EQ(list->issuing_distribution_point->urls, std::vector<std::string>{std::string(url)});
  EXPECT_TRUE(list->issuing_distribution_point->only_contains_user_certs);
  EXPECT_EQ(list->size(), 2U);
  EXPECT_EQ(list->find(Octets{0x80})->reason, CRLReason::keyCompromise);
  EXPECT_EQ(list->find(Octets{0x80})->revocation_date, test_now - std::chrono::days(3));
  EXPECT_EQ(list->find(Octets{0x00})->reason, std::nullopt);
  EXPECT_FALSE(list->find(Octets{0x00, 0x80}));
  EXPECT_FALSE(list->find(Octets{}));
}

TEST(CertificateList, IsReadFromPemToo) {
  const Octets der = sign(ListDraft{}, key(1));
  const std::string pem = "# a note\n" + der::write_pem("X509 CRL", der);
  EXPECT_EQ(read_certificate_list(as_bytes(pem)).value()->der, der);
  EXPECT_EQ(read_certificate_list(der).value()->der, der);
  EXPECT_EQ(read_certificate_list(as_bytes(pem + pem)).error().rule, &rules::malformed_crl);
  EXPECT_EQ(read_certificate_list(as_bytes(der::write_pem("CERTIFICATE", der))).error().rule, &rules::malformed_crl);
  EXPECT_EQ(read_certificate_list(Octets(2 * max_crl_bytes + 1)).error().rule, &rules::crl_too_large);
}

TEST(CertificateList, SaysWhenAndWhyACertificateWasRevoked) {
  const auto issuer = parse_certificate(sign(ca_draft("Intermediate", 1, "Root", 0), key(0))).value();
  const auto leaf = parse_certificate(sign(leaf_draft(2, "Intermediate", 1), key(1))).value();
  ListDraft draft;
  draft.entries = {list_entry(leaf_serial, {reason_code(1)})};
  const auto list = parse_certificate_list(sign(draft, key(1))).value();
  const auto status = check_crl(*leaf, *issuer, *list, test_now, provider());
  EXPECT_EQ(status.state, RevocationState::revoked);
  EXPECT_EQ(status.source, RevocationSource::crl);
  EXPECT_EQ(status.revoked_at, test_now - std::chrono::days(3));
  EXPECT_EQ(status.reason, CRLReason::keyCompromise);
  EXPECT_EQ(status.this_update, list->this_update);
  EXPECT_EQ(status.next_update, list->next_update);
  EXPECT_EQ(status.why->rule->alert, AlertDescription::certificate_revoked);
  EXPECT_EQ(describe(status), "revoked 2026-03-01 (keyCompromise), says the CRL of CN=Intermediate, of 2026-03-03");
}

/// A list of `count` entries with serial numbers of 12 octets in no order.
Octets long_list(std::size_t count) {
  Octets entries;
  Octets entry = list_entry({0x02, 0x0c, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t mixed = (i + 1) * 0x9e3779b97f4a7c15U;  // odd: no two are the same
    for (std::size_t octet = 0; octet < 8; ++octet) entry[5 + octet] = static_cast<std::uint8_t>(mixed >> 8 * octet);
    entries.insert(entries.end(), entry.begin(), entry.end());
  }
  ListDraft draft;
  draft.entries = {std::move(entries)};
  return sign(draft, key(1));
}

TEST(CertificateList, HoldsHundredsOfThousandsOfEntries) {
  constexpr std::size_t count = 300'000;
  const Octets der = long_list(count);
  ASSERT_LT(der.size(), max_crl_bytes);
  const auto begin = std::chrono::steady_clock::now();
  const auto list = parse_certificate_list(der).value();
  const auto taken = std::chrono::steady_clock::now() - begin;
  EXPECT_EQ(list->size(), count);
  EXPECT_LT(taken, std::chrono::seconds(10)) << "a fraction of a second, but for sanitizers on a busy machine";
  for (std::size_t i = 0; i < count; i += 997) {
    Octets serial(12);
    serial[0] = 0x40;
    const std::uint64_t mixed = (i + 1) * 0x9e3779b97f4a7c15U;
    for (std::size_t octet = 0; octet < 8; ++octet) serial[1 + octet] = static_cast<std::uint8_t>(mixed >> 8 * octet);
    EXPECT_TRUE(list->find(serial)) << i;
    serial[11] = 1;
    EXPECT_FALSE(list->find(serial)) << i;
  }
  RecordProperty("milliseconds",
                 static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(taken).count()));
}

TEST(CertificateList, HasALimit) {
  const auto of_size = [](std::size_t size) {
    ListDraft draft;
    Octets padding(size - 1000, 0xaa);
    Octets der;
    while (der.size() != size) {
      if (!der.empty()) padding.resize(padding.size() + size - der.size());
      draft.extensions = {extension(der::make_oid("1.2.3"), false, padding)};
      der = sign(draft, key(1));
    }
    const auto list = parse_certificate_list(der);
    return list ? "good" : std::string(list.error().rule->code);
  };
  EXPECT_EQ(of_size(max_crl_bytes - 1), "good");
  EXPECT_EQ(of_size(max_crl_bytes), "good");
  EXPECT_EQ(of_size(max_crl_bytes + 1), rules::crl_too_large.code);
}

RC_GTEST_PROP(CertificateList, FindsWhatIsListedAndNothingElse,
              (const std::set<std::uint32_t>& serials, std::uint32_t other)) {
  ListDraft draft;
  for (const std::uint32_t serial : serials) draft.entries.push_back(list_entry(der_of_integer(serial)));
  const auto list = parse_certificate_list(sign(draft, key(1))).value();
  const auto found = [&](std::uint32_t serial) {
    const Octets der = der_of_integer(serial);
    const Bytes content = Bytes(der).subspan(2);
    return list->find(content.size() > 1 && content.front() == 0 ? content.subspan(1) : content).has_value();
  };
  for (const std::uint32_t serial : serials) RC_ASSERT(found(serial));
  RC_ASSERT(found(other) == serials.contains(other));
}

RC_GTEST_PROP(CertificateList, CutAnywhereIsRefused, ()) {
  static const Octets good = [] {
    ListDraft draft;
    draft.entries = {list_entry(leaf_serial, {reason_code(1)})};
    draft.extensions = {issuing_distribution_point({.urls = {url}})};
    return sign(draft, key(1));
  }();
  RC_ASSERT(!parse_certificate_list(Bytes(good).first(*rc::gen::inRange<std::size_t>(0, good.size()))));
}

}  // namespace
}  // namespace padlock::x509
