#include "padlock/ca/names.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "padlock/ca/limits.h"
#include "padlock/ca/rules.h"

namespace padlock::ca {
namespace {

const Rule* refusal(const std::string& name) {
  const auto result = alternative_names(std::vector{name});
  return result ? nullptr : result.error().rule;
}

TEST(LocalNames, TakesThisMachineAndPrivateNetworks) {
  for (const std::string name :
       {"localhost",      "LocalHost",       "a.localhost",     "shop.test",       "test",
        "x.y.internal",   "home.arpa",       "nas.home.arpa",   "*.app.localhost", "*.home.arpa",
        "127.0.0.1",      "127.255.255.255", "10.0.0.1",        "10.255.255.255",  "172.16.0.1",
        "172.31.255.255", "192.168.0.1",     "192.168.255.255", "169.254.1.1",     "::1",
        "fc00::1",        "fdff:ffff::1",    "fe80::1",         "febf:ffff::1"}) {
    EXPECT_EQ(refusal(name), nullptr) << name;
  }
}

TEST(LocalNames, RefusesWhatBelongsToOthers) {
  for (const std::string name : {"example.com",
                                 "localhost.example.com",
                                 "mylocalhost",
                                 "atest",
                                 "internal.com",
                                 "arpa",
                                 "away.arpa",
                                 "com",
                                 "*.example.com",
                                 "126.255.255.255",
                                 "128.0.0.1",
                                 "9.255.255.255",
                                 "11.0.0.0",
                                 "172.15.255.255",
                                 "172.32.0.0",
                                 "192.167.255.255",
                                 "192.169.0.0",
                                 "169.253.255.255",
                                 "169.255.0.0",
                                 "8.8.8.8",
                                 "0.0.0.0",
                                 "::",
                                 "::2",
                                 "fbff::1",
                                 "fe00::1",
                                 "fec0::1",
                                 "fe7f::1",
                                 "2001:db8::1",
                                 "::ffff:127.0.0.1"}) {
    EXPECT_EQ(refusal(name), &rules::name_outside) << name;
  }
}

TEST(LocalNames, RefusesWhatIsNoName) {
  for (const std::string& name : {std::string(),
                                  std::string("."),
                                  std::string("localhost."),
                                  std::string(".localhost"),
                                  std::string("a..localhost"),
                                  std::string("-a.localhost"),
                                  std::string("a-.localhost"),
                                  std::string("a_b.localhost"),
                                  std::string("*"),
                                  std::string("*.localhost"),
                                  std::string("*.test"),
                                  std::string("a*.x.test"),
                                  std::string("a.*.test"),
                                  std::string("*.*.x.test"),
                                  std::string("b\xc3\xbc.test"),
                                  std::string("a\0.test", 7),
                                  std::string("a test"),
                                  std::string("[::1]"),
                                  std::string("fe80::1%eth0"),
                                  std::string("user@localhost"),
                                  std::string("https://localhost")}) {
    EXPECT_EQ(refusal(name), &rules::malformed_name) << name;
  }
}

TEST(LocalNames, KeepsToTheLengthsOfDns) {
  const std::string label(max_label_length, 'a');
  EXPECT_EQ(refusal(label + ".test"), nullptr);
  EXPECT_EQ(refusal(label + "a.test"), &rules::malformed_name);
  std::string name = label + "." + label + "." + label + ".test";
  name.insert(0, std::string(max_dns_name_length - name.size() - 1, 'b') + ".");
  ASSERT_EQ(name.size(), max_dns_name_length);
  EXPECT_EQ(refusal(name), nullptr);
  EXPECT_EQ(refusal("b" + name), &rules::malformed_name);
}

TEST(LocalNames, TakesUpToAHundred) {
  const auto names = [](std::size_t count) {
    std::vector<std::string> result;
    result.reserve(count);
    for (std::size_t i = 0; i < count; ++i) result.push_back("n" + std::to_string(i) + ".test");
    return alternative_names(result);
  };
  EXPECT_EQ(names(0).error().rule, &rules::name_count);
  EXPECT_EQ(names(1)->size(), 1U);
  EXPECT_EQ(names(max_names)->size(), max_names);
  EXPECT_EQ(names(max_names + 1).error().rule, &rules::name_count);
}

TEST(LocalNames, AreSortedLowerCaseAndNoneTwice) {
  const auto names = alternative_names(std::vector<std::string>{"::1", "B.test", "127.0.0.1", "a.test", "b.TEST"});
  ASSERT_TRUE(names);
  std::string all;
  for (const auto& name : *names) all += to_text(name) + " ";
  EXPECT_EQ(all, "a.test b.test ::1 127.0.0.1 ");
}

TEST(LocalNames, NameTheirFolder) {
  const auto folder = [](std::vector<std::string> names) { return folder_name(alternative_names(names).value()); };
  EXPECT_EQ(folder({"localhost"}), "localhost");
  EXPECT_EQ(folder({"::1"}), "__1");
  EXPECT_EQ(folder({"*.a.test"}), "_wildcard.a.test");
  EXPECT_EQ(folder({"localhost", "127.0.0.1", "::1"}), folder({"::1", "LOCALHOST", "127.0.0.1"}));
  EXPECT_TRUE(folder({"localhost", "127.0.0.1"}).starts_with("localhost+1-"));
  EXPECT_NE(folder({"localhost", "127.0.0.1"}), folder({"localhost", "127.0.0.2"}));
  const std::string label(60, 'a');
  EXPECT_LE(folder({label + "." + label + "." + label + "." + label + ".test"}).size(), 255U);
}

TEST(NameConstraints, PermitWhatTheCaCertifiesAndNoMailOrUri) {
  const x509::NameConstraints constraints = name_constraints();
  std::string permitted;
  for (const auto& name : constraints.permitted) permitted += to_hex(name.value) + "\n";
  for (const std::string_view range :
       {"7f000000ff000000", "0a000000ff000000", "ac100000fff00000", "c0a80000ffff0000", "a9fe0000ffff0000",
        "00000000000000000000000000000001ffffffffffffffffffffffffffffffff",
        "fc000000000000000000000000000000fe000000000000000000000000000000",
        "fe800000000000000000000000000000ffc00000000000000000000000000000"}) {
    EXPECT_NE(permitted.find(range), std::string::npos) << range;
  }
  for (const std::string_view domain : permitted_domains) {
    EXPECT_NE(permitted.find(to_hex(as_bytes(domain)) + "\n"), std::string::npos) << domain;
  }
  for (const auto form : {x509::GeneralNameForm::rfc822Name, x509::GeneralNameForm::uniformResourceIdentifier}) {
    const auto of_form = [&](const std::vector<x509::GeneralName>& names) {
      std::vector<std::vector<std::uint8_t>> values;
      for (const auto& name : names) {
        if (name.form == form) values.push_back(name.value);
      }
      return values;
    };
    EXPECT_EQ(of_form(constraints.permitted).size(), 1U);
    EXPECT_EQ(of_form(constraints.permitted), of_form(constraints.excluded)) << "nothing is left";
  }
}

TEST(LocalNames, TakeMoreDomainsThatNobodyElseHasNamesIn) {
  EXPECT_EQ(canonical_domain(".LAN").value(), "lan");
  EXPECT_EQ(canonical_domain("corp.example.com").value(), "corp.example.com");
  for (const char* const text : {"", ".", "*", "*.lan", "com", "co.uk", "10.0.0.1", "::1", "a b", "lan."})
    EXPECT_EQ(canonical_domain(text).error().rule, &rules::domain_unfit) << text;
  const std::vector<std::string> more{"lan"}, names{"printer.lan", "*.floor.lan"};
  EXPECT_TRUE(alternative_names(names, more));
  EXPECT_EQ(alternative_names(names).error().rule, &rules::name_outside);
  EXPECT_EQ(name_constraints(more).permitted.size(), name_constraints().permitted.size() + 1);
}

TEST(NameConstraints, AreComparedWhole) {
  auto other = name_constraints();
  EXPECT_TRUE(same_constraints(other, name_constraints()));
  other.permitted[0].value = {'c', 'o', 'm'};
  EXPECT_FALSE(same_constraints(other, name_constraints()));
  other = name_constraints();
  other.excluded.pop_back();
  EXPECT_FALSE(same_constraints(other, name_constraints()));
}

RC_GTEST_PROP(LocalNames, AnAddressIsTakenExactlyIfARangeHoldsIt, (std::uint32_t value)) {
  // Most random addresses are public: half of the cases are moved into or beside a private range.
  if (*rc::gen::arbitrary<bool>()) {
    value = (value & 0x0000ffff) | (*rc::gen::element(0x7f000000U, 0x0a000000U, 0xac100000U, 0xac1f0000U, 0xac200000U,
                                                      0xc0a80000U, 0xc0a90000U, 0xa9fe0000U, 0x7e000000U));
  }
  const auto byte = [&](unsigned shift) { return std::to_string(value >> shift & 0xff); };
  const bool held =
      value >> 24 == 127 || value >> 24 == 10 || value >> 20 == 0xac1 || value >> 16 == 0xc0a8 || value >> 16 == 0xa9fe;
  RC_ASSERT((refusal(byte(24) + "." + byte(16) + "." + byte(8) + "." + byte(0)) == nullptr) == held);
}

}  // namespace
}  // namespace padlock::ca
