#include "padlock/x509/name_constraints.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "padlock/x509/rules.h"
#include "padlock/x509/test_certificates.h"

namespace padlock::x509 {
namespace {

using namespace testing;
using Names = std::vector<GeneralName>;

/// What a leaf with these names is told below a CA with these constraints.
std::string judged(const Names& permitted, const Names& excluded, const Names& names, std::string_view subject = "") {
  Chain chain;
  set_extension(chain.intermediate, name_constraints(permitted, excluded));
  chain.leaf.subject = name(subject);
  set_extension(chain.leaf, subject_alternative_name(names, subject.empty()));
  return code_of(verify(chain, ""));
}

constexpr std::string_view good = "trusted";
const std::string_view refused = rules::name_constraint.code;

TEST(NameConstraints, HoldHostNamesByTheirLabels) {
  const Names inside{dns("example.test")};
  EXPECT_EQ(judged(inside, {}, {dns("example.test")}), good);
  EXPECT_EQ(judged(inside, {}, {dns("a.b.EXAMPLE.test")}), good);
  EXPECT_EQ(judged(inside, {}, {dns("notexample.test")}), refused);
  EXPECT_EQ(judged(inside, {}, {dns("example.test"), dns("other.test")}), refused) << "every name counts";
  EXPECT_EQ(judged({dns("")}, {}, {dns("any.test")}), good) << "an empty base holds every name";
  EXPECT_EQ(judged({}, {dns("")}, {dns("any.test")}), refused);
  EXPECT_EQ(judged(inside, {dns("secret.example.test")}, {dns("a.secret.example.test")}), refused);
  EXPECT_EQ(judged(inside, {dns("secret.example.test")}, {dns("a.example.test")}), good);
  EXPECT_EQ(judged({dns("a.test"), dns("b.test")}, {}, {dns("x.b.test")}), good) << "one permitted base is enough";
}

TEST(NameConstraints, RefuseAWildcardThatCouldMatchAnExcludedName) {
  EXPECT_EQ(judged({}, {dns("www.example.test")}, {dns("*.example.test")}), refused);
  EXPECT_EQ(judged({}, {dns("example.test")}, {dns("*.example.test")}), refused);
  EXPECT_EQ(judged({}, {dns("a.www.example.test")}, {dns("*.example.test")}), good) << "a wildcard is one label";
  EXPECT_EQ(judged({}, {dns("www.other.test")}, {dns("*.example.test")}), good);
  EXPECT_EQ(judged({dns("www.example.test")}, {}, {dns("*.example.test")}), refused);
  EXPECT_EQ(judged({dns("example.test")}, {}, {dns("*.example.test")}), good);
}

// Against a model that knows no wildcards: it writes out every host that a name can stand for, and looks at each.

std::vector<std::string> labels_of(std::string_view host) {
  std::vector<std::string> labels(1);
  for (const char c : host) {
    if (c == '.') labels.emplace_back();
    if (c != '.') labels.back() += c;
  }
  return labels;
}

bool model_within(const std::string& host, const std::string& base) {
  const auto all = labels_of(host), end = labels_of(base);
  return base.empty() || (all.size() >= end.size() && std::equal(end.rbegin(), end.rend(), all.rbegin()));
}

bool model_permits(const std::string& name, const std::vector<std::string>& permitted,
                   const std::vector<std::string>& excluded) {
  std::vector<std::string> hosts{name};
  if (name.starts_with("*.")) {
    hosts.clear();
    for (const std::string_view label : {"a", "b", "aa", "other"}) hosts.push_back(std::string(label) + name.substr(1));
  }
  return std::ranges::all_of(hosts, [&](const std::string& host) {
    const auto holds = [&host](const std::string& base) { return model_within(host, base); };
    return (permitted.empty() || std::ranges::any_of(permitted, holds)) && std::ranges::none_of(excluded, holds);
  });
}

rc::Gen<std::string> some_host() {
  return rc::gen::element<std::string>("t.test", "a.t.test", "b.t.test", "a.a.t.test", "b.a.t.test", "a.b.t.test",
                                       "a.b.a.t.test", "u.test", "aa.t.test");
}

Names dns_names(const std::vector<std::string>& hosts) {
  Names names;
  for (const std::string& host : hosts) names.push_back(dns(host));
  return names;
}

RC_GTEST_PROP(NameConstraints, AgreeWithAModelThatWritesOutEveryHost, ()) {
  const auto permitted =
      *rc::gen::container<std::vector<std::string>>(*rc::gen::inRange<std::size_t>(0, 3), some_host());
  auto excluded = *rc::gen::container<std::vector<std::string>>(*rc::gen::inRange<std::size_t>(0, 3), some_host());
  if (permitted.empty() && excluded.empty()) excluded.emplace_back("a.t.test");
  const bool wildcard = *rc::gen::arbitrary<bool>();
  const std::string name = (wildcard ? "*." : "") + *some_host();
  const bool permits = model_permits(name, permitted, excluded);
  RC_ASSERT(judged(dns_names(permitted), dns_names(excluded), {dns(name)}) == (permits ? good : refused));
}

TEST(NameConstraints, HoldAddressesByTheirMask) {
  const Names ten{ip_range("10.0.0.0", "255.0.0.0")};
  EXPECT_EQ(judged(ten, {}, {ip("10.255.0.1")}), good);
  EXPECT_EQ(judged(ten, {}, {ip("11.0.0.1")}), refused);
  EXPECT_EQ(judged(ten, {}, {ip("::1")}), refused) << "IPv6 is the same form of name";
  EXPECT_EQ(judged({}, ten, {ip("10.0.0.1")}), refused);
  EXPECT_EQ(judged({}, ten, {ip("11.0.0.1"), ip("::1")}), good);
  EXPECT_EQ(judged({ip_range("192.168.0.0", "255.255.128.0")}, {}, {ip("192.168.127.9")}), good);
  EXPECT_EQ(judged({ip_range("192.168.0.0", "255.255.128.0")}, {}, {ip("192.168.128.9")}), refused);
  EXPECT_EQ(judged({ip_range("::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")}, {}, {ip("::1")}), good);
  EXPECT_EQ(judged({ip_range("fe80::", "ffc0::")}, {}, {ip("fec0::1")}), refused);
}

TEST(NameConstraints, HoldSubjectsAndDirectoryNames) {
  const Names acme{directory("Acme")};
  EXPECT_EQ(judged(acme, {}, {dns("a.test")}, "Acme"), good);
  EXPECT_EQ(judged(acme, {}, {dns("a.test")}, "ACME"), good) << "case does not count";
  EXPECT_EQ(judged(acme, {}, {dns("a.test")}, " Acme  "), good) << "nor does white space at the ends";
  EXPECT_EQ(judged(acme, {}, {dns("a.test")}, "Acme Inc"), refused);
  EXPECT_EQ(judged({}, acme, {dns("a.test")}, "acme"), refused);
  EXPECT_EQ(judged({}, acme, {dns("a.test"), directory("Acme")}, "Other"), refused);
  EXPECT_EQ(judged({directory("")}, {}, {dns("a.test")}, "Anything"), good) << "an empty base holds every name";
  EXPECT_EQ(judged({}, {directory("")}, {dns("a.test")}, "Anything"), refused);
  EXPECT_EQ(judged({}, {directory("")}, {dns("a.test")}, ""), good) << "an empty subject is no name";
}

TEST(NameConstraints, HoldMailAddressesByMailboxHostOrDomain) {
  EXPECT_EQ(judged({mail("a@b.test")}, {}, {mail("a@B.test")}), good);
  EXPECT_EQ(judged({mail("a@b.test")}, {}, {mail("A@b.test")}), refused) << "the local part keeps its case";
  EXPECT_EQ(judged({mail("b.test")}, {}, {mail("a@b.test")}), good);
  EXPECT_EQ(judged({mail("b.test")}, {}, {mail("a@c.b.test")}), refused) << "one host, not those below it";
  EXPECT_EQ(judged({mail(".b.test")}, {}, {mail("a@c.b.test")}), good);
  EXPECT_EQ(judged({mail(".b.test")}, {}, {mail("a@b.test")}), refused) << "those below it, not itself";
  EXPECT_EQ(judged({}, {mail("b.test")}, {mail("a@b.test")}), refused);
  EXPECT_EQ(judged({}, {mail("")}, {mail("a@b.test")}), refused) << "an empty base holds every one";
  EXPECT_EQ(judged({mail("**@b.test")}, {}, {mail("**@b.test")}), good) << "an asterisk is a letter like others";
  EXPECT_EQ(judged({mail("**@b.test")}, {}, {mail("*@b.test")}), refused);
}

TEST(NameConstraints, HoldUrisByTheirHost) {
  EXPECT_EQ(judged({uri("b.test")}, {}, {uri("https://B.test:8443/a?b#c")}), good);
  EXPECT_EQ(judged({uri("b.test")}, {}, {uri("https://a.b.test/")}), refused);
  EXPECT_EQ(judged({uri(".b.test")}, {}, {uri("ldap://user@a.b.test")}), good);
  EXPECT_EQ(judged({uri(".b.test")}, {}, {uri("https://b.test/")}), refused);
  EXPECT_EQ(judged({}, {uri("b.test")}, {uri("https://a@b.test/")}), refused);
  EXPECT_EQ(judged({}, {uri("b.test")}, {uri("https://b.test.example/")}), good);
}

TEST(NameConstraints, OfOneFormLeaveOthersFree) {
  EXPECT_EQ(judged({ip_range("10.0.0.0", "255.0.0.0")}, {dns("bad.test")}, {dns("good.test")}, "Any subject"), good);
}

TEST(NameConstraints, RefuseNamesOfAConstrainedFormThatCannotBeCompared) {
  const std::string_view unsupported = rules::unsupported_name_constraint.code;
  EXPECT_EQ(judged({}, {mail("b.test")}, {mail("\"a@b.test\"@a.test")}), unsupported) << "a quoted local part";
  EXPECT_EQ(judged({}, {mail("b.test")}, {mail("a@[10.0.0.1]")}), unsupported);
  EXPECT_EQ(judged({}, {uri("b.test")}, {uri("urn:isbn:1")}), unsupported);
  EXPECT_EQ(judged({}, {uri("b.test")}, {uri("https://10.0.0.1/")}), unsupported);
  EXPECT_EQ(judged({}, {uri("b.test"), mail("b.test")}, {dns("a.test")}), good) << "without one nothing is to compare";
  Octets other = der::make_der([](der::Writer& out) {
    out.object_identifier(der::make_oid("1.2.3"));
    out.context(0, [](der::Writer& value) { value.null(); });
  });
  const GeneralName other_name{GeneralNameForm::otherName, other};
  EXPECT_EQ(judged({}, {other_name}, {dns("a.test"), other_name}), unsupported);
}

TEST(NameConstraints, CountMailAddressesInASubject) {
  Chain chain;
  set_extension(chain.root, name_constraints({}, {mail("b.test")}));
  chain.leaf.subject = name("a@b.test", der::oid::emailAddress);
  EXPECT_EQ(code_of(verify(chain)), refused);
  chain.leaf.subject = name("a@c.test", der::oid::emailAddress);
  EXPECT_EQ(code_of(verify(chain)), good);
}

TEST(NameConstraints, MustBeWellFormed) {
  const std::string_view malformed = rules::malformed_name_constraint.code;
  EXPECT_EQ(judged({dns(".a.test")}, {}, {dns("x.a.test")}), malformed);
  EXPECT_EQ(judged({dns("*.a.test")}, {}, {dns("x.a.test")}), malformed);
  EXPECT_EQ(judged({dns("a.test.")}, {}, {dns("x.a.test")}), malformed);
  EXPECT_EQ(judged({ip("10.0.0.0")}, {}, {ip("10.0.0.0")}), malformed) << "without a mask";
  EXPECT_EQ(judged({ip_range("10.0.0.0", "255.0.255.0")}, {}, {ip("10.0.0.1")}), malformed);
  EXPECT_EQ(judged({}, {mail("a@b@c")}, {dns("a.test")}), malformed);
  EXPECT_EQ(judged({}, {mail("@b.test")}, {dns("a.test")}), malformed);
  EXPECT_EQ(judged({}, {uri("https://b.test/")}, {dns("a.test")}), malformed) << "a host, not a URI";
}

TEST(NameConstraints, OfEveryCaAboveAddUp) {
  Chain chain;
  set_extension(chain.root, name_constraints({dns("example.test"), dns("other.test")}, {}));
  set_extension(chain.intermediate, name_constraints({dns("other.test")}, {}));
  EXPECT_EQ(code_of(verify(chain)), refused);
  set_extension(chain.intermediate, name_constraints({dns("example.test"), dns("elsewhere.test")}, {}));
  EXPECT_EQ(code_of(verify(chain)), good);
}

TEST(NameConstraints, ApplyToIntermediatesAndNotToSelfIssuedOnes) {
  Chain chain;
  set_extension(chain.root, name_constraints({directory("Root")}, {}));
  chain.leaf.subject = name("Root");
  EXPECT_EQ(code_of(verify(chain)), refused) << "the intermediate's subject is outside";
  // Now the intermediate is the root's own new key, whose alternative names would be outside.
  set_extension(chain.root, name_constraints({dns("example.test")}, {}));
  chain.intermediate.subject = chain.leaf.issuer = name("Root");
  chain.leaf.subject = name("leaf");
  set_extension(chain.intermediate, subject_alternative_name({dns("outside.test")}));
  EXPECT_EQ(code_of(verify(chain)), good);
}

TEST(NameConstraints, SayWhichNameAndWhoseConstraint) {
  Chain chain;
  set_extension(chain.root, name_constraints({}, {ip_range("10.0.0.0", "255.0.0.0")}));
  set_extension(chain.leaf, subject_alternative_name({dns("example.test"), ip("10.1.2.3")}));
  const Verdict verdict = verify(chain);
  EXPECT_EQ(verdict.error->what, "10.1.2.3 is excluded, says CN=Root");
  EXPECT_EQ(verdict.error_depth, 0U);
}

}  // namespace
}  // namespace padlock::x509
