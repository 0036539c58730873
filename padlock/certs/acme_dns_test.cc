#include "padlock/certs/acme_dns.h"

#include <gtest/gtest.h>

#include <fstream>

#include "padlock/certs/rules.h"
#include "padlock/certs/test_store.h"
#include "padlock/net/test_loop.h"

namespace padlock::certs {
namespace {

constexpr std::string_view good =
    R"({"Shop.test":{"server_url":"https://localhost:1/","username":"u","password":"p","subdomain":"s","fulldomain":"f"}})";

TEST(AcmeDnsAccounts, AreReadByTheirDomain) {
  const auto accounts = parse_acme_dns_accounts(good).value();
  ASSERT_TRUE(accounts.contains("shop.test"));
  EXPECT_EQ(accounts.at("shop.test").subdomain, "s");
  EXPECT_TRUE(parse_acme_dns_accounts("{}").value().empty());
}

TEST(AcmeDnsAccounts, AreWholeOrRefused) {
  for (const std::string_view text :
       {"", "[]", "{\"a\":1}", R"({"a":{"server_url":"http://x/","username":"u","password":"p","subdomain":"s"}})",
        R"({"a":{"server_url":"https://x/","username":"u","subdomain":"s"}})",
        R"({"a":{"server_url":"https://x/","username":1,"password":"p","subdomain":"s"}})"}) {
    const auto accounts = parse_acme_dns_accounts(text);
    ASSERT_FALSE(accounts) << text;
    EXPECT_EQ(accounts.error().rule, &rules::acme_dns_accounts);
  }
}

class AcmeDns : public testing::StoreTest {
 protected:
  Result<void> show(acme::ChallengeType type, std::string_view name) {
    const std::filesystem::path file = folder_ / "acme-dns.json";
    std::filesystem::create_directories(folder_);
    std::ofstream(file) << good;
    std::filesystem::permissions(file, std::filesystem::perms(0600));
    AcmeDnsAnswers answers(file, {}, board_);
    const std::vector<acme::ChallengeAnswer> all{{type, acme::make_identifier(name).value(), "token", "token.thumb"}};
    asio::io_context loop;
    return net::testing::run(loop, answers.show(all));
  }

  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
  ChallengeBoard board_{*provider_};
};

TEST_F(AcmeDns, LeavesOtherKindsOfChallengesToOthers) {
  EXPECT_TRUE(show(acme::ChallengeType::http_01, "shop.test"));
  EXPECT_TRUE(board_.content_at("/.well-known/acme-challenge/token"));
}

TEST_F(AcmeDns, NeedsAnAccountForTheDomain) {
  EXPECT_EQ(show(acme::ChallengeType::dns_01, "other.test").error().rule, &rules::acme_dns_accounts);
  const auto away = show(acme::ChallengeType::dns_01, "*.shop.test");  // nobody listens on that port
  ASSERT_FALSE(away);
  EXPECT_NE(away.error().rule, &rules::acme_dns_accounts);
}

}  // namespace
}  // namespace padlock::certs
