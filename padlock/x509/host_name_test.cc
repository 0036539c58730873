#include "padlock/x509/host_name.h"

#include <gtest/gtest.h>

#include "padlock/x509/public_suffix.h"
#include "padlock/x509/rules.h"
#include "padlock/x509/test_certificates.h"

namespace padlock::x509 {
namespace {

using namespace testing;

TEST(HostName, HasThePreferredSyntax) {
  const std::string label(63, 'a');
  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'b');
  for (const std::string& good : {std::string("localhost"), std::string("a.b"), std::string("xn--bcher-kva.example"),
                                  std::string("1.example"), std::string("a-b.example"), label + ".test", longest})
    EXPECT_TRUE(is_host_name(good)) << good;
  for (const std::string& bad :
       {std::string(""), std::string("."), std::string("a."), std::string(".a"), std::string("a..b"), std::string("-a"),
        std::string("a-"), std::string("a_b"), std::string("*.a.b"), std::string("a b"), std::string("a\0b", 3),
        std::string("b\xc3\xbc"
                    "cher.example"),
        std::string("a.b/c"), label + "a.test", longest + "b"})
    EXPECT_FALSE(is_host_name(bad)) << bad;
}

TEST(PresentedName, MayHaveOneWildcardAsItsWholeLeftmostLabel) {
  EXPECT_TRUE(is_presented_name("*.example.test"));
  for (const std::string_view bad : {"*", "*.", "*.test", "a.*.test", "*a.example.test", "a*.example.test",
                                     "*.*.example.test", "**.example.test", "*.example.test."})
    EXPECT_FALSE(is_presented_name(bad)) << bad;
}

struct Match {
  std::string_view presented, host;
  bool expected;
};

TEST(PresentedName, MatchesByItsLabels) {
  for (const Match& match :
       {Match{"example.test", "example.test", true}, Match{"Example.TEST", "eXample.test", true},
        Match{"example.test", "www.example.test", false}, Match{"example.test", "xexample.test", false},
        Match{"*.example.test", "www.example.test", true}, Match{"*.example.test", "example.test", false},
        Match{"*.example.test", "a.b.example.test", false}, Match{"*.example.test", "test", false},
        Match{"*.test", "a.test", false}, Match{"w*.example.test", "www.example.test", false},
        Match{"www.*.test", "www.example.test", false}}) {
    EXPECT_EQ(matches_host(match.presented, match.host), match.expected) << match.presented << " " << match.host;
  }
}

TEST(Subtree, HoldsItsBaseAndWhatIsBelow) {
  EXPECT_TRUE(is_within("example.test", "example.test"));
  EXPECT_TRUE(is_within("a.b.Example.test", "example.TEST"));
  EXPECT_TRUE(is_within("anything", ""));
  EXPECT_FALSE(is_within("notexample.test", "example.test"));
  EXPECT_FALSE(is_within("test", "example.test"));
}

Certificate certificate_for(const std::vector<GeneralName>& names) {
  return *parse_certificate(sign(leaf_draft(2, "Root", 0, names), key(0))).value();
}

TEST(ServerName, IsTakenFromSubjectAltNameAlone) {
  const Certificate leaf = certificate_for({dns("example.test"), ip("192.0.2.1"), ip("2001:db8::1")});
  for (const std::string_view good :
       {"example.test", "EXAMPLE.test", "example.test.", "192.0.2.1", "2001:db8::1", "2001:DB8:0:0::1"})
    EXPECT_TRUE(verify_server_name(leaf, good)) << good;
  for (const std::string_view bad : {"www.example.test", "192.0.2.2", "2001:db8::2", "test"})
    EXPECT_EQ(verify_server_name(leaf, bad).error().rule, &rules::host_name_mismatch) << bad;
  EXPECT_EQ(verify_server_name(leaf, "www.example.test").error().what,
            "its certificate is for example.test, 192.0.2.1, 2001:db8::1, not for www.example.test");
}

TEST(ServerName, ThatIsMalformedIsRefused) {
  const Certificate leaf = certificate_for({dns("example.test")});
  for (const std::string_view bad : {"", ".", "example..test", "example.test..", "*.test", "256.0.0.1", "1.2.3",
                                     "[::1]", "b\xc3\xbc\x63her.test", "a b", "fe80::1%eth0"})
    EXPECT_EQ(verify_server_name(leaf, bad).error().rule, &rules::malformed_server_name) << bad;
}

TEST(ServerName, ThatIsAnAddressMatchesNoHostName) {
  const Certificate leaf = certificate_for({dns("192.0.2.1")});
  const auto result = verify_server_name(leaf, "192.0.2.1");
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().what.contains("(as a host name, where it does not count)")) << result.error().what;
}

