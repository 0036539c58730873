#include "padlock/cli/staples.h"

#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "padlock/cli/rules.h"
#include "padlock/x509/test_certificates.h"
#include "padlock/x509/test_revocation.h"

namespace padlock::cli {
namespace {

namespace pki = x509::testing;
using namespace std::chrono_literals;
using pki::test_now;

/// The usual leaf and its intermediate.
StapleSubject subject() {
  tls::Credential credential;
  credential.chain = {sign(pki::Chain().leaf, pki::key(1)), sign(pki::Chain().intermediate, pki::key(0))};
  return staple_subject(credential).value();
}

TEST(StapleSubject, IsTheLeafWithItsIssuerAndItsFirstHttpResponder) {
  const StapleSubject usual = subject();
  EXPECT_EQ(usual.leaf->subject.short_text(), "leaf");
  EXPECT_EQ(usual.issuer->subject.short_text(), "Intermediate");
  EXPECT_EQ(usual.responder, "");
  tls::Credential lone;
  lone.chain = {pki::self_signed_leaf(4)};
  EXPECT_EQ(staple_subject(lone)->issuer, nullptr);
  lone.chain = {{1, 2}};
  EXPECT_FALSE(staple_subject(lone));
}

TEST(RefreshTime, IsHalfOfTheLifeAndUpToATenthMore) {
  x509::RevocationStatus status;
  status.this_update = test_now;
  status.next_update = test_now + 100h;
  EXPECT_EQ(refresh_time(status, 0), test_now + 50h);
  EXPECT_GT(refresh_time(status, 255), test_now + 59h);
  EXPECT_LT(refresh_time(status, 255), test_now + 60h);
}

TEST(Staples, AreGoodResponsesUntilTheyExpire) {
  const StapleSubject usual = subject();
  Staples staples(std::nullopt, pki::provider());
  EXPECT_TRUE(staples.is_due(usual, test_now));
  EXPECT_TRUE(staples.find(usual, test_now).empty());
  const auto response = pki::sign(pki::ResponseDraft());
  ASSERT_TRUE(staples.take(usual, response, test_now));
  EXPECT_EQ(staples.find(usual, test_now), response);
  EXPECT_EQ(staples.find(usual, test_now + 6 * 24h - 1s), response);
  EXPECT_TRUE(staples.find(usual, test_now + 6 * 24h).empty()) << "nextUpdate";
  // A week's: half is after three and a half days, one of which is over.
  EXPECT_FALSE(staples.is_due(usual, test_now + 59h));
  EXPECT_TRUE(staples.is_due(usual, test_now + 80h));
  EXPECT_EQ(staples.trouble(usual), nullptr);
}

TEST(Staples, AreNotWhatClientsWouldRefuse) {
  const StapleSubject usual = subject();
  Staples staples(std::nullopt, pki::provider());
  const auto refused = [&](const pki::ResponseDraft& draft) {
    const auto taken = staples.take(usual, pki::sign(draft), test_now);
    return !taken && staples.find(usual, test_now).empty() && staples.trouble(usual) != nullptr;
  };
  pki::ResponseDraft stale, revoked, unknown, stranger, later;
  stale.singles[0].next_update = pki::general_time(test_now - 1h);
  revoked.singles[0].status = pki::revoked_status();
  unknown.singles[0].status = pki::unknown_status;
  stranger.signer = 3;
  later.status = 3;
  for (const auto* draft : {&stale, &revoked, &unknown, &stranger, &later}) EXPECT_TRUE(refused(*draft));
  EXPECT_FALSE(staples.take(usual, as_bytes("rubbish"), test_now));
  StapleSubject lone = usual;
  lone.issuer = nullptr;
  EXPECT_EQ(staples.take(lone, pki::sign(pki::ResponseDraft()), test_now).error().rule, &rules::no_staple);
}

TEST(Staples, OutliveAResponderThatFailsWhichIsAskedLaterAndLater) {
  const StapleSubject usual = subject();
  Staples staples(std::nullopt, pki::provider());
  const auto response = pki::sign(pki::ResponseDraft());
  ASSERT_TRUE(staples.take(usual, response, test_now));
  WallTime now = test_now + 80h;
  for (const auto wait : {5s, 10s, 20s, 40s}) {
    EXPECT_TRUE(staples.is_due(usual, now));
    EXPECT_FALSE(staples.failed(usual, {&rules::no_staple, "down"}, now));
    EXPECT_FALSE(staples.is_due(usual, now + wait - 1s));
    EXPECT_TRUE(staples.is_due(usual, now + wait));
    now += wait;
  }
  EXPECT_EQ(staples.find(usual, now), response) << "what is there goes on";
  for (int more = 0; more < 40; ++more) EXPECT_FALSE(staples.failed(usual, {&rules::no_staple, "down"}, now));
  EXPECT_TRUE(staples.is_due(usual, now + 2h)) << "it is never given up";
}

}  // namespace
}  // namespace padlock::cli
