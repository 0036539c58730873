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
  EXPECT_THAT(flags.sites, ElementsAre(::testing::TempDir()));
  EXPECT_TRUE(config_of(flags));
}

TEST(ServeFlags, RefuseACertificateWithoutItsKeyAndTheReverse) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"--cert", "a.pem", "."}, {"--key", "a.key", "."}, {"--cert", "a", "--key", "a", "--cert", "b", "."}}) {
    const auto refused = config_of(parsed(arguments));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().rule, &rules::serve_option);
  }
  EXPECT_EQ(config_of(parsed({"--cert", "a", "--key", "a", "--cert", "b", "."})).error().what,
            "--cert and --key belong together in pairs, and there are 2 and 1 of them");
}

TEST(ServeFlags, RefuseNamesBesideACertificate) {
  const auto refused = config_of(parsed({"--cert", "a", "--key", "a", "--name", "a.test", "."}));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, ::testing::StartsWith("--name is for the local CA"));
}

TEST(ServeFlags, NameTheDomainOfAHostInPlaceOfSitesOrBesideThem) {
  const auto host = config_of(parsed({"--domain", "Dev.test", "--port", "1"})).value();
  EXPECT_EQ(host.domain, "dev.test");
  EXPECT_TRUE(host.sites.empty());
  EXPECT_EQ(config_of(parsed({"--domain", "localhost", "."})).value().sites.size(), 1U);
  EXPECT_FALSE(config_of(parsed({"."})).value().domain);
  EXPECT_EQ(config_of(parsed({"--domain", "a b"})).error().rule, &rules::serve_option);
  EXPECT_THROW(parsed({"--port", "1"}), CLI::RequiresError);
  EXPECT_THROW(parsed({"--config", "a.toml", "--domain", "a.test"}), CLI::ExcludesError);
}

TEST(ServeFlags, NameSitesAndTheirFolders) {
  const auto config = config_of(parsed({"A.test=.", "*.b.test=..", "--fallback", "a.test", "--port", "1"})).value();
  ASSERT_EQ(config.sites.size(), 2U);
  EXPECT_THAT(config.sites[0].names, ElementsAre("a.test"));
  EXPECT_EQ(std::get<server::FolderSource>(config.sites[1].content).folder, "..");
  EXPECT_EQ(config.fallback, "a.test");
  EXPECT_EQ(config.https_port, 1);
  EXPECT_THAT(config_of(parsed({"."})).value().sites[0].names, ElementsAre("localhost", "127.0.0.1", "::1"));
}

TEST(ServeFlags, AreNotPassedOverBesideAConfiguration) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{".", "--config", "padlock.toml"},
                                             {"--config", "padlock.toml", "--port", "1"},
                                             {"--port", "1"},
                                             {"--listen", "::1"},
                                             {"--policy", "modern"},
                                             {"--cert", "a", "--key", "a"}})
    EXPECT_THROW(parsed(arguments), CLI::ParseError) << arguments.front();
  EXPECT_EQ(parsed({"--config", "padlock.toml"}).config, "padlock.toml");
  EXPECT_TRUE(parsed({}).sites.empty());
}

TEST(ServeFlags, SayWhatIsWrongWithSites) {
  for (const auto& [arguments, what] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{".", ".."}, "of several folders each needs a name"},
           {{"a test=."}, "\"a test\" is no name for a site"},
           {{"a.test=.", "--name", "b.test"}, "--name, --cert and --key are for a folder without a name of its own"},
           {{".", "--name", "b test"}, "--name takes a host name or an address"},
           {{".", "--listen", "localhost"}, "--listen takes an IP address"},
           {{"a.test=none"}, "none"}}) {
    const auto refused = config_of(parsed(arguments));
    ASSERT_FALSE(refused) << arguments.front();
    EXPECT_THAT(refused.error().what, ::testing::HasSubstr(what));
  }
}

}  // namespace
}  // namespace padlock::cli
