#include <gtest/gtest.h>

#include "padlock/x509/rules.h"
#include "padlock/x509/test_certificates.h"

namespace padlock::x509 {
namespace {

using namespace testing;

TEST(ExplainVerdict, SaysWhatWhereByWhichRuleAndWhatNext) {
  Chain chain;
  chain.leaf.subject = name("example.test");
  chain.leaf.validity = validity(test_now - std::chrono::days(90), test_now - std::chrono::days(3));
  const std::string text = explain_verdict(verify(chain), "example.test", test_now);
  EXPECT_EQ(
      text,
      "padlock: cannot trust example.test: its certificate expired 3 days ago (notAfter 2026-03-01 09:00:00 UTC)\n"
      "  chain 0  CN=example.test                 notAfter 2026-03-01 09:00:00 UTC, now 2026-03-04 09:00:00 UTC\n"
      "  chain 1  CN=Intermediate                 valid 2026-02-02 09:00:00 UTC to 2026-04-03 09:00:00 UTC\n"
      "  chain 2  CN=Root                         valid 2026-02-02 09:00:00 UTC to 2026-04-03 09:00:00 UTC\n"
      "  rule     RFC 5280, section 6.1.3 (a)(2)  code x509.validity.expired\n"
      "  next     renew the certificate on the server; `padlock explain https://example.test` shows the whole "
      "chain\n");
}

TEST(ExplainVerdict, NamesTheCertificateAboveTheLeafThatIsAtFault) {
  Chain chain;
  set_extension(chain.intermediate, key_usage(sign_bit));
  const std::string text = explain_verdict(verify(chain), "example.test", test_now);
  EXPECT_TRUE(text.starts_with("padlock: cannot trust example.test: in its chain CN=Intermediate: ")) << text;
}

TEST(ExplainVerdict, ListsEveryPathThatWasTried) {
  Draft expired = ca_draft("Intermediate", 1, "Other Root", 5);
  expired.validity = validity(test_now - std::chrono::days(9), test_now - std::chrono::days(1));
  const std::vector<Octets> chain{sign(leaf_draft(2, "Intermediate", 1), key(1)), sign(expired, key(5)),
                                  sign(ca_draft("Intermediate", 1, "Root", 0), key(0))};
  const TrustStore store = store_of({sign(ca_draft("Other Root", 5, "Other Root", 5), key(5))});
  const std::string text = explain_verdict(verify(chain, store), "example.test", test_now);
  EXPECT_TRUE(text.contains("path 1   CN=leaf <- CN=Intermediate <- CN=Other Root (a given file)")) << text;
  EXPECT_TRUE(text.contains("path 2   CN=leaf <- CN=Intermediate\n    at 1: nothing trusted here is known as CN=Root"))
      << text;
}

TEST(ExplainVerdict, SaysWhyItTrusts) {
  const std::string text = explain_verdict(verify(Chain{}), "example.test", test_now);
  EXPECT_TRUE(text.starts_with("padlock: example.test is trusted: its certificate leads to a root of a given file\n"));
  EXPECT_TRUE(text.contains("valid for 30 days more")) << text;
  const Octets alone = self_signed_leaf(2);
  EXPECT_TRUE(explain_verdict(verify({alone}, store_of({alone})), "example.test", test_now)
                  .contains("its certificate itself was given as trusted"));
}

TEST(ExplainVerdict, PrintsNothingThatMovesATerminal) {
  Chain chain;
  chain.leaf.subject = name("evil\x1b[2J\n");
  const std::string text = explain_verdict(verify(chain, "ho\x1bst.test"), "ho\x1bst.test", test_now);
  EXPECT_FALSE(text.contains('\x1b')) << text;
}

TEST(ExplainVerdict, HasTextForAnEmptyOrUnreadableChain) {
  const TrustStore store;
  EXPECT_TRUE(
      explain_verdict(verify(std::vector<Octets>{}, store), "h.test", test_now).contains("sent no certificate"));
  const std::string text = explain_verdict(verify({Octets{0x30, 0x00}}, store), "h.test", test_now);
  EXPECT_TRUE(text.contains("chain 0  could not be read")) << text;
  EXPECT_TRUE(text.contains("rule     RFC 5280, section 4.1")) << text;
}

}  // namespace
}  // namespace padlock::x509
