#include "padlock/acme/persistent_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "padlock/acme/order_job.h"
#include "padlock/acme/rules.h"
#include "padlock/acme/testing/fake_ca.h"
#include "padlock/x509/test_certificates.h"

namespace padlock::acme {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using x509::testing::make_key;
using x509::testing::provider;
using x509::testing::test_now;

const std::string account = "https://ca.example/acct/123";
const PersistentProof proof{{"authority.example", "ca.example.net"}, account};

Identifier identifier(std::string_view name) { return make_identifier(name).value(); }

PersistentFault judged(std::string_view text, std::string_view name = "example.com") {
  return judge_persistent_record(text, proof, identifier(name), test_now);
}

TEST(PersistentRecord, StandsBesideTheNameOnceForItsWildcardToo) {
  EXPECT_EQ(persistent_record_name(identifier("example.com")), "_validation-persist.example.com");
  EXPECT_EQ(persistent_record_name(identifier("*.example.com")), "_validation-persist.example.com");
}

TEST(PersistentRecord, IsWrittenAsItIsRead) {
  const auto text = [](std::string_view name) {
    return write_persistent_record(persistent_record_for(identifier(name), proof).value()).value();
  };
  EXPECT_EQ(text("example.com"), "authority.example; accounturi=" + account);
  EXPECT_EQ(text("*.example.com"), "authority.example; accounturi=" + account + "; policy=wildcard");
  EXPECT_EQ(judged(text("example.com")), PersistentFault::none);
  EXPECT_EQ(judged(text("*.example.com"), "*.example.com"), PersistentFault::none);
  EXPECT_EQ(judged(text("*.example.com")), PersistentFault::none);
  EXPECT_EQ(judged(text("example.com"), "*.example.com"), PersistentFault::name_alone);
  EXPECT_EQ(write_persistent_record({"a.example", account, true, 1767225600}).value(),
            "a.example; accounturi=" + account + "; policy=wildcard; persistUntil=1767225600");
}

TEST(PersistentRecord, NamesNobodyWhereNobodyCanBeNamed) {
  for (const std::string& bad : {std::string(), account + ";a", account + " b", account + "\n", account + "\x7f"}) {
    const auto written = write_persistent_record({"a.example", bad});
    ASSERT_FALSE(written) << bad;
    EXPECT_EQ(written.error().rule, &rules::persistent_account_unwritable);
  }
  const auto nameless = persistent_record_for(identifier("example.com"), {{}, account});
  ASSERT_FALSE(nameless);
  EXPECT_EQ(nameless.error().rule, &rules::no_issuer_domain_name);
}

TEST(PersistentRecord, StandsInAZoneFileInPiecesOf255Bytes) {
  EXPECT_EQ(zone_strings("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(zone_strings(std::string(255, 'x')), "\"" + std::string(255, 'x') + "\"");
  EXPECT_EQ(zone_strings(std::string(511, 'x')),
            "\"" + std::string(255, 'x') + "\" \"" + std::string(255, 'x') + "\" \"x\"");
}

/// RFC 8659, section 4.2: white space, case, what nobody knows.
TEST(PersistentRecord, IsReadAsItMayBeWritten) {
  for (const std::string& text : {"authority.example;accounturi=" + account, "ca.example.net; accounturi=" + account,
                                  "  Authority.EXAMPLE.\t;\tACCOUNTURI = " + account + "  ",
                                  "authority.example; future=1; accounturi=" + account + "; x-y= ",
                                  "authority.example; policy=; accounturi=" + account,
                                  "authority.example; policy=everything; accounturi=" + account,
                                  "authority.example; accounturi=" + account + "; persistUntil=99999999999999"})
    EXPECT_EQ(judged(text), PersistentFault::none) << text;
  EXPECT_EQ(judged("authority.example; Policy=WildCard; accounturi=" + account, "*.example.com"),
            PersistentFault::none);
  EXPECT_EQ(judged("authority.example; policy=everything; accounturi=" + account, "*.example.com"),
            PersistentFault::name_alone);
}

TEST(PersistentRecord, OfOthersProvesNothing) {
  for (const std::string& text : std::vector<std::string>{
           "", " ", ";", "evil.example; accounturi=" + account, "accounturi=" + account,
           "authority.example.evil; accounturi=" + account, "xauthority.example; accounturi=" + account,
           "authority.example..; accounturi=" + account, "v=spf1 -all", "authority.example accounturi=" + account})
    EXPECT_EQ(judged(text), PersistentFault::of_another_ca) << text;
  for (const std::string& other :
       std::vector<std::string>{account + "4", account.substr(0, account.size() - 1), "https://CA.example/acct/123",
                                account + "/", "https://evil.example/acct/123"})
    EXPECT_EQ(judged("authority.example; accounturi=" + other), PersistentFault::of_another_account) << other;
}

TEST(PersistentRecord, ThatIsMalformedProvesNothing) {
  const std::string good = "authority.example; accounturi=" + account;
  for (const std::string& text : {std::string("authority.example"),
                                  std::string("authority.example;"),
                                  std::string("authority.example; accounturi="),
                                  std::string("authority.example; policy=wildcard"),
                                  good + ";",
                                  good + "; ;policy=wildcard",
                                  good + "; policy",
                                  good + "; =wildcard",
                                  good + "; pol icy=wildcard",
                                  good + "; -p=1",
                                  good + "; p-=1",
                                  good + "; p_q=1",
                                  good + "; accounturi=" + account,
                                  good + "; AccountURI=https://evil.example/1",
                                  good + "; policy=wildcard; policy=wildcard",
                                  good + "; x=1; X=1",
                                  good + "; policy=wild card",
                                  good + "; persistUntil=",
                                  good + "; persistUntil=tomorrow",
                                  good + "; persistUntil=-1",
                                  good + "; persistUntil=+1",
                                  good + "; persistUntil=1.5",
                                  good + "; persistUntil=0x7fffffff",
                                  good + "; persistUntil=99999999999999999999",
                                  good + "\x01",
                                  good + "\xc3\xa4"})
    EXPECT_EQ(judged(text), PersistentFault::malformed) << text;
}

TEST(PersistentRecord, CountsUntilItsTime) {
  const auto until = [](std::int64_t seconds) {
    return "authority.example; accounturi=" + account +
           "; persistUntil=" + std::to_string(test_now.time_since_epoch().count() + seconds);
  };
  EXPECT_EQ(judged(until(1)), PersistentFault::none);
  EXPECT_EQ(judged(until(0)), PersistentFault::none);
  EXPECT_EQ(judged(until(-1)), PersistentFault::expired);
  EXPECT_EQ(judged("authority.example; accounturi=" + account + "; persistUntil=0"), PersistentFault::expired);
}

TEST(PersistentRecord, OfSeveralTheNearestCounts) {
  const auto nearest = [](std::vector<std::string> texts) {
    return judge_persistent_records(texts, proof, identifier("example.com"), test_now);
  };
  const std::string good = "authority.example; accounturi=" + account;
  EXPECT_EQ(nearest({}), PersistentFault::absent);
  EXPECT_EQ(nearest({"x"}), PersistentFault::of_another_ca);
  EXPECT_EQ(nearest({"x", "authority.example; a"}), PersistentFault::malformed);
  EXPECT_EQ(nearest({good + "4", "authority.example; a"}), PersistentFault::of_another_account);
  EXPECT_EQ(nearest({good + "; persistUntil=1", good + "4"}), PersistentFault::expired);
  EXPECT_EQ(nearest({good + ";", "x", good, good + "4"}), PersistentFault::none);
  EXPECT_EQ(words_of(PersistentFault::absent), "is not there");
}

// ---- orders ---------------------------------------------------------------------------------------------------------

class PersistentOrder : public ::testing::Test {
 protected:
  PersistentOrder() {
    ca.offered.insert("dns-persist-01");
    ca.has_persistent_record = true;
  }
  Result<void> order(std::vector<std::string> names,
                     std::vector<ChallengeType> challenges = {ChallengeType::dns_persist_01}) {
    OrderJob job(
        {.identifiers = make_identifiers(names).value(), .challenges = std::move(challenges), .key = make_key()},
        provider());
    Conversation conversation(session, job, {});
    return talk(conversation, ca, now);
  }
  std::string refusal() {
    const auto done = order({"example.test"});
    return done ? "" : std::string(done.error().rule->code) + " " + done.error().what;
  }

  Instant now{.monotonic = std::chrono::hours(1), .wall = test_now};
  testing::FakeCa ca{provider(), test_now};
  Session session{
      Session::make(std::string(testing::FakeCa::directory_url), AccountKey::make(make_key()).value()).value()};
};

TEST_F(PersistentOrder, ShowsNothingAndIsValidatedByTheRecord) {
  const auto done = order({"example.test", "*.example.test"});
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_THAT(ca.mistakes, IsEmpty());
  ca.persistent_account.clear();
  EXPECT_TRUE(order({"example.test"})) << "a CA need not say which account it means";
}

TEST_F(PersistentOrder, IsMadeByThoseWhoAskForItAlone) {
  ca.has_persistent_record = false;
  EXPECT_TRUE(order({"example.test"}, OrderWish{}.challenges));
  ca.issuer_domain_names.clear();
  EXPECT_TRUE(order({"example.test"}, OrderWish{}.challenges))
      << "a malformed challenge that nobody wants does no harm";
}

TEST_F(PersistentOrder, TellsTheRecordThatWasNotFound) {
  ca.validates = false;
  EXPECT_THAT(refusal(), HasSubstr("; the TXT record that proves it is _validation-persist.example.test with "
                                   "\"ca.example.test; accounturi=https://ca.example.test/account/1\""));
}

/// A person who sets what the CA names would let others have certificates.
TEST_F(PersistentOrder, SetsNobodysRecordButOurs) {
  ca.persistent_account = "https://ca.example.test/account/2";
  EXPECT_THAT(refusal(), HasSubstr("acme.persist.for_others"));
  EXPECT_EQ(std::ranges::count(ca.requests, "POST challenge"), 0);
}

TEST_F(PersistentOrder, RefusesNamesOfACaThatAreNone) {
  for (const std::vector<std::string>& names : {std::vector<std::string>(),
                                                std::vector<std::string>(11, "ca.example.test"),
                                                {"CA.example.test"},
                                                {"ca.example.test."},
                                                {"ca.example.test; policy=wildcard"},
                                                {"ca.example.test", ""},
                                                {"*.example.test"},
                                                {std::string(254, 'a')},
                                                {"ca.example.test\" \"x"},
                                                {"b\xc3\xbc\x63her.test"}}) {
    ca.issuer_domain_names = names;
    EXPECT_THAT(refusal(), HasSubstr("acme.authorization.no_challenge example.test: the CA offers")) << names.size();
  }
  ca.issuer_domain_names = std::vector<std::string>(10, "ca.example.test");
  EXPECT_EQ(refusal(), "");
}

}  // namespace
}  // namespace padlock::acme
