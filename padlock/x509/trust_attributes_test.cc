#include "padlock/x509/trust_attributes.h"

#include <gtest/gtest.h>

#include <string>

#include "padlock/x509/rules.h"
#include "padlock/x509/test_certificates.h"

namespace padlock::x509 {
namespace {

using namespace testing;

const Octets root = sign(ca_draft("Root", 0, "Root", 0), key(0));

std::string object(std::string_view attributes, const Octets& certificate = root) {
  return "# Root:00\n[p11-kit-object-v1]\nlabel: \"Root\"\nmodifiable: false\n" + std::string(attributes) +
         der::write_pem("CERTIFICATE", certificate);
}

std::size_t roots_of(const std::string& text) {
  TrustStore store;
  EXPECT_TRUE(store.add_pem(text, TrustSource::system_bundle));
  return store.size();
}

TEST(TrustAttributes, AreReadFromTheLastObjectBeforeACertificate) {
  const auto read = [](std::string_view text) { return parse_trust_attributes(text).value(); };
  EXPECT_FALSE(read(""));
  EXPECT_FALSE(read("subject: Root\ntrusted: true\n")) << "explanatory text of a PEM bundle";
  EXPECT_FALSE(read("[p11-kit-object-v1]\n")->trusted) << "p11-kit is neutral about it";
  const auto last = read(
      "[p11-kit-object-v1]\nx-distrusted: true\n\n[p11-kit-object-v1]\ntrusted: true\n"
      "nss-server-distrust-after: \"210301000000Z\"\nnss-email-distrust-after: \"200301000000Z\"\n");
  EXPECT_TRUE(last->trusted);
  EXPECT_FALSE(last->distrusted);
  EXPECT_EQ(padlock::to_string(*last->server_distrust_after), "2021-03-01 00:00:00 UTC");
  EXPECT_FALSE(read("[p11-kit-object-v1]\nnss-server-distrust-after: \"%00\"\n")->server_distrust_after);
}

TEST(TrustAttributes, WithADateThatIsNoneAreRefused) {
  for (const auto* date : {"", "\"\"", "210301000000Z", "\"210301000000\"", "\"211301000000Z\"", "\"%01\"",
                           "\"20210301000000Z\"", "\"210301000000Z"}) {
    const auto refused =
        parse_trust_attributes("[p11-kit-object-v1]\nnss-server-distrust-after: " + std::string(date) + "\n");
    ASSERT_FALSE(refused) << date;
    EXPECT_EQ(refused.error().rule, &rules::refused_trust_file_entry);
  }
}

TEST(TrustAttributes, DecideWhichCertificatesOfABundleAreRoots) {
  const Octets other = sign(ca_draft("Other", 3, "Other", 3), key(3));
  EXPECT_EQ(roots_of(object("trusted: true\n")), 1U);
  EXPECT_EQ(roots_of(object("trusted: true\n") + object("trusted: false\n", other)), 1U);
  EXPECT_EQ(roots_of(object("trusted: true\n") + object("trusted: true\nx-distrusted: true\n", other)), 1U);
  EXPECT_EQ(roots_of(object("trusted: true\n") + object("trusted: true\n", other)), 2U);
}

TEST(DistrustDates, EndARootForServersThatCameLater) {
  const WallTime begin = test_now - std::chrono::days(30);
  EXPECT_EQ(code_of(verify_below_root_distrusted_at(begin)), "trusted");
  const Verdict later = verify_below_root_distrusted_at(begin - std::chrono::seconds(1));
  EXPECT_EQ(code_of(later), rules::distrusted_root.code);
  EXPECT_EQ(later.error_depth, 0U);
  EXPECT_EQ(code_of(verify_below_root_distrusted_at(begin - std::chrono::days(9), Purpose::client_auth)), "trusted");
}

TEST(DistrustDates, ComeFromTheBundleOrFromATextBesideIt) {
  const std::string dated = object("trusted: true\nnss-server-distrust-after: \"210301000000Z\"\n");
  TrustStore alone;
  ASSERT_TRUE(alone.add_pem(dated, TrustSource::system_bundle));
  EXPECT_EQ(padlock::to_string(*alone.find_exact(root)->distrust_after), "2021-03-01 00:00:00 UTC");

  TrustStore beside;
  ASSERT_TRUE(beside.add_pem(der::write_pem("CERTIFICATE", root), TrustSource::system_bundle));
  EXPECT_FALSE(beside.find_exact(root)->distrust_after);
  ASSERT_TRUE(beside.take_distrust_dates(dated));
  EXPECT_TRUE(beside.find_exact(root)->distrust_after);
  EXPECT_EQ(beside.size(), 1U) << "it adds nothing";
  EXPECT_FALSE(beside.take_distrust_dates(object("nss-server-distrust-after: soon\n")));

  TrustStore given = store_of({root}, TrustSource::given_file);
  ASSERT_TRUE(given.take_distrust_dates(dated));
  EXPECT_FALSE(given.find_exact(root)->distrust_after) << "who names a root himself means it";
}

}  // namespace
}  // namespace padlock::x509
