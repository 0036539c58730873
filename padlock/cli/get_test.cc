#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <CLI/CLI.hpp>

#include "padlock/cli/fetch_flags.h"
#include "padlock/cli/get_report.h"
#include "padlock/client/rules.h"
#include "padlock/net/rules.h"

namespace padlock::cli {
namespace {

using ::testing::HasSubstr;

/// What the flags of a command line prepare.
Result<PreparedFetch> prepared(std::vector<std::string> arguments) {
  CLI::App app;
  FetchFlags flags;
  add_fetch_flags(app, flags);
  std::ranges::reverse(arguments);  // CLI11 takes them from the back
  app.parse(arguments);
  return prepare_fetch(flags);
}

TEST(FetchFlags, ReadCurlsSpellings) {
  const auto fetch = prepared({"-L",           "-f",
                               "-H",           "X-One: 1",
                               "--header",     "Accept:",
                               "-d",           "a=1",
                               "--data",       "b=2",
                               "-u",           "me:secret",
                               "--max-time",   "1.5",
                               "--resolve",    "a.test:443:127.0.0.1",
                               "--connect-to", "::localhost:8443",
                               "--http1.1",    "--tls",
                               "1.3",          "https://a.test/"});
  ASSERT_TRUE(fetch) << fetch.error().what;
  EXPECT_EQ(fetch->request.url, "https://a.test/");
  EXPECT_EQ(fetch->request.method, "POST");
  EXPECT_EQ(as_text(*fetch->request.body), "a=1&b=2");
  EXPECT_EQ(fetch->request.fields.find("X-One"), "1");
  EXPECT_EQ(fetch->request.fields.find("Authorization"), "Basic bWU6c2VjcmV0");
  EXPECT_EQ(fetch->request.fields.find("Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_THAT(fetch->request.without, ::testing::ElementsAre("Accept"));
  EXPECT_TRUE(fetch->options.follow_redirects);
  EXPECT_TRUE(fetch->options.fail_on_http_error);
  EXPECT_EQ(fetch->options.max_time, std::chrono::milliseconds(1500));
  EXPECT_EQ(fetch->options.resolve.size(), 1U);
  EXPECT_EQ(fetch->options.connect_to.front().to_port, 8443);
}

TEST(FetchFlags, RefuseTimesThatAreNone) {
  for (const std::string text : {"soon", "-1", "nan", "inf", "1e300", "1s", ""}) {
    EXPECT_THROW(static_cast<void>(prepared({"--max-time=" + text, "localhost"})), CLI::ParseError) << text;
  }
  for (const std::string text : {"0.5", "1e3", "7"}) EXPECT_TRUE(prepared({"--max-time=" + text, "localhost"})) << text;
}

TEST(FetchFlags, PostsAFilesContentWithoutItsLineEnds) {
  const std::string path = ::testing::TempDir() + "padlock-data";
  std::ofstream(path) << "one\r\ntwo\n";
  const auto fetch = prepared({"-d", "@" + path, "localhost"});
  ASSERT_TRUE(fetch);
  EXPECT_EQ(as_text(*fetch->request.body), "onetwo");
  EXPECT_EQ(prepared({"-d", "@/does/not/exist", "localhost"}).error().rule, &net::rules::file_missing);
}

TEST(FetchFlags, ChooseTheMethod) {
  EXPECT_EQ(prepared({"localhost"})->request.method, "GET");
  EXPECT_EQ(prepared({"-I", "localhost"})->request.method, "HEAD");
  EXPECT_EQ(prepared({"-X", "PUT", "-d", "x", "localhost"})->request.method, "PUT");
}

TEST(FetchFlags, NameTheOneVersion) {
  EXPECT_EQ(prepared({"a.test"})->options.policy, tls::Policy::intermediate);
  EXPECT_EQ(prepared({"a.test"})->options.max_version, tls::ProtocolVersion::TLS_1_3);
  EXPECT_EQ(prepared({"--tls", "1.3", "a.test"})->options.policy, tls::Policy::modern);
  EXPECT_EQ(prepared({"--tls", "1.2", "a.test"})->options.max_version, tls::ProtocolVersion::TLS_1_2);
  EXPECT_TRUE(prepared({"--cipher-suites", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "a.test"}));
}

TEST(FetchFlags, RefuseKWithOneLineThatNamesTheOtherWays) {
  const auto refused = prepared({"-k", "https://localhost/"});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what,
              ::testing::AllOf(HasSubstr("--cacert"), HasSubstr("--dangerous-accept-any-certificate")));
}

TEST(FetchFlags, RefuseWhatTheyDoNotUnderstand) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"-H", "no colon", "a.test"}, {"-u", "nopassword", "a.test"}, {"--resolve", "a:b", "a.test"}}) {
    const auto refused = prepared(arguments);
    ASSERT_FALSE(refused) << arguments.front();
    EXPECT_EQ(refused.error().rule, &client::rules::bad_option);
  }
  EXPECT_THROW(prepared({"--pinnedpubkey", "c.pem", "a.test"}), CLI::ParseError);
  EXPECT_THROW(prepared({"--key", "c.key", "a.test"}), CLI::ParseError);
  EXPECT_THROW(prepared({"--tls", "1.1", "a.test"}), CLI::ParseError);
  EXPECT_THROW(prepared({}), CLI::ParseError);
}

