#include "padlock/certs/acme_issuer.h"

#include <gtest/gtest.h>

#include "padlock/acme/rules.h"
#include "padlock/certs/test_store.h"
#include "padlock/net/test_loop.h"

namespace padlock::certs {
namespace {

TEST(CaOfDirectory, IsTheHostAndAnUnusualPort) {
  EXPECT_EQ(ca_of_directory("https://acme-v02.api.letsencrypt.org/directory").value(), "acme-v02.api.letsencrypt.org");
  EXPECT_EQ(ca_of_directory("https://localhost:14000/dir").value(), "localhost_14000");
  EXPECT_EQ(ca_of_directory("https://[::1]:14000/dir").value(), "__1_14000");
  EXPECT_EQ(ca_of_directory("http://localhost/dir").error().rule, &acme::rules::url_not_https);
}

class Answers : public ::testing::Test {
 protected:
  void show(std::vector<acme::ChallengeAnswer> answers) {
    asio::io_context loop;
    EXPECT_TRUE(net::testing::run(loop, board_.show(answers)));
  }
  void hide(std::vector<acme::ChallengeAnswer> answers) {
    const auto work = [&]() -> net::Awaitable<bool> {
      co_await board_.hide(answers);
      co_return true;
    };
    asio::io_context loop;
    net::testing::run(loop, work());
  }
  static acme::ChallengeAnswer answer(acme::ChallengeType type, std::string_view name) {
    return {type, acme::make_identifier(name).value(), "token", "token.thumbprint"};
  }

  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
  ChallengeBoard board_{*provider_};
};

TEST_F(Answers, OfHttp01StandAtTheirPathAlone) {
  show({answer(acme::ChallengeType::http_01, "shop.test")});
  EXPECT_EQ(board_.content_at("/.well-known/acme-challenge/token"), "token.thumbprint");
  for (const auto* const path : {"/", "/.well-known/acme-challenge/", "/.well-known/acme-challenge/token?x",
                                 "/.well-known/acme-challenge/Token", "/.well-known/acme-challenge/../token"})
    EXPECT_EQ(board_.content_at(path), std::nullopt) << path;
  hide({answer(acme::ChallengeType::http_01, "shop.test")});
  EXPECT_EQ(board_.content_at("/.well-known/acme-challenge/token"), std::nullopt);
}

TEST_F(Answers, OfTlsAlpn01AreCertificatesForTheNameAlone) {
  show({answer(acme::ChallengeType::tls_alpn_01, "shop.test"), answer(acme::ChallengeType::tls_alpn_01, "192.0.2.1")});
  const auto credential = board_.certificate_for("Shop.Test");
  ASSERT_NE(credential, nullptr);
  EXPECT_EQ(credential->chain.size(), 1U);
  EXPECT_NE(board_.certificate_for("1.2.0.192.in-addr.arpa"), nullptr);
  EXPECT_EQ(board_.certificate_for("www.shop.test"), nullptr);
  EXPECT_EQ(board_.certificate_for(""), nullptr);
  hide({answer(acme::ChallengeType::tls_alpn_01, "shop.test")});
  EXPECT_EQ(board_.certificate_for("shop.test"), nullptr);
}

class Issuer : public testing::StoreTest {
 protected:
  /// What becomes of an order at a port where nobody listens.
  const Rule* order(StoreFolder& store, AcmeSettings settings) {
    auto issuer = AcmeIssuer::make(std::move(settings), store, board_, *provider_);
    if (!issuer) return issuer.error().rule;
    asio::io_context loop;
    const IssueRequest request{{"shop.test"}, "", ""};
    const auto done = net::testing::run(loop, (*issuer)->issue(request));
    return done ? nullptr : done.error().rule;
  }
  static std::string account_in(StoreFolder& store) {
    return text_of(store, {.kind = Kind::account, .ca = "localhost_1", .name = "account"});
  }

  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
  ChallengeBoard board_{*provider_};
};

TEST_F(Issuer, KeepsTheAccountsKeyBeforeTheCaHearsOfIt) {
  auto folder = store();
  EXPECT_NE(order(folder, {.directory = "https://localhost:1/dir"}), nullptr);
  const std::string account = account_in(folder);
  EXPECT_TRUE(account.starts_with("https://localhost:1/dir\n\n-----BEGIN PRIVATE KEY-----\n")) << account;
  EXPECT_NE(order(folder, {.directory = "https://localhost:1/dir"}), nullptr);
  EXPECT_EQ(account_in(folder), account) << "and takes it again";
  EXPECT_NE(order(folder, {.directory = "https://localhost:1/another"}), nullptr);
  EXPECT_NE(account_in(folder), account) << "but not for another directory";
}

TEST_F(Issuer, RefusesSettingsThatCannotBe) {
  auto folder = store();
  EXPECT_EQ(order(folder, {.directory = "http://ca.test/"}), &acme::rules::url_not_https);
  EXPECT_EQ(order(folder, {.directory = "https://ca.test/", .eab_key_identifier = "kid", .eab_mac_key = "short"}),
            &acme::rules::malformed_binding_key);
}

}  // namespace
}  // namespace padlock::certs