TEST(ServerName, ListsAFewNamesOfMany) {
  std::vector<GeneralName> names;
  names.reserve(8);
  for (int i = 0; i < 8; ++i) names.push_back(dns("h" + std::to_string(i) + ".test"));
  EXPECT_TRUE(verify_server_name(certificate_for(names), "x.test").error().what.contains("h4.test and 3 more"));
}

/// What a certificate with this common name and these names is told.
std::string with_common_name(std::string_view common_name, const std::vector<GeneralName>& names) {
  Chain chain;
  chain.leaf.subject = name(common_name);
  set_extension(chain.leaf, subject_alternative_name(names));
  return code_of(verify(chain, ""));
}

TEST(CommonName, MustNotTellAnotherStoryThanSubjectAltName) {
  for (const std::string_view good : {"example.test", "My server", "localhost", "Acme v1.0 server"})
    EXPECT_EQ(with_common_name(good, {dns("www.example.test"), dns("example.test")}), "trusted") << good;
  EXPECT_EQ(with_common_name("example.test", {dns("*.example.test")}), "trusted");
  EXPECT_EQ(with_common_name("example.test", {ip("192.0.2.1")}), "trusted") << "no host there to compare with";
  EXPECT_EQ(with_common_name("192.0.2.1", {ip("192.0.2.1")}), "trusted");
  EXPECT_EQ(with_common_name("2001:db8::1", {ip("2001:db8::1")}), "trusted");
  for (const std::string_view bad : {"www.example.test", "WWW.example.test", "*.example.test",
                                     "b\xc3\xbc"
                                     "cher.test"})
    EXPECT_EQ(with_common_name(bad, {dns("mail.example.test")}), rules::common_name_not_in_san.code) << bad;
  for (const std::string_view bad : {"192.000.002.001", "0xC0000201", "2001:db8:0:0::1", "192.0.2.2"})
    EXPECT_EQ(with_common_name(bad, {ip("192.0.2.1"), ip("2001:db8::1")}), rules::common_name_not_in_san.code) << bad;
}

TEST(HostName, IsNotProvenByAWildcardOverAPublicSuffix) {
  const auto judged = [](const std::vector<GeneralName>& names, std::string_view host) {
    Chain chain;
    set_extension(chain.leaf, subject_alternative_name(names));
    return code_of(verify(chain, host));
  };
  EXPECT_EQ(judged({dns("*.co.uk")}, "example.co.uk"), rules::wildcard_over_public_suffix.code);
  EXPECT_EQ(judged({dns("*.CO.UK")}, "example.co.uk"), rules::wildcard_over_public_suffix.code);
  EXPECT_EQ(judged({dns("*.co.uk"), dns("example.co.uk")}, "example.co.uk"), "trusted") << "it is there by itself";
  EXPECT_EQ(judged({dns("*.co.uk"), dns("example.test")}, "example.test"), "trusted") << "nobody asked for that one";
  EXPECT_EQ(judged({dns("*.example.co.uk")}, "www.example.co.uk"), "trusted");
  EXPECT_EQ(judged({dns("*.s3.amazonaws.com")}, "bucket.s3.amazonaws.com"), "trusted") << "the company owns them all";
  EXPECT_EQ(judged({dns("*.home.arpa")}, "nas.home.arpa"), "trusted");
}

TEST(RegistrableDomains, AreOneLabelBelowAPublicSuffix) {
  for (const auto& [host, domain] : {std::pair{"example.com", "example.com"},
                                     {"a.b.example.com", "example.com"},
                                     {"www.example.co.uk", "example.co.uk"},
                                     {"www.customer.github.io", "customer.github.io"},
                                     {"co.uk", "co.uk"},
                                     {"a.b.lan", "b.lan"},
                                     {"lan", "lan"}})
    EXPECT_EQ(registrable_domain(host), domain) << host;
}

}  // namespace
}  // namespace padlock::x509
