#include "padlock/x509/mail_and_uri.h"

#include <gtest/gtest.h>

#include "padlock/x509/rules.h"
#include "padlock/x509/test_certificates.h"

namespace padlock::x509 {
namespace {

using namespace testing;

TEST(Mailbox, HasALocalPartAndAHost) {
  for (const std::string_view good : {"a@b.test", "a.b+c@localhost", "**@example.com"}) EXPECT_TRUE(is_mailbox(good));
  for (const std::string_view bad : {"", "@", "a", "a@", "@b.test", "a@b@c", "a@-b", "a@.b.test", "\"a@b\"@c.test"})
    EXPECT_FALSE(is_mailbox(bad)) << bad;
}

TEST(Mailbox, IsProvenBySubjectAlternativeNameAlone) {
  Chain chain;
  set_extension(chain.leaf, subject_alternative_name({mail("Ada@example.test")}));
  EXPECT_EQ(code_of(verify_mail(chain, "Ada@EXAMPLE.test")), "trusted");
  EXPECT_EQ(code_of(verify_mail(chain, "ada@example.test")), rules::mail_address_mismatch.code);
  EXPECT_EQ(code_of(verify_mail(chain, "Ada@example.test.evil")), rules::mail_address_mismatch.code);
  EXPECT_EQ(code_of(verify_mail(chain, "Ada")), rules::mail_address_mismatch.code);
  chain.leaf.subject = name("b@example.test", der::oid::emailAddress);
  EXPECT_EQ(code_of(verify_mail(chain, "b@example.test")), rules::mail_address_mismatch.code);
}

TEST(Uri, HasAHostBehindItsSlashes) {
  EXPECT_EQ(host_of_uri("https://a.test"), "a.test");
  EXPECT_EQ(host_of_uri("https://user:pass@a.test:8443/p@th?q#f"), "a.test");
  EXPECT_EQ(host_of_uri("ldap://a.test?x://b.test"), "a.test");
  for (const std::string_view bad : {"", "a.test", "://a.test", "mailto:a@b.test", "https:///a.test", "https://[::1]/",
                                     "https://127.0.0.1/", "https://a..test/"})
    EXPECT_EQ(host_of_uri(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace padlock::x509
