#include "padlock/client/fetch.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read_until.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include "padlock/ca/local_ca.h"
#include "padlock/client/limits.h"
#include "padlock/client/redirect.h"
#include "padlock/client/rules.h"
#include "padlock/http/rules.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/plain_stream.h"
#include "padlock/net/resources.h"
#include "padlock/net/rules.h"
#include "padlock/net/test_loop.h"
#include "padlock/net/tls_stream.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/testing/credentials.h"
#include "padlock/x509/rules.h"

namespace padlock::client {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// A server on loopback that says what it is told: each connection gets the next script, over TLS if there is a
/// credential. It keeps what it was sent.
class Scripted final : net::Responder {
 public:
  using Answer = std::function<std::string(const std::string& request)>;

  explicit Scripted(std::vector<Answer> answers, std::shared_ptr<const tls::Credential> credential = nullptr)
      : answers_(std::move(answers)),
        credential_(std::move(credential)),
        acceptor_(loop_, {asio::ip::address_v4::loopback(), 0}),
        thread_([this] { serve(); }) {}
  ~Scripted() override {
    loop_.stop();
    thread_.join();
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::string at(std::string_view scheme, std::string_view host = "localhost") const {
    return std::string(scheme) + "://" + std::string(host) + ":" + std::to_string(port());
  }
  const std::vector<std::string>& requests() {
    loop_.stop();
    return requests_;
  }

 private:
  net::NowOrLater<std::shared_ptr<const tls::Credential>> certificate_for(const tls::CertificateWanted&) override {
    return Result<std::shared_ptr<const tls::Credential>>(credential_);
  }
  void serve() {
    asio::co_spawn(loop_, accept(), asio::detached);
    loop_.run();
  }
  net::Awaitable<void> accept() {
    for (const Answer& answer : answers_) {
      asio::co_spawn(loop_, talk(co_await acceptor_.async_accept(asio::use_awaitable), answer), asio::detached);
    }
  }
  net::Awaitable<void> talk(asio::ip::tcp::socket socket, Answer answer) {
    if (!credential_) {
      net::PlainStream stream(std::move(socket), net::Sender::server);
      co_await exchange(stream, answer);
      co_return;
    }
    auto end = tls::Connection::server(std::make_shared<tls::ServerConfig>(), net::Resources::of(loop_).provider());
    net::TlsStream stream(std::move(socket), std::move(end), *this);
    const auto shaken = co_await stream.handshake(net::deadline_in(5s));
    if (shaken) co_await exchange(stream, answer);
  }
  net::Awaitable<void> exchange(net::Stream& stream, const Answer& answer) {
    std::string request;
    while (request.find("\r\n\r\n") == std::string::npos) {
      const auto bytes = co_await stream.read(net::deadline_in(5s));
      if (!bytes || bytes->empty()) co_return;
      request += as_text(*bytes);
    }
    requests_.push_back(request);
    const std::string text = answer(request);
    const Bytes piece = as_bytes(text);
    if (!text.empty()) co_await stream.write(std::span(&piece, 1), net::deadline_in(5s));
    co_await stream.close(net::deadline_in(200ms));
  }

  std::vector<Answer> answers_;
  std::shared_ptr<const tls::Credential> credential_;
  asio::io_context loop_;
  asio::ip::tcp::acceptor acceptor_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

Scripted::Answer says(std::string text) {
  return [text = std::move(text)](const std::string&) { return text; };
}
Scripted::Answer page(std::string_view body) {
  return says("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
}
Scripted::Answer redirect(int status, const std::string& to) {
  return says("HTTP/1.1 " + std::to_string(status) + " See There\r\nLocation: " + to + "\r\nContent-Length: 0\r\n\r\n");
}

/// A state folder with a local CA, and the files that tests name.
class Fetching : public ::testing::Test {
 protected:
  Fetching() {
    std::filesystem::create_directories(folder_);
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_all);
    options_.trust.state_directory = folder_ / "state";
    options_.max_time = 10s;
    options_.on_body = [this](Bytes bytes) -> Result<void> {
      body_ += as_text(bytes);
      return {};
    };
    ::setenv("SSL_CERT_FILE", bundle().c_str(), 1);
    ::unsetenv("SSL_CERT_DIR");
  }
  ~Fetching() override {
    ::unsetenv("SSL_CERT_FILE");
    std::filesystem::remove_all(folder_);
  }

  /// A bundle with a root that no test's server uses.
  std::string bundle() {
    write("bundle.pem", to_pem(tls::testing::credential()->chain.back()));
    return folder_ / "bundle.pem";
  }
  static std::string to_pem(Bytes der) {
    return "-----BEGIN CERTIFICATE-----\n" + to_base64(der) + "\n-----END CERTIFICATE-----\n";
  }
  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }
  std::string path(const std::string& name) const { return folder_ / name; }

  ca::LocalCa local_ca() { return *ca::LocalCa::open_or_create(folder_ / "state", *provider_, net::now().wall); }
  std::shared_ptr<const tls::Credential> credential(std::vector<std::string> names = {"localhost"}) {
    auto authority = local_ca();
    return ca::credential_for(*authority.issue(names, net::now().wall));
  }
  FetchOutcome fetched(const std::string& url) {
    request_.url = url;
    return fetch(request_, options_);
  }
  const Rule* rule_of(const std::string& url) {
    const auto outcome = fetched(url);
    return outcome.error ? outcome.error->rule : nullptr;
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("padlock-fetch-" + std::to_string(::getpid()));
  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
  FetchRequest request_;
  FetchOptions options_;
  std::string body_;
};

TEST_F(Fetching, TrustsTheLocalCaAndSaysSo) {
  Scripted server({page("hello")}, credential());
  const auto outcome = fetched(server.at("https") + "/page?x=1");
  ASSERT_FALSE(outcome.error) << outcome.error->what;
  EXPECT_EQ(outcome.exit_code(), 0);
  EXPECT_EQ(outcome.response->status, 200);
  EXPECT_EQ(body_, "hello");
  EXPECT_EQ(outcome.body_bytes, 5U);
  EXPECT_EQ(outcome.security.level, SecurityLevel::locked);
  EXPECT_THAT(
      verdict_line(outcome.security, true),
      ::testing::MatchesRegex("\\[locked\\] localhost \xc2\xb7 TLS 1.3, X25519 \xc2\xb7 Padlock local CA \xc2\xb7 "
                              "valid until 20..-..-.. ..:.. UTC"));
  EXPECT_THAT(verdict_line(outcome.security, false),
              HasSubstr("[locked] localhost - TLS 1.3, X25519 - Padlock local CA"));
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
  Scripted tls({says("\x15\x03\x01\x00\x02\x02\x46")});
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
  EXPECT_EQ(exit_code_of({&tls::rules::signature_wrong, ""}), 35);
  EXPECT_EQ(exit_code_of({&tls::rules::record_not_authentic, ""}, Stage::connected), 56);
  EXPECT_EQ(exit_code_of({&x509::rules::expired, ""}), 60);
  EXPECT_EQ(exit_code_of({&x509::rules::empty_trust_file, ""}), 2);
}

}  // namespace
}  // namespace padlock::client
