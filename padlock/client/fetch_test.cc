#include "padlock/client/fetch.h"

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/write.hpp>

#include "padlock/client/exit_code.h"
#include "padlock/client/limits.h"
#include "padlock/client/redirect.h"
#include "padlock/client/rules.h"
#include "padlock/client/testing/fetching.h"
#include "padlock/client/testing/scripted_server.h"
#include "padlock/http/rules.h"
#include "padlock/net/rules.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/testing/credentials.h"
#include "padlock/x509/rules.h"

namespace padlock::client {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::Fetching;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::page;
using testing::redirect;
using testing::says;
using testing::Scripted;

TEST_F(Fetching, TrustsTheLocalCaAndSaysSo) {
  Scripted server({page("hello")}, credential());
  const auto outcome = fetched(server.at("https") + "/page?x=1");
  ASSERT_FALSE(outcome.error) << outcome.error->what;
  EXPECT_EQ(outcome.exit_code(), 0);
  EXPECT_EQ(outcome.response->status, 200);
  EXPECT_EQ(body_, "hello");
  EXPECT_EQ(outcome.body_bytes, 5U);
  EXPECT_EQ(outcome.security.level, SecurityLevel::locked);
  EXPECT_THAT(verdict_line(outcome.security, true),
              ::testing::MatchesRegex(
                  "\\[locked\\] localhost \xc2\xb7 TLS 1.3, X25519MLKEM768 \xc2\xb7 Padlock local CA \xc2\xb7 "
                  "valid until 20..-..-.. ..:.. UTC"));
  EXPECT_THAT(verdict_line(outcome.security, false),
              HasSubstr("[locked] localhost - TLS 1.3, X25519MLKEM768 - Padlock local CA"));
  EXPECT_THAT(server.requests(), ElementsAre(HasSubstr("GET /page?x=1 HTTP/1.1\r\nHost: localhost:")));
}

TEST_F(Fetching, WithholdsTheRequestFromAServerThatItCannotTrust) {
  Scripted server({page("secret")}, tls::testing::credential());
  ConnectTo there{"server.test", std::nullopt, "127.0.0.1", server.port()};
  options_.connect_to = {there};
  std::filesystem::remove(folder_ / "bundle.pem");
  write("bundle.pem", to_pem(local_ca().root()->der));
  const auto outcome = fetched("https://server.test/");
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.exit_code(), 60);
  EXPECT_EQ(outcome.security.level, SecurityLevel::broken);
  EXPECT_EQ(body_, "");
  EXPECT_THAT(verdict_line(outcome.security, true), HasSubstr("[BROKEN] server.test: "));
  EXPECT_THAT(verdict_details(outcome.security, net::now().wall), HasSubstr("next "));
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(Fetching, AWrongNameIsBroken) {
  Scripted server({page("x")}, credential({"other.localhost"}));
  const auto outcome = fetched(server.at("https"));
  EXPECT_EQ(outcome.error->rule, &x509::rules::host_name_mismatch);
  EXPECT_EQ(outcome.exit_code(), 60);
}

TEST_F(Fetching, TheDangerousFlagGoesOnButStaysBroken) {
  Scripted server({page("anyway")}, credential({"other.localhost"}));
  options_.trust.dangerous_accept_any_certificate = true;
  const auto outcome = fetched(server.at("https"));
  EXPECT_FALSE(outcome.error);
  EXPECT_EQ(body_, "anyway");
  EXPECT_EQ(outcome.security.level, SecurityLevel::broken);
  EXPECT_THAT(verdict_line(outcome.security, true), HasSubstr("[BROKEN] localhost: "));
}

TEST_F(Fetching, GivenFilesReplaceEveryOtherTrust) {
  Scripted server({page("x"), page("x")}, credential());
  options_.trust.ca_files = {path("bundle.pem")};
  EXPECT_EQ(fetched(server.at("https")).exit_code(), 60);
  write("root.pem", to_pem(local_ca().root()->der));
  options_.trust.ca_files = {path("root.pem")};
  const auto outcome = fetched(server.at("https"));
  EXPECT_EQ(outcome.exit_code(), 0);
  EXPECT_THAT(verdict_line(outcome.security, false), HasSubstr("(given)"));
}

TEST_F(Fetching, ABadlyMadeRootBesideGoodOnesIsLeftOutWithANote) {
  Scripted server({page("x")}, credential());
  write("mixed.pem", to_pem(std::vector<std::uint8_t>{0x30, 0x00}) + to_pem(local_ca().root()->der));
  options_.trust.ca_files = {path("mixed.pem")};
  const auto outcome = fetched(server.at("https"));
  EXPECT_EQ(outcome.exit_code(), 0);
  EXPECT_THAT(verdict_details(outcome.security, net::now().wall), HasSubstr("1 of 2 certificates left out"));
}

TEST_F(Fetching, ANamedTrustFileThatIsBadIsNeverReplacedByAnother) {
  Scripted server({}, credential());
  write("empty.pem", "");
  write("text.pem", "no certificates here\n");
  for (const auto* name : {"missing.pem", "empty.pem", "text.pem", "."}) {
    options_.trust.ca_files = {path(name)};
    const auto given = fetched(server.at("https"));
    EXPECT_EQ(given.exit_code(), 2) << name;
    EXPECT_THAT(given.error->what, HasSubstr(path(name)));
    options_.trust.ca_files.clear();
    ::setenv("SSL_CERT_FILE", path(name).c_str(), 1);
    const auto system = fetched(server.at("https"));
    EXPECT_EQ(system.exit_code(), 2) << name;
    EXPECT_THAT(system.error->what, HasSubstr(path(name)));
  }
  ::unsetenv("SSL_CERT_FILE");
  std::filesystem::create_directory(path("nothing"));
  ::setenv("SSL_CERT_DIR", path("nothing").c_str(), 1);
  EXPECT_EQ(rule_of(server.at("https")), &rules::trust_directory_empty);
  ::unsetenv("SSL_CERT_DIR");
}

TEST_F(Fetching, ARootThatTheBundleGivesUpVouchesForNoServerThatCameLater) {
  Scripted server({page("x"), page("x")}, credential());
  ::setenv("SSL_CERT_FILE", path("bundle.p11-kit").c_str(), 1);
  const auto below_root_until = [&](const std::string& date) {
    write("bundle.p11-kit", "[p11-kit-object-v1]\ntrusted: true\nnss-server-distrust-after: " + date + "\n" +
                                to_pem(local_ca().root()->der));
    return fetched(server.at("https"));
  };
  EXPECT_EQ(below_root_until("\"%00\"").exit_code(), 0);
  const auto refused = below_root_until("\"200301000000Z\"");
  EXPECT_EQ(refused.exit_code(), 60);
  EXPECT_THAT(refused.error->what, HasSubstr("not trusted for servers after 2020-03-01 00:00:00 UTC"));
  ::unsetenv("SSL_CERT_FILE");
}

TEST_F(Fetching, PlainHttpIsNotSecure) {
  Scripted server({page("open")});
  const auto outcome = fetched(server.at("http"));
  EXPECT_EQ(body_, "open");
  EXPECT_EQ(verdict_line(outcome.security, true),
            "[NOT SECURE] plain http: everybody on the way can read and change it");
}

TEST_F(Fetching, NamesWhatSpeaksTheWrongProtocol) {
  Scripted plain({page("x")});
  const auto tls_to_plain = fetched(plain.at("https"));
  EXPECT_TRUE(tls_to_plain.error);
  EXPECT_TRUE(tls_to_plain.exit_code() == 35 || tls_to_plain.exit_code() == 28) << tls_to_plain.error->what;
  Scripted tls({says(std::string("\x15\x03\x01\x00\x02\x02\x46", 7))});
  const auto plain_to_tls = fetched(tls.at("http"));
  EXPECT_EQ(plain_to_tls.error->rule, &rules::tls_on_plain_http);
}

TEST_F(Fetching, APlainAnswerToAClientHelloIsNamed) {
  asio::io_context loop;
  asio::ip::tcp::acceptor acceptor(loop, {asio::ip::address_v4::loopback(), 0});
  std::thread server([&] {
    auto socket = acceptor.accept();
    std::array<char, 512> hello{};
    socket.read_some(asio::buffer(hello));
    asio::write(socket, asio::buffer(std::string_view("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")));
  });
  const auto outcome = fetched("https://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()));
  server.join();
  EXPECT_EQ(outcome.error->rule, &tls::rules::plain_http_response);
  EXPECT_EQ(outcome.exit_code(), 35);
}

TEST(ExitCode, ABrokenConnectionIs35InTheHandshakeAnd56AfterIt) {
  for (const Rule* rule : {&net::rules::connection_reset, &net::rules::closed_early, &net::rules::socket_failed}) {
    const Error error{rule, "the peer went away"};
    EXPECT_EQ(exit_code_of(error, Stage::before_connected), 35) << rule->code;
    EXPECT_EQ(exit_code_of(error, Stage::connected), 56) << rule->code;
  }
}

TEST_F(Fetching, CutOffBodiesAreNeverWhole) {
  const std::string head = "HTTP/1.1 200 OK\r\n";
  Scripted server({says(head + "Content-Length: 10\r\n\r\nhalf"),
                   says(head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"), says(""), says("HTTP/1.1 2"),
                   says("GARBAGE\r\n\r\n")});
  EXPECT_EQ(fetched(server.at("http")).exit_code(), 18);
  EXPECT_EQ(fetched(server.at("http")).exit_code(), 18);
  EXPECT_EQ(fetched(server.at("http")).exit_code(), 52);
  EXPECT_NE(fetched(server.at("http")).exit_code(), 0);
  EXPECT_EQ(fetched(server.at("http")).exit_code(), 56);
}

TEST_F(Fetching, StallsEndAtTheirTime) {
  asio::io_context loop;
  asio::ip::tcp::acceptor acceptor(loop, {asio::ip::address_v4::loopback(), 0});  // the kernel accepts, nobody answers
  options_.max_time = 100ms;
  const std::string port = std::to_string(acceptor.local_endpoint().port());
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(fetched("https://127.0.0.1:" + port).exit_code(), 28);
  EXPECT_EQ(fetched("http://127.0.0.1:" + port).exit_code(), 28);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 3s);
}

TEST_F(Fetching, RefusedConnectionsAndUnknownNamesHaveTheirNumbers) {
  std::uint16_t port = 0;
  {
    asio::io_context loop;
    port = asio::ip::tcp::acceptor(loop, {asio::ip::address_v4::loopback(), 0}).local_endpoint().port();
  }
  EXPECT_EQ(fetched("https://127.0.0.1:" + std::to_string(port)).exit_code(), 7);
  EXPECT_EQ(fetched("https://no-such-name.invalid/").exit_code(), 6);
  EXPECT_EQ(fetched("ftp://localhost/").exit_code(), 2);
  EXPECT_EQ(fetched("https://user:secret@localhost/").exit_code(), 2);
}

TEST_F(Fetching, ResolveEntriesReplaceTheLookUp) {
  Scripted server({page("told")});
  options_.resolve = {*parse_resolve_entry("far.example:" + std::to_string(server.port()) + ":127.0.0.1")};
  const auto outcome = fetched(server.at("http", "far.example"));
  EXPECT_EQ(body_, "told");
  EXPECT_THAT(server.requests(), ElementsAre(HasSubstr("Host: far.example:")));
}

TEST_F(Fetching, HttpErrorsAreErrorsOnlyWhenAsked) {
  const auto missing = says("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone");
  Scripted server({missing, missing});
  EXPECT_EQ(fetched(server.at("http")).exit_code(), 0);
  EXPECT_EQ(body_, "gone");
  body_.clear();
  options_.fail_on_http_error = true;
  EXPECT_EQ(fetched(server.at("http")).exit_code(), 22);
  EXPECT_EQ(body_, "");
}

TEST_F(Fetching, FullDisksStopTheFetch) {
  Scripted server({page("much")});
  options_.on_body = [](Bytes) -> Result<void> { return broken(rules::sink_failed, "no room"); };
  EXPECT_EQ(fetched(server.at("http")).exit_code(), 23);
}

TEST_F(Fetching, RedirectsAreFollowedOnlyWhenAskedAndCounted) {
  Scripted server({redirect(302, "/a"), redirect(302, "/a"), redirect(307, "/b"), page("end"), redirect(302, "/1"),
                   redirect(302, "/2"), redirect(302, "/3")});
  EXPECT_EQ(fetched(server.at("http")).response->status, 302);
  options_.follow_redirects = true;
  const auto outcome = fetched(server.at("http"));
  EXPECT_EQ(outcome.url, server.at("http") + "/b");
  EXPECT_THAT(outcome.redirects, ElementsAre(server.at("http") + "/", server.at("http") + "/a"));
  EXPECT_EQ(body_, "end");
  options_.max_redirects = 2;
  const auto over = fetched(server.at("http"));
  EXPECT_EQ(over.error->rule, &rules::too_many_redirects);
  EXPECT_EQ(over.exit_code(), 47);
}

TEST_F(Fetching, AnHttpsPageNeverLeadsToPlainHttp) {
  Scripted server({redirect(301, "http://localhost/plain")}, credential());
  options_.follow_redirects = true;
  const auto outcome = fetched(server.at("https"));
  EXPECT_EQ(outcome.error->rule, &rules::redirect_to_plain_http);
  EXPECT_EQ(outcome.exit_code(), 47);
}

TEST_F(Fetching, CredentialsStayWithTheirOriginAndBodiesWithTheirMethod) {
  Scripted second({page("end")});
  Scripted first({redirect(302, second.at("http", "127.0.0.1"))});
  options_.follow_redirects = true;
  request_.method = "POST";
  request_.body = {1, 2, 3};
  request_.fields.add("Authorization", "Basic c2VjcmV0");
  request_.fields.add("Cookie", "session=secret");
  request_.fields.add("X-Other", "kept");
  EXPECT_EQ(fetched(first.at("http")).exit_code(), 0);
  EXPECT_THAT(first.requests(),
              ElementsAre(::testing::AllOf(HasSubstr("POST "), HasSubstr("c2VjcmV0"), HasSubstr("Cookie"))));
  EXPECT_THAT(second.requests(),
              ElementsAre(::testing::AllOf(HasSubstr("GET "), Not(HasSubstr("c2VjcmV0")), Not(HasSubstr("Cookie")),
                                           Not(HasSubstr("Content-Length")), HasSubstr("X-Other: kept"))));
}

TEST(ClientRules, HaveANumberOfCurls) {
  for (const Rule* rule : rules::all) {
    const int number = exit_code_of({rule, ""});
    EXPECT_NE(number, 1) << rule->code;
    EXPECT_FALSE(rule->hint.empty()) << rule->code;
  }
  for (const Rule* rule : tls::rules::all) EXPECT_EQ(exit_code_of({rule, ""}), 35) << rule->code;
  EXPECT_EQ(exit_code_of({&tls::rules::record_not_authentic, ""}, Stage::connected), 56);
  EXPECT_EQ(exit_code_of({&x509::rules::expired, ""}), 60);
  EXPECT_EQ(exit_code_of({&x509::rules::empty_trust_file, ""}), 2);
}

}  // namespace
}  // namespace padlock::client
