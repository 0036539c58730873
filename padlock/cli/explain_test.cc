// `padlock explain` from its command line to its output, against servers on loopback.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "padlock/base/text.h"
#include "padlock/cli/command.h"
#include "padlock/client/testing/fetching.h"
#include "padlock/client/testing/scripted_server.h"

namespace padlock::cli {
namespace {

using client::testing::page;
using client::testing::Scripted;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view secret = "swordfish";

class Explain : public client::testing::Fetching {
 protected:
  Explain() { write("root.pem", to_pem(local_ca().root()->der)); }

  /// Runs the command; gives what it wrote to stdout.
  std::string run(std::vector<std::string> arguments) {
    CLI::App app;
    cli::Run chosen;
    add_explain(app, chosen);
    arguments.insert(arguments.begin(), "explain");
    std::ranges::reverse(arguments);  // CLI11 takes them from the back
    app.parse(arguments);
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    exit_code_ = chosen();
    stderr_ = ::testing::internal::GetCapturedStderr();
    return ::testing::internal::GetCapturedStdout();
  }

  int exit_code_ = -1;
  std::string stderr_;
};

TEST_F(Explain, ShowsTheListenerThePageOfAPlainServer) {
  Scripted server({page(secret)});
  const std::string text = run({"--wiretap", server.at("http") + "/secret.txt"});
  EXPECT_EQ(exit_code_, 0);
  EXPECT_THAT(text, HasSubstr(secret));
  EXPECT_THAT(text, HasSubstr("no encryption"));
  EXPECT_THAT(text, HasSubstr("[NOT SECURE]"));
}

TEST_F(Explain, HidesThePageFromTheListenerOnHttps) {
  Scripted server({page(secret), page(secret)}, credential());
  const std::string url = server.at("https") + "/secret.txt";
  const std::string text = run({"--wiretap", "--cacert", path("root.pem"), url});
  EXPECT_EQ(exit_code_, 0);
  EXPECT_THAT(text, Not(HasSubstr(secret)));
  EXPECT_THAT(text, HasSubstr("encryption begins"));
  EXPECT_THAT(text, HasSubstr("server name: localhost"));
  const auto json = nlohmann::json::parse(run({"--wiretap", "--json", "--cacert", path("root.pem"), url}));
  std::string wire;
  for (const auto& step : json["steps"]) {
    if (step.contains("listener")) wire += step["listener"]["wire_hex"].get<std::string>();
  }
  EXPECT_THAT(wire, HasSubstr(to_hex(as_bytes("localhost"))));
  EXPECT_THAT(wire, Not(HasSubstr(to_hex(as_bytes(secret)))));
}

TEST_F(Explain, TellsAFailureOnStdoutAndByItsNumber) {
  Scripted server({page(secret)}, credential({"other.localhost"}));
  const std::string text = run({"--cacert", path("root.pem"), server.at("https")});
  EXPECT_EQ(exit_code_, 60);
  EXPECT_THAT(text, HasSubstr("stopped here"));
  EXPECT_THAT(text, HasSubstr("[BROKEN] localhost"));
  EXPECT_THAT(text, HasSubstr("next "));
}

TEST_F(Explain, WritesOneObjectForAFailureToo) {
  const auto json = nlohmann::json::parse(run({"--json", "ftp://localhost/"}));
  EXPECT_EQ(exit_code_, 2);
  EXPECT_EQ(json["outcome"]["exit_code"], 2);
  EXPECT_EQ(json["outcome"]["ok"], false);
  EXPECT_TRUE(json["stopped"].is_string());
}

TEST_F(Explain, WritesNoColourIntoAFile) {
  Scripted server({page(secret)});
  EXPECT_THAT(run({"--wiretap", "--bytes", server.at("http")}), Not(HasSubstr("\x1b")));
}

TEST_F(Explain, WarnsWhenSecretsAreWritten) {
  Scripted server({page(secret)}, credential());
  run({"--cacert", path("root.pem"), "--keylog", path("keys"), server.at("https")});
  EXPECT_EQ(exit_code_, 0);
  EXPECT_THAT(stderr_, HasSubstr("the key log is on"));
}

TEST_F(Explain, RefusesK) {
  EXPECT_EQ(run({"-k", "https://localhost/"}), "");
  EXPECT_EQ(exit_code_, usage);
  EXPECT_THAT(stderr_, HasSubstr("--cacert"));
}

}  // namespace
}  // namespace padlock::cli
