// Chains made by OpenSSL (testdata/README.md): good ones of every algorithm are trusted, each bad one is refused for
// the reason that it was made for.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "padlock/x509/test_certificates.h"

namespace padlock::x509 {
namespace {

const std::filesystem::path folder = "padlock/x509/testdata";

std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TrustStore roots() {
  TrustStore store;
  const auto count = store.add_pem(text_of(folder / "roots.pem"), TrustSource::given_file);
  EXPECT_TRUE(count) << count.error().to_string();
  return store;
}

std::vector<testing::Octets> chain_of(const std::string& name) {
  std::vector<testing::Octets> chain;
  auto blocks = der::find_all(text_of(folder / (name + ".pem")), "CERTIFICATE").value();
  chain.reserve(blocks.size());
  for (auto& block : blocks) chain.push_back(std::move(block.bytes));
  return chain;
}

TEST(OpensslChains, AreTrustedOrRefusedForTheirOwnFault) {
  const TrustStore store = roots();
  std::ifstream expected(folder / "expected.txt");
  std::string name, code;
  std::size_t chains = 0;
  for (; expected >> name >> code; ++chains) {
    const Verdict verdict = testing::verify(chain_of(name), store);
    EXPECT_EQ(testing::code_of(verdict), code == "accept" ? "trusted" : code)
        << name << ": " << (verdict.error ? verdict.error->what : "");
  }
  EXPECT_EQ(chains, 27U);
}

/// What people read about each of these chains. PADLOCK_UPDATE_GOLDEN in the environment writes the file anew.
TEST(OpensslChains, AreExplainedAsTheGoldenFileSays) {
  const TrustStore store = roots();
  std::ifstream expected(folder / "expected.txt");
  std::string name, code, texts;
  while (expected >> name >> code) {
    texts += "== " + name + "\n";
    texts += explain_verdict(testing::verify(chain_of(name), store), "example.test", testing::test_now);
  }
  if (std::getenv("PADLOCK_UPDATE_GOLDEN") != nullptr) std::ofstream(folder / "verdicts.golden") << texts;
  EXPECT_TRUE(texts == text_of(folder / "verdicts.golden")) << "write it anew and look at what changed";
}

// ---- policies, after PKITS
// -------------------------------------------------------------------------------------------

/// "explicit,inhibit-any,A": what make_policies.py says.
PolicyDemand demand_of(const std::string& words) {
  PolicyDemand demand;
  std::istringstream in(words);
  for (std::string word; std::getline(in, word, ',');) {
    if (word == "nothing") continue;
    if (word == "explicit") {
      demand.explicit_policy = true;
    } else if (word == "inhibit-any") {
      demand.inhibit_any_policy = true;
    } else if (word == "inhibit-mapping") {
      demand.inhibit_policy_mapping = true;
    } else {
      demand.acceptable.push_back(der::Oid::from_text("1.2.3." + std::to_string(word.at(0) - 'A' + 1)).value());
    }
  }
  return demand;
}

TEST(ForeignPolicies, AreJudgedAsOpensslAndPkitsJudgeThem) {
  TrustStore store;
  ASSERT_TRUE(store.add_pem(text_of(folder / "policies/root.pem"), TrustSource::given_file));
  std::ifstream expected(folder / "policies/expected.txt");
  std::string name, words, code;
  std::size_t judged = 0;
  for (; expected >> name >> words >> code; ++judged) {
    const auto chain = chain_of("policies/" + name);
    const Verdict verdict = verify_chain(
        {.chain = chain, .server_name = "example.test", .now = testing::test_now, .policies = demand_of(words)}, store,
        testing::provider());
    EXPECT_EQ(testing::code_of(verdict), code == "accept" ? "trusted" : code)
        << name << " where " << words << " is demanded: " << (verdict.error ? verdict.error->what : "");
  }
  EXPECT_EQ(judged, 76U);
}

// ---- fields ---------------------------------------------------------------------------------------------------------

struct Recorder : AnnotationSink {
  std::vector<Annotation> fields;
  std::vector<std::string> meanings;
  void field(const Annotation& annotation) override { fields.push_back(annotation); }
  void meaning(std::string_view text) override { meanings.emplace_back(text); }
};

TEST(Annotation, ShowsTheFieldsOfACertificateInTheirPlaces) {
  const testing::Octets der = chain_of("good-ecdsa").front();
  Recorder sink;
  ASSERT_TRUE(annotate_certificate(der, sink, 1000));
  const auto has = [&sink](std::string_view name) {
    return std::ranges::any_of(sink.fields, [name](const Annotation& field) { return field.name == name; });
  };
  for (const std::string_view name : {"tbsCertificate", "version", "serialNumber", "issuer", "notBefore", "subject",
                                      "subjectPublicKeyInfo", "extnID", "keyIdentifier", "signatureValue"})
    EXPECT_TRUE(has(name)) << name;
  for (const Annotation& field : sink.fields) {
    EXPECT_GE(field.offset, 1000U);
    EXPECT_LE(field.offset + field.length, 1000U + der.size()) << field.name;
  }
  EXPECT_TRUE(std::ranges::any_of(sink.meanings, [](const std::string& text) { return text == "good-ecdsa"; }));
  EXPECT_TRUE(std::ranges::any_of(sink.meanings, [](const std::string& text) { return text == "subjectAltName"; }));
}

}  // namespace
}  // namespace padlock::x509
