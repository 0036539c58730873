#include "padlock/x509/verify.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <ctime>

#include "padlock/x509/budget.h"
#include "padlock/x509/limits.h"
#include "padlock/x509/rules.h"
#include "padlock/x509/test_certificates.h"

namespace padlock::x509 {
namespace {

using namespace testing;

const Octets root = sign(ca_draft("Root", 0, "Root", 0), key(0));
const Octets other_root = sign(ca_draft("Other Root", 5, "Other Root", 5), key(5));

/// Seconds of processor time that a call takes.
template <class Call>
double cpu_seconds(Call call) {
  const std::clock_t start = std::clock();
  call();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

TEST(Verification, FindsThePathInWhateverOrderThePeerSends) {
  std::vector<Octets> chain = deep_chain(4);
  const TrustStore store = deep_chain_store();
  for (int i = 0; i < 24; ++i) {
    std::next_permutation(chain.begin() + 1, chain.end());
    const Verdict verdict = verify(chain, store);
    ASSERT_TRUE(verdict.trusted) << verdict.error->to_string();
    EXPECT_EQ(verdict.good_path()->certificates.size(), 6U);
  }
}

TEST(Verification, EndsAtAnIntermediateThatIsTrusted) {
  const Octets intermediate = sign(ca_draft("Intermediate", 1, "Root", 0), key(0));
  const Octets leaf = sign(leaf_draft(2, "Intermediate", 1), key(1));
  EXPECT_TRUE(verify({leaf, intermediate, root}, store_of({intermediate})).trusted);
}

TEST(Verification, GoesRoundAnExpiredCrossSignedIntermediate) {
  // Both roots vouch for the same key; the way to the other root has expired.
  Draft expired = ca_draft("Intermediate", 1, "Other Root", 5);
  expired.validity = validity(test_now - std::chrono::days(9), test_now - std::chrono::days(1));
  const Octets leaf = sign(leaf_draft(2, "Intermediate", 1), key(1));
  const Octets good = sign(ca_draft("Intermediate", 1, "Root", 0), key(0));
  const std::vector<Octets> chain{leaf, sign(expired, key(5)), good};
  const Verdict verdict = verify(chain, store_of({root, other_root}));
  ASSERT_TRUE(verdict.trusted);
  EXPECT_EQ(verdict.paths.size(), 2U) << "the expired way is reported too";
  EXPECT_EQ(verdict.paths.front().faults.front().error.rule, &rules::expired);
  EXPECT_EQ(verdict.paths.front().faults.front().depth, 1U);
  EXPECT_EQ(code_of(verify(chain, store_of({other_root}))), rules::expired.code);
}

TEST(Verification, TellsCAsOfOneNameApartByTheirKeys) {
  const Octets impostor = sign(ca_draft("Root", 4, "Root", 4), key(4));
  Draft draft = leaf_draft(2, "Root", 0);
  EXPECT_TRUE(verify({sign(draft, key(0))}, store_of({impostor, root})).trusted);
  const Verdict refused = verify({sign(draft, key(0))}, store_of({impostor}));
  EXPECT_EQ(code_of(refused), rules::unknown_issuer.code) << "the key identifiers say that it is another CA";
  set_extension(draft, authority_key_identifier(identifier(4)));
  EXPECT_EQ(code_of(verify({sign(draft, key(0))}, store_of({impostor}))), rules::bad_signature.code);
}

TEST(Verification, LeavesLoopsOfCrossSignedCAs) {
  const Octets a_by_b = sign(ca_draft("A", 1, "B", 4), key(4));
  const Octets b_by_a = sign(ca_draft("B", 4, "A", 1), key(1));
  const Octets leaf = sign(leaf_draft(2, "A", 1), key(1));
  EXPECT_EQ(code_of(verify({leaf, a_by_b, b_by_a}, store_of({root}))), rules::unknown_issuer.code);
  const Octets b_by_root = sign(ca_draft("B", 4, "Root", 0), key(0));
  EXPECT_TRUE(verify({leaf, a_by_b, b_by_a, b_by_root}, store_of({root})).trusted);
}

TEST(Verification, PassesOverCertificatesThatItCannotRead) {
  Chain chain;
  const Octets leaf = sign(chain.leaf, key(1));
  const Octets intermediate = sign(chain.intermediate, key(0));
  const Octets broken{0x30, 0x03, 0x02, 0x01, 0x01};
  const Verdict verdict = verify({leaf, broken, intermediate}, store_of({root}));
  EXPECT_TRUE(verdict.trusted);
  ASSERT_EQ(verdict.unreadable.size(), 1U);
  EXPECT_EQ(verdict.unreadable.front().depth, 1U);
  const Verdict missing = verify({leaf, broken}, store_of({root}));
  EXPECT_EQ(code_of(missing), "der.unexpected_tag") << "it may be the missing one";
  EXPECT_EQ(missing.error_depth, 1U);
}

TEST(Verification, ChecksExtendedKeyUsageForItsPurpose) {
  Chain chain;
  set_extension(chain.leaf, extended_key_usage({der::oid::clientAuth}));
  EXPECT_EQ(code_of(verify(chain, "", Purpose::client_auth)), "trusted");
  EXPECT_EQ(code_of(verify(chain)), rules::extended_key_usage.code);
  remove_extension(chain.leaf, der::oid::extKeyUsage);
  EXPECT_EQ(code_of(verify(chain)), "trusted") << "absent: any purpose";
  set_extension(chain.intermediate, extended_key_usage({der::oid::anyExtendedKeyUsage}));
  EXPECT_EQ(code_of(verify(chain)), "trusted");
}

TEST(Verification, CountsPathLengthWithoutSelfIssuedCAs) {
  const auto with_path_length = [](unsigned path_length) {
    Chain chain;
    set_extension(chain.root, basic_constraints(true, path_length));
    return code_of(verify(chain));
  };
  EXPECT_EQ(with_path_length(0), rules::path_length.code);
  EXPECT_EQ(with_path_length(1), "trusted");
  // The root's new key, vouched for by its old one: self-issued, so it does not count.
  Draft old_root = ca_draft("Root", 0, "Root", 0);
  set_extension(old_root, basic_constraints(true, 0));
  const Octets renewed = sign(ca_draft("Root", 1, "Root", 0), key(0));
  const Octets leaf = sign(leaf_draft(2, "Root", 1), key(1));
  EXPECT_EQ(code_of(verify({leaf, renewed}, store_of({sign(old_root, key(0))}))), "trusted");
}

TEST(Verification, BindsBothEndsOfTheValidity) {
  Chain chain;
  chain.leaf.validity = validity(test_now, test_now);
  EXPECT_EQ(code_of(verify(chain)), "trusted");
}

TEST(Verification, ReportsEveryFaultOfAPathAndTheFirstAsItsError) {
  Chain chain;
  chain.leaf.validity = validity(test_now - std::chrono::days(9), test_now - std::chrono::days(3));
  set_extension(chain.leaf, extended_key_usage({der::oid::clientAuth}));
  const Verdict verdict = verify(chain, "wrong.test");
  ASSERT_EQ(verdict.paths.size(), 1U);
  EXPECT_EQ(verdict.paths.front().faults.size(), 3U);
  EXPECT_EQ(code_of(verdict), rules::expired.code);
  EXPECT_EQ(verdict.error_certificate->subject.common_name(), "leaf");
}

TEST(DirectTrust, IsForALeafThatTheUserGave) {
  const Octets alone = self_signed_leaf(2);
  const Verdict verdict = verify({alone}, store_of({alone}));
  EXPECT_TRUE(verdict.trusted_directly);
  EXPECT_EQ(verdict.good_path()->certificates.size(), 1U);
}

TEST(DirectTrust, StillChecksNameAndDates) {
  const Octets alone = self_signed_leaf(2);
  EXPECT_EQ(code_of(verify({alone}, store_of({alone}), "other.test")), rules::host_name_mismatch.code);
  Draft draft = leaf_draft(2, "Lone server", 2);
  draft.subject = draft.issuer;
  draft.validity = validity(test_now - std::chrono::days(9), test_now - std::chrono::days(3));
  const Octets old = sign(draft, key(2));
  const Verdict verdict = verify({old}, store_of({old}));
  EXPECT_EQ(code_of(verdict), rules::expired.code);
  EXPECT_FALSE(verdict.trusted_directly);
}

TEST(DirectTrust, IsNeverForTheSystemsBundle) {
  const Octets alone = self_signed_leaf(2);
  EXPECT_FALSE(verify({alone}, store_of({alone}, TrustSource::system_bundle)).trusted);
}

TEST(DirectTrust, IsForExactlyThoseBytes) {
  const Octets alone = self_signed_leaf(2);
  Draft twin = leaf_draft(2, "Lone server", 2);
  twin.subject = twin.issuer;
  twin.serial = {0x02, 0x01, 0x02};
  EXPECT_EQ(code_of(verify({sign(twin, key(2))}, store_of({alone}))), rules::self_signed.code);
}

TEST(SystemBundle, IsForgivenFaultsOfFormAndNothingElse) {
  Chain chain;
  chain.source = TrustSource::system_bundle;
  remove_extension(chain.root, der::oid::subjectKeyIdentifier);
  remove_extension(chain.root, der::oid::authorityKeyIdentifier);
  EXPECT_EQ(code_of(verify(chain)), "trusted");
  chain.root.validity = validity(test_now - std::chrono::days(9), test_now - std::chrono::days(3));
  EXPECT_EQ(code_of(verify(chain)), rules::expired.code);
}

TEST(Signatures, WorkWithEveryKeyAndAlgorithm) {
  struct Signer {
    crypto::KeyKind kind;
    Octets algorithm;
  };
  for (const auto& signer : {Signer{crypto::KeyKind::ecdsa_p384, algorithm(der::oid::ecdsaWithSHA384)},
                             Signer{crypto::KeyKind::ed25519, algorithm(der::oid::ed25519)}}) {
    const auto ca_key = make_key(signer.kind);
    Draft ca = ca_draft("Root", 0, "Root", 0);
    ca.public_key_info = public_key_info(ca_key->public_key().parts());
    ca.signature_algorithm = signer.algorithm;
    Draft leaf = leaf_draft(2, "Root", 0);
    leaf.signature_algorithm = signer.algorithm;
    EXPECT_EQ(code_of(verify({sign(leaf, *ca_key)}, store_of({sign(ca, *ca_key)}))), "trusted");
  }
}

TEST(Budgets, StopAtTheDepthOfTheirLimit) {
  EXPECT_EQ(code_of(verify(deep_chain(max_path_depth - 1), deep_chain_store())), "trusted");
  EXPECT_EQ(code_of(verify(deep_chain(max_path_depth), deep_chain_store())), "trusted");
  EXPECT_EQ(code_of(verify(deep_chain(max_path_depth + 1), deep_chain_store())), rules::path_budget_exceeded.code);
}

TEST(Budgets, CountNameComparisonsUpToTheirLimit) {
  EXPECT_EQ(code_of(verify(chain_with_names(499, 500))), "trusted");
  EXPECT_EQ(code_of(verify(chain_with_names(500, 500))), "trusted");
  EXPECT_EQ(code_of(verify(chain_with_names(501, 500))), rules::name_budget_exceeded.code);
}

TEST(Budgets, KeepNamesTimesConstraintsCheap) {
  const Chain chain = chain_with_names(2048, 2048);
  const TrustStore store = store_of({sign(chain.root, key(0))});
  const std::vector<Octets> sent{sign(chain.leaf, key(1)), sign(chain.intermediate, key(0))};
  Verdict verdict;
  const double seconds = cpu_seconds([&] { verdict = verify(sent, store); });
  EXPECT_EQ(code_of(verdict), rules::name_budget_exceeded.code);
  RecordProperty("cpu_ms", static_cast<int>(seconds * 1000));
}

/// `count` CAs of one name and different keys, each signed by another of them; none leads anywhere.
std::vector<Octets> mesh(std::size_t count) {
  std::vector<Octets> chain{sign(leaf_draft(2, "Mesh", 10), key(10))};
  for (std::size_t own = 0; own < count; ++own) {
    for (std::size_t signer = 0; signer < count; ++signer) {
      if (own == signer) continue;
      Draft ca = ca_draft("Mesh", 10 + own, "Mesh", 10 + signer);
      remove_extension(ca, der::oid::authorityKeyIdentifier);
      chain.push_back(sign(ca, key(10 + signer)));
    }
  }
  return chain;
}

TEST(Budgets, EndTheSearchInAMeshOfOneName) {
  const std::vector<Octets> chain = mesh(8);
  const TrustStore store = store_of({root});
  Verdict verdict;
  const double seconds = cpu_seconds([&] { verdict = verify(chain, store); });
  EXPECT_EQ(code_of(verdict), rules::path_budget_exceeded.code);
  EXPECT_LE(verdict.paths.size(), max_reported_paths + 1);
  RecordProperty("cpu_ms", static_cast<int>(seconds * 1000));
}

TEST(Verdicts, KeepThePathsThatTellMost) {
  // More wrong CAs than paths are kept, then the right one, whose path has a fault that the user should hear of.
  Draft leaf = leaf_draft(2, "Crowd", 1);
  leaf.validity = validity(test_now - std::chrono::days(9), test_now - std::chrono::days(3));
  std::vector<Octets> chain{sign(leaf, key(1))};
  for (std::size_t i = 0; i <= max_reported_paths; ++i) {
    Draft ca = ca_draft("Crowd", 20 + i, "Root", 0);
    set_extension(ca, subject_key_identifier(identifier(1)));
    chain.push_back(sign(ca, key(0)));
  }
  chain.push_back(sign(ca_draft("Crowd", 1, "Root", 0), key(0)));
  const Verdict verdict = verify(chain, store_of({root}));
  EXPECT_EQ(verdict.paths.size(), max_reported_paths);
  EXPECT_EQ(code_of(verdict), rules::expired.code);
}

TEST(Budgets, CountSignatureChecksUpToTheirLimit) {
  // As many CAs with the issuer's name and key identifier but wrong keys, then the right one: each costs one check.
  const auto with_wrong_cas = [](std::size_t wrong) {
    std::vector<Octets> chain{sign(leaf_draft(2, "Crowd", 1), key(1))};
    for (std::size_t i = 0; i < wrong; ++i) {
      Draft ca = ca_draft("Crowd", 20 + i, "Root", 0);
      set_extension(ca, subject_key_identifier(identifier(1)));
      chain.push_back(sign(ca, key(0)));
    }
    chain.push_back(sign(ca_draft("Crowd", 1, "Root", 0), key(0)));
    return chain;
  };
  const TrustStore store = store_of({root});
  EXPECT_EQ(code_of(verify(with_wrong_cas(max_signature_checks - 3), store)), "trusted");
  EXPECT_EQ(code_of(verify(with_wrong_cas(max_signature_checks - 2), store)), "trusted");
  EXPECT_EQ(code_of(verify(with_wrong_cas(max_signature_checks - 1), store)), rules::path_budget_exceeded.code);
}

/// `count` CAs of names and keys of their own, each vouched for by each other: few signatures, very many paths.
std::vector<Octets> web_of_names(std::size_t count) {
  const auto web_name = [](std::size_t number) { return "Web " + std::to_string(number); };
  std::vector<Octets> chain{sign(leaf_draft(2, web_name(0), 10), key(10))};
  for (std::size_t own = 0; own < count; ++own) {
    for (std::size_t signer = 0; signer < count; ++signer) {
      if (own == signer) continue;
      chain.push_back(sign(ca_draft(web_name(own), 10 + own, web_name(signer), 10 + signer), key(10 + signer)));
    }
  }
  return chain;
}

TEST(Budgets, EndTheSearchInAWebOfNames) {
  const std::vector<Octets> chain = web_of_names(10);
  const TrustStore store = store_of({root});
  Verdict verdict;
  const double seconds = cpu_seconds([&] { verdict = verify(chain, store); });
  EXPECT_EQ(code_of(verdict), rules::path_budget_exceeded.code);
  RecordProperty("cpu_ms", static_cast<int>(seconds * 1000));
}

TEST(Budget, GivesExactlyItsLimits) {
  Budget budget;
  const auto taken = [](auto take) {
    std::size_t count = 0;
    while (take()) ++count;
    return count;
  };
  for (std::size_t i = 1; i < max_building_steps; ++i) ASSERT_TRUE(budget.take_step());
  EXPECT_TRUE(budget.take_step());
  EXPECT_FALSE(budget.exceeded()) << "at the limit";
  EXPECT_FALSE(budget.take_step());
  EXPECT_TRUE(budget.exceeded()) << "above it";
  EXPECT_EQ(taken([&] { return budget.take_signature_check(); }), max_signature_checks);
  EXPECT_EQ(taken([&] { return budget.take_name_comparison(); }), max_name_comparisons);
}

TEST(Budgets, LookAtSoManyCertificatesAndNoMore) {
  const auto with_intermediate_at = [](std::size_t place) {
    std::vector<Octets> chain{sign(leaf_draft(2, "Intermediate", 1), key(1))};
    const Octets other = sign(ca_draft("Unrelated", 4, "Root", 0), key(0));
    while (chain.size() < place) chain.push_back(other);
    chain.push_back(sign(ca_draft("Intermediate", 1, "Root", 0), key(0)));
    return chain;
  };
  const TrustStore store = store_of({root});
  EXPECT_EQ(code_of(verify(with_intermediate_at(max_chain_certificates - 2), store)), "trusted");
  EXPECT_EQ(code_of(verify(with_intermediate_at(max_chain_certificates - 1), store)), "trusted");
  EXPECT_EQ(code_of(verify(with_intermediate_at(max_chain_certificates), store)), rules::unknown_issuer.code);
}

TEST(TrustStore, TakesAllCertificatesOfATextOrNone) {
  const std::string good = der::write_pem("CERTIFICATE", root) + der::write_pem("CERTIFICATE", other_root);
  const std::string bad = good + der::write_pem("CERTIFICATE", Octets{0x30, 0x00});
  TrustStore store;
  EXPECT_EQ(store.add_pem(good, TrustSource::given_file).value(), 2U);
  EXPECT_EQ(store.size(), 2U);
  TrustStore refusing;
  EXPECT_FALSE(refusing.add_pem(bad, TrustSource::local_ca));
  EXPECT_EQ(refusing.size(), 0U);
}

TEST(TrustStore, LeavesOutAndTellsWhatABundleHasWrong) {
  const std::string text = der::write_pem("CERTIFICATE", Octets{0x30, 0x00}) + der::write_pem("CERTIFICATE", root);
  TrustStore store;
  std::vector<Error> refused;
  EXPECT_EQ(store.add_pem(text, TrustSource::system_bundle, &refused).value(), 1U);
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused.front().rule, &rules::refused_trust_file_entry);
  TrustStore empty;
  const auto nothing =
      empty.add_pem(der::write_pem("CERTIFICATE", Octets{0x30, 0x00}), TrustSource::given_file, &refused);
  EXPECT_EQ(nothing.error().rule, &rules::refused_trust_file_entry) << "nothing good is left";
}

TEST(TrustStore, KeepsTheSameCertificateOfOneSourceOnce) {
  TrustStore store = store_of({root, root});
  EXPECT_EQ(store.size(), 1U);
  store.add(parse_certificate(root).value(), TrustSource::system_bundle);
  EXPECT_EQ(store.size(), 2U);
  EXPECT_EQ(store.find_exact(root)->source, TrustSource::given_file);
  EXPECT_EQ(store.find_by_subject(name("Root")).size(), 2U);
  EXPECT_TRUE(store.find_by_subject(name("Nobody")).empty());
  EXPECT_EQ(store.find_exact(other_root), nullptr);
}

RC_GTEST_PROP(Verification, RefusesALeafWithAnyOctetChanged, ()) {
  static const Octets leaf = sign(leaf_draft(2, "Root", 0), key(0));
  static const TrustStore store = store_of({root});
  Octets changed = leaf;
  const auto at = *rc::gen::inRange<std::size_t>(0, leaf.size());
  changed[at] = static_cast<std::uint8_t>(changed[at] ^ *rc::gen::inRange(1, 256));
  RC_ASSERT(!verify({changed}, store).trusted);
}

}  // namespace
}  // namespace padlock::x509
