#include "padlock/certs/dns_update.h"

#include <gtest/gtest.h>

#include <fstream>

#include "padlock/certs/dns_hook.h"
#include "padlock/certs/rules.h"
#include "padlock/certs/test_store.h"
#include "padlock/dns/rules.h"
#include "padlock/net/rules.h"
#include "padlock/net/test_loop.h"

// What a real name server answers stands in tests/e2e/test_dns_update.py.

namespace padlock::certs {
namespace {

class DnsUpdate : public testing::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    std::filesystem::create_directories(folder_);
  }
  std::string key_file(std::string_view text, unsigned mode = 0600) {
    const std::filesystem::path file = folder_ / "tsig.key";
    std::ofstream(file) << text;
    std::filesystem::permissions(file, std::filesystem::perms(mode));
    return file.native();
  }
  static std::vector<acme::ChallengeAnswer> answers(acme::ChallengeType type) {
    return {{type, acme::make_identifier("*.shop.test").value(), "token", "token.thumb"}};
  }
  Result<void> show(DnsUpdateSettings settings, acme::ChallengeType type = acme::ChallengeType::dns_01) {
    DnsUpdateAnswers by_update(std::move(settings), *provider_, board_);
    const auto all = answers(type);
    asio::io_context loop;
    return net::testing::run(loop, by_update.show(all));
  }

  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
  ChallengeBoard board_{*provider_};
};

TEST_F(DnsUpdate, LeavesOtherKindsOfChallengesToOthers) {
  EXPECT_TRUE(show({.server = "127.0.0.1:1", .key_file = "none"}, acme::ChallengeType::http_01));
  EXPECT_TRUE(board_.content_at("/.well-known/acme-challenge/token"));
}

TEST_F(DnsUpdate, SaysThatNobodyIsThere) {
  const auto away = show({.server = "127.0.0.1:1", .key_file = key_file("hmac-sha256:a:c2VjcmV0")});
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().rule, &net::rules::connection_refused);
}

TEST_F(DnsUpdate, SaysThatANameLiesInNoZoneThatIsNamed) {
  const auto file = key_file("hmac-sha256:a:c2VjcmV0");
  EXPECT_FALSE(show({.server = "127.0.0.1:1", .key_file = file, .zone = "other.test"}));
}

/// Whoever runs the program, as a test wants it.
struct Runner final : HookRunner {
  net::Awaitable<Result<void>> run(HookCall call) override {
    calls.push_back(std::string(name_of(call.verb)) + " " + call.fqdn + " " + call.value);
    if (fails) co_return broken(rules::hook_failed, "because");
    co_return Result<void>();
  }
  std::vector<std::string> calls;
  bool fails = false;
};

TEST_F(DnsUpdate, ByAProgramCallsItAsLegoDoes) {
  Runner runner;
  DnsHookAnswers hook(runner, board_);
  const auto all = answers(acme::ChallengeType::dns_01);
  const auto work = [&]() -> net::Awaitable<Result<void>> {
    auto shown = co_await hook.show(all);
    co_await hook.hide(all);
    co_return shown;
  };
  asio::io_context loop;
  EXPECT_TRUE(net::testing::run(loop, work()));
  const std::string rest = " _acme-challenge.shop.test. " + acme::dns_01_value("token.thumb");
  EXPECT_EQ(runner.calls, (std::vector<std::string>{"present" + rest, "cleanup" + rest}));
  runner.fails = true;
  EXPECT_EQ(net::testing::run(loop, work()).error().rule, &rules::hook_failed);
}

}  // namespace
}  // namespace padlock::certs