TEST(FetchFlags, NameGroupsAndSuitesInAnyCaseAndOrder) {
  using enum tls::NamedGroup;
  using enum tls::CipherSuite;
  const auto fetch = prepared({"--groups", "p-384,secp256r1:X25519MLKEM768", "--cipher-suites",
                               "tls_chacha20_poly1305_sha256,TLS_AES_128_GCM_SHA256", "a.test"});
  ASSERT_TRUE(fetch) << fetch.error().what;
  EXPECT_THAT(fetch->options.groups, ::testing::ElementsAre(secp384r1, secp256r1, X25519MLKEM768));
  EXPECT_THAT(fetch->options.cipher_suites,
              ::testing::ElementsAre(TLS_CHACHA20_POLY1305_SHA256, TLS_AES_128_GCM_SHA256));
  const auto plain = prepared({"a.test"});
  EXPECT_EQ(plain->options.groups, tls::default_groups());
  EXPECT_EQ(plain->options.cipher_suites, tls::default_cipher_suites());
}

TEST(FetchFlags, SuggestTheGroupOrSuiteThatWasMeant) {
  const auto refusal = [](const std::string& flag, const std::string& value) {
    const auto refused = prepared({flag, value, "a.test"});
    return refused ? "was taken" : refused.error().what;
  };
  EXPECT_EQ(refusal("--groups", "X25591"), "--groups does not know \"X25591\"; did you mean X25519?");
  EXPECT_EQ(refusal("--groups", "x448"),
            "--groups does not know \"x448\"; there are X25519MLKEM768, X25519, P-256, P-384, P-521");
  EXPECT_EQ(refusal("--groups", "P-256,"),
            "--groups does not know \"\"; there are X25519MLKEM768, X25519, P-256, P-384, P-521");
  EXPECT_EQ(refusal("--groups", "P-256,secp256r1"), "--groups names secp256r1 twice");
  EXPECT_EQ(refusal("--cipher-suites", "TLS_AES_128_GCM_SHA384"),
            "--cipher-suites does not know \"TLS_AES_128_GCM_SHA384\"; did you mean TLS_AES_128_GCM_SHA256?");
}

TEST(FetchFlags, OpenTheKeyLogThatIsNamed) {
  const std::string path = ::testing::TempDir() + "padlock-keys";
  const auto fetch = prepared({"--keylog", path, "localhost"});
  ASSERT_TRUE(fetch);
  EXPECT_EQ(fetch->options.key_log, fetch->key_log.get());
  EXPECT_THAT(key_log_warning(*fetch->key_log), HasSubstr(path));
  EXPECT_EQ(prepared({"--keylog", "/does/not/exist", "localhost"}).error().rule, &net::rules::key_log_unwritable);
}

TEST(GetReport, IsOneLineOfJsonWithTheVerdict) {
  client::FetchOutcome outcome;
  outcome.url = "https://localhost/";
  outcome.security.level = client::SecurityLevel::broken;
  outcome.security.host = "localhost";
  outcome.error = Error{&net::rules::connection_refused, "cannot connect \"there\""};
  EXPECT_EQ(
      report_as_json(outcome),
      R"({"url":"https://localhost/","redirects":[],"exit_code":7,"body_bytes":0,"security":{"level":"broken",)"
      R"("host":"localhost","notes":[]},"error":{"code":"net.connect.refused","what":"cannot connect \"there\"",)"
      R"("rule":"RFC 9293, section 3.5.2","next":"nothing listens there; check the port and that the server runs"}})");
}

}  // namespace
}  // namespace padlock::cli
