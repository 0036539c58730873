#include "padlock/cli/serve_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "padlock/cli/rules.h"

namespace padlock::cli {
namespace {

using ::testing::ElementsAre;

ServeFlags parsed(std::vector<std::string> arguments) {
  CLI::App app;
  ServeFlags flags;
  add_serve_flags(app, flags);
  std::ranges::reverse(arguments);  // CLI11 takes them from the back
  app.parse(arguments);
  return flags;
}

TEST(ServeFlags, TakeSeveralCertificatesInTheirOrder) {
  const ServeFlags flags =
      parsed({"--cert", "a.pem", "--key", "a.key", "--cert", "b.pem", "--key", "b.key", ::testing::TempDir()});
  EXPECT_THAT(flags.certs, ElementsAre("a.pem", "b.pem"));
  EXPECT_THAT(flags.keys, ElementsAre("a.key", "b.key"));
  EXPECT_EQ(flags.folder, ::testing::TempDir());
  EXPECT_TRUE(prepare_server(flags));
}

TEST(ServeFlags, RefuseACertificateWithoutItsKeyAndTheReverse) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"--cert", "a.pem", "."}, {"--key", "a.key", "."}, {"--cert", "a", "--key", "a", "--cert", "b", "."}}) {
    const auto refused = prepare_server(parsed(arguments));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().rule, &rules::serve_option);
  }
  EXPECT_EQ(prepare_server(parsed({"--cert", "a", "--key", "a", "--cert", "b", "."})).error().what,
            "--cert and --key belong together in pairs, and there are 2 and 1 of them");
}

TEST(ServeFlags, RefuseNamesBesideACertificate) {
  const auto refused = prepare_server(parsed({"--cert", "a", "--key", "a", "--name", "a.test", "."}));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, ::testing::StartsWith("--name is for the local CA"));
}

}  // namespace
}  // namespace padlock::cli
