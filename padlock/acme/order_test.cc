#include "padlock/acme/order_job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "padlock/acme/limits.h"
#include "padlock/acme/rules.h"
#include "padlock/acme/testing/fake_ca.h"
#include "padlock/x509/test_certificates.h"

namespace padlock::acme {
namespace {

using testing::FakeCa;
using x509::testing::make_key;
using x509::testing::provider;
using x509::testing::test_now;

/// An order with a server that does as it should.
class Ordering : public ::testing::Test {
 protected:
  Result<void> order(OrderWish wish, AccountWish account = {}) {
    job.emplace(std::move(wish), provider());
    Conversation conversation(session, *job, std::move(account));
    const auto done = talk(conversation, ca, now);
    retry_after = conversation.retry_after();
    return done;
  }
  OrderWish wish(std::vector<std::string> names) {
    return {.identifiers = make_identifiers(names).value(), .key = key};
  }
  const Rule* refusal(OrderWish wish, AccountWish account = {}) {
    const auto done = order(std::move(wish), std::move(account));
    return done ? nullptr : done.error().rule;
  }

  Instant now{.monotonic = std::chrono::hours(1), .wall = test_now};
  FakeCa ca{provider(), test_now};
  Session session{Session::make(std::string(FakeCa::directory_url), AccountKey::make(make_key()).value()).value()};
  std::shared_ptr<const crypto::PrivateKey> key = make_key();
  std::optional<OrderJob> job;
  std::optional<std::chrono::seconds> retry_after;
};

TEST_F(Ordering, GoesFromTheDirectoryToTheChain) {
  const auto done = order(wish({"example.test", "www.example.test", "192.0.2.1"}));
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_THAT(ca.mistakes, ::testing::IsEmpty());
  EXPECT_EQ(job->chain()->certificates.size(), 2U);
  EXPECT_EQ(job->chain()->pem(), ca.certificate_pem());
  const std::vector<std::string> first{"GET directory", "HEAD nonce", "POST account", "POST order",
                                       "POST authorization"};
  EXPECT_TRUE(std::ranges::equal(first, std::span(ca.requests).first(first.size())));
  EXPECT_EQ(std::ranges::count(ca.requests, "HEAD nonce"), 1) << "each answer brings the next nonce";
  EXPECT_EQ(std::ranges::count(ca.requests, "POST finalize"), 1);
  EXPECT_EQ(std::ranges::count(ca.requests, "POST challenge"), 3);
}

TEST_F(Ordering, HasItsAccountAndDirectoryFromBefore) {
  ASSERT_TRUE(order(wish({"example.test"})));
  ca.requests.clear();
  ASSERT_TRUE(order(wish({"example.test"})));
  EXPECT_EQ(ca.requests.front(), "POST order");
}

TEST_F(Ordering, RegistersOnceMoreWhereTheServerHasForgotten) {
  ASSERT_TRUE(order(wish({"example.test"})));
  ca.forget_accounts();
  ASSERT_TRUE(order(wish({"example.test"})));
  EXPECT_EQ(std::ranges::count(ca.requests, "POST account"), 2);
}

TEST_F(Ordering, TriesTwoNoncesMoreAndNoThird) {
  ca.nonces_to_refuse = 2;
  EXPECT_TRUE(order(wish({"example.test"})));
  EXPECT_THAT(ca.mistakes, ::testing::IsEmpty());
  ca.nonces_to_refuse = 3;
  EXPECT_EQ(refusal(wish({"example.test"})), &rules::nonce_refused);
  ca.nonces_to_refuse = 0;
  EXPECT_TRUE(order(wish({"example.test"}))) << "and then it is as ever";
}

TEST_F(Ordering, AgreesToTermsOnlyWhereTheUserDoes) {
  ca.terms_of_service = "https://ca.example.test/terms";
  EXPECT_EQ(refusal(wish({"example.test"})), &rules::terms_not_agreed);
  EXPECT_TRUE(order(wish({"example.test"}), {.email = "a@example.test", .terms_of_service_agreed = true}));
  EXPECT_EQ(ca.payloads.front(), R"({"termsOfServiceAgreed":true,"contact":["mailto:a@example.test"]})");
}

TEST_F(Ordering, BindsTheAccountWhereTheServerWantsIt) {
  ca.wants_external_account = true;
  EXPECT_EQ(refusal(wish({"example.test"})), &rules::account_binding_required);
  auto external = make_external_account("kid-1", "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W");
  AccountWish account;
  account.external = std::make_shared<const ExternalAccount>(std::move(external).value());
  EXPECT_TRUE(order(wish({"example.test"}), std::move(account)));
  EXPECT_NE(ca.external_account.find("signature"), std::string::npos);
}

TEST_F(Ordering, TakesTheFirstChallengeThatIsOfferedAndPossible) {
  ca.offered = {"http-01", "dns-01"};
  EXPECT_TRUE(order(wish({"example.test"})));
  EXPECT_EQ(refusal(wish({"*.example.test"})), &rules::no_challenge_fits);
  OrderWish wildcard = wish({"*.example.test", "example.test"});
  wildcard.challenges = {ChallengeType::dns_01};
  EXPECT_TRUE(order(wildcard));
}

TEST_F(Ordering, AsksForAProfileThatThereIs) {
  OrderWish short_life = wish({"example.test"});
  short_life.profile = "shortlived";
  EXPECT_TRUE(order(short_life));
  EXPECT_THAT(ca.payloads, ::testing::Contains(::testing::HasSubstr(R"("profile":"shortlived")")));
  short_life.profile = "longlived";
  EXPECT_EQ(refusal(short_life), &rules::unknown_profile);
}

TEST_F(Ordering, SaysWhatItReplacesUnlessTheServerRefusesThat) {
  OrderWish renewal = wish({"example.test"});
  renewal.replaces = "aYhb.AId";
  ca.spoil = [&](std::string_view resource, Response& response) {
    if (resource == "order" && ca.payloads.back().find("replaces") != std::string::npos)
      response = testing::problem_response(409, "alreadyReplaced", "it was");
  };
  EXPECT_TRUE(order(renewal));
}

TEST_F(Ordering, TellsWhichNamesWereNotFoundShown) {
  ca.validates = false;
  const auto done = order(wish({"a.test", "b.test"}));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().rule, &rules::connection);
  EXPECT_NE(done.error().what.find("a.test"), std::string::npos);
  EXPECT_EQ(done.error().what.find('\x1b'), std::string::npos) << "a server's text is escaped";
  EXPECT_EQ(job->failed().size(), 2U) << "each counts against the CA's limits";
}

TEST_F(Ordering, GivesUpAfterTenMinutes) {
  ca.validations_pending = 1'000'000;
  EXPECT_EQ(refusal(wish({"example.test"})), &rules::taking_too_long);
  EXPECT_LE(now.monotonic, std::chrono::hours(1) + limits::polling);
  ca.validations_pending = 1;
  ca.issues_processing = 1'000'000;
  EXPECT_EQ(refusal(wish({"example.test"})), &rules::taking_too_long);
}

TEST_F(Ordering, WaitsAsLongAsTheServerSays) {
  ca.spoil = [](std::string_view resource, Response& response) {
    if (resource == "authorization") response.fields.add("Retry-After", "30");
  };
  EXPECT_TRUE(order(wish({"example.test"})));
  EXPECT_GE(now.monotonic, std::chrono::hours(1) + std::chrono::seconds(30));
}

TEST_F(Ordering, TellsHowLongARateLimitLasts) {
  ca.spoil = [](std::string_view resource, Response& response) {
    if (resource != "order") return;
    response = testing::problem_response(429, "rateLimited", "too many certificates");
    response.fields.add("Retry-After", "3600");
  };
  EXPECT_EQ(refusal(wish({"example.test"})), &rules::rate_limited);
  EXPECT_EQ(retry_after, std::chrono::hours(1));
}

TEST_F(Ordering, LooksForTheWantedRootAmongTheChains) {
  OrderWish other = wish({"example.test"});
  other.preferred_root = "Fake";
  EXPECT_TRUE(order(other));
  EXPECT_EQ(std::ranges::count(ca.requests, "POST certificate"), 1);
  ca.requests.clear();
  other.preferred_root = "Another CA";
  EXPECT_TRUE(order(other)) << "the first is good enough";
  EXPECT_EQ(std::ranges::count(ca.requests, "POST certificate"), 2);
}

TEST_F(Ordering, ShowsNothingAfterTheValidation) {
  std::vector<std::size_t> published;
  OrderJob one(wish({"example.test"}), provider());
  Conversation conversation(session, one, {});
  auto action = conversation.begin(now).value();
  while (!std::holds_alternative<Finished>(action)) {
    if (auto* const send = std::get_if<SendRequest>(&action)) {
      action = conversation.on_response(ca.answer(send->request, now.wall), now).value();
      continue;
    }
    if (auto* const publish = std::get_if<PublishAnswers>(&action)) {
      published.push_back(publish->answers.size());
      ca.publish(*publish);
    }
    action = conversation.go_on(now).value();
  }
  EXPECT_THAT(published, ::testing::ElementsAre(1, 0));
}

// ---- the other jobs -------------------------------------------------------------------------------------------------

TEST_F(Ordering, RollsTheAccountsKeyOver) {
  ASSERT_TRUE(order(wish({"example.test"})));
  const auto next = AccountKey::make(make_key()).value();
  KeyRollover rollover(next);
  Conversation conversation(session, rollover, {});
  ASSERT_TRUE(talk(conversation, ca, now));
  EXPECT_EQ(ca.account_jwk, next.jwk());
  EXPECT_EQ(session.key().jwk(), next.jwk());
  EXPECT_TRUE(order(wish({"example.test"}))) << "it signs with the new one";
}

TEST_F(Ordering, RevokesACertificateOnce) {
  ASSERT_TRUE(order(wish({"example.test"})));
  Revocation revocation(job->chain()->leaf().der, RevocationReason::superseded);
  Conversation conversation(session, revocation, {});
  EXPECT_TRUE(talk(conversation, ca, now));
  EXPECT_THAT(ca.payloads.back(), ::testing::HasSubstr(R"("reason":4)"));
  ca.spoil = [](std::string_view, Response& response) {
    response = testing::problem_response(400, "alreadyRevoked", "it was");
  };
  Conversation again(session, revocation, {});
  EXPECT_TRUE(talk(again, ca, now));
}

TEST_F(Ordering, AsksWhenToRenewWithoutAnAccount) {
  RenewalInquiry inquiry("aYhb.AId");
  Conversation conversation(session, inquiry, {});
  ASSERT_TRUE(talk(conversation, ca, now));
  EXPECT_EQ(to_string(inquiry.info()->start), "2026-03-20 00:00:00 UTC");
  EXPECT_EQ(to_string(inquiry.info()->end), "2026-03-20 23:00:00 UTC");
  EXPECT_EQ(inquiry.ask_again_in(), std::chrono::hours(6));
  EXPECT_EQ(std::ranges::count(ca.requests, "POST account"), 0);
}

}  // namespace
}  // namespace padlock::acme
