#include "padlock/ca/settings.h"

#include <gtest/gtest.h>

#include "padlock/ca/limits.h"
#include "padlock/ca/rules.h"

namespace padlock::ca {
namespace {

TEST(Settings, ReadBackWhatTheyWrite) {
  for (const Settings& settings : {Settings{}, Settings{"A \"quoted\" name", "http://[fc00::1]:8080"}})
    EXPECT_EQ(parse_settings(settings_to_text(settings)).value(), settings);
}

TEST(Settings, ThatAreDamagedAreRefused) {
  for (const char* const text : {"", "[]", "{", R"({"name":"x"})", R"({"url":""})", R"({"name":1,"url":""})",
                                 R"({"name":"x","url":null})", R"({"name":"","url":""})",
                                 R"({"name":"x","url":"https://a.test"})", R"({"name":"x","url":"http://A.test/"})"}) {
    const auto refused = parse_settings(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().rule, &rules::damaged_settings) << text;
  }
}

TEST(Settings, HaveDomainsThatAreCanonical) {
  const Settings wanted{.domains = {"lan", "corp.example.com"}};
  EXPECT_EQ(parse_settings(settings_to_text(wanted)).value(), wanted);
  for (const char* const domains : {R"(["LAN"])", R"(["com"])", "[1]", R"([""])"}) {
    const std::string text = std::string(R"({"name":"x","url":"","domains":)") + domains + "}";
    EXPECT_EQ(parse_settings(text).error().rule, &rules::damaged_settings) << domains;
  }
}

TEST(Settings, TakeNamesThatPeopleCanReadAndCertificatesCanHold) {
  for (const std::string& name : {std::string("x"), std::string("Ada's CA (work)"), std::string(max_ca_name, 'n')})
    EXPECT_TRUE(check_ca_name(name)) << name;
  for (const std::string& name : {std::string(), std::string(max_ca_name + 1, 'n'), std::string("a\nb"),
                                  std::string("a\0b", 3), std::string("\x7f"), std::string("ä")})
    EXPECT_EQ(check_ca_name(name).error().rule, &rules::malformed_ca_name) << name;
}

TEST(Settings, TakeTheUrlOfAHostInPlainHttp) {
  EXPECT_EQ(canonical_ca_url("http://CA.internal").value(), "http://ca.internal");
  EXPECT_EQ(canonical_ca_url("http://127.0.0.1:8080/").value(), "http://127.0.0.1:8080");
  EXPECT_EQ(canonical_ca_url("http://[::1]:80").value(), "http://[::1]");
  const std::string longest = "http://" + std::string(max_ca_url, 'a');
  for (const std::string& url : {std::string(), std::string("ca.internal"), std::string("https://ca.internal"),
                                 std::string("http://ca.internal/x"), std::string("http://ca.internal/?x"),
                                 std::string("ftp://ca.internal"), std::string("http://"), longest})
    EXPECT_EQ(canonical_ca_url(url).error().rule, &rules::malformed_ca_url) << url;
}

}  // namespace
}  // namespace padlock::ca
