#include "padlock/server/route/basic_auth.h"

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <latch>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>

#include "padlock/base/text.h"
#include "padlock/net/test_loop.h"
#include "padlock/server/limits.h"
#include "padlock/server/route/password_file.h"
#include "padlock/server/rules.h"

namespace padlock::server {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

/// Made by htpasswd's bcrypt, libxcrypt's yescrypt, openssl passwd -6 and crypt(3).
constexpr std::string_view users =
    "# people\n"
    "ann:$2y$04$abcdefghijklmnopqrstuukJXBc2HoZg8tJddzjGglKWiE3ZWivLa\r\n"
    "bob:$y$j75$V7qMYJaNbVKOeh4PhtqPk/$aiP0zlKso6cH6kly/ZO/0yHQl1H1qu3MiYgcCY8Upk0\n"
    "\n"
    "cat:$6$abcdefgh$ltjgWl6579NluT/Vi1nwEvcil.G5Nbc4NiXZaNGStk8PSwGfQv72N2CKPPrVACtLtip/cZ/1GM/O6IND4WQhG.\n"
    "dan:$5$rounds=1000$abcdefgh$XIppta5rT8zJUu4vAOKQXrwq9uY4Ijlz6VjyOmkx5i4\n";

TEST(PasswordFile, ReadsTheHashesOfCrypt) {
  const auto file = PasswordFile::parse(users).value();
  EXPECT_TRUE(file.verify("ann",
                          "s\xc3\xa4"
                          "cret:1"));
  for (const auto* name : {"bob", "cat", "dan"}) {
    EXPECT_TRUE(file.verify(name, "secret")) << name;
    EXPECT_FALSE(file.verify(name, "Secret")) << name;
    EXPECT_FALSE(file.verify(name, "")) << name;
  }
  EXPECT_FALSE(file.verify("eve", "secret"));
  EXPECT_FALSE(file.verify("", "secret"));
}

TEST(PasswordFile, RefusesWhatIsNoGoodHash) {
  for (const auto* text :
       {"", "# nobody\n", "ann", "ann:", "ann:secret", ":$6$a$b", "ann:$apr1$a$b", "ann:$1$a$b", "ann:{SHA}x"}) {
    const auto file = PasswordFile::parse(text);
    ASSERT_FALSE(file) << text;
    EXPECT_EQ(file.error().rule, &rules::password_file_malformed);
    EXPECT_THAT(file.error().what, Not(HasSubstr("secret")));
  }
  EXPECT_FALSE(PasswordFile::parse("ann:*0").has_value()) << "what crypt(3) answers to nonsense";
  EXPECT_FALSE(PasswordFile::parse("ann:$2y$zz$x").value().verify("ann", "x")) << "and it is nobody's password";
}

http::Fields authorization(std::string_view value) {
  http::Fields fields;
  fields.add("authorization", value);
  return fields;
}
http::Fields basic(std::string_view pair) { return authorization("Basic " + to_base64(as_bytes(pair))); }

TEST(BasicCredential, IsReadStrictly) {
  const auto read = parse_basic_credential(basic("ann:a:b"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->name, "ann");
  EXPECT_EQ(read->password, "a:b");
  EXPECT_TRUE(parse_basic_credential(authorization("bAsIc  QWxhZGRpbjpvcGVuIHNlc2FtZQ=="))) << "RFC 7617, section 2";
  EXPECT_FALSE(parse_basic_credential({}));
  for (const auto* value : {"", "Basic", "Basic ", "Bearer x", "Basic !", "Basic QQ", "Basic QQ=="})
    EXPECT_FALSE(parse_basic_credential(authorization(value))) << value;
  EXPECT_FALSE(parse_basic_credential(basic(std::string_view("a:b\0c", 5)))) << "crypt(3) would stop there";
  EXPECT_FALSE(parse_basic_credential(basic("a:" + std::string(limits::basic_credential_bytes, 'x'))));
  auto twice = basic("a:b");
  twice.add("Authorization", "Basic YTpi");
  EXPECT_FALSE(parse_basic_credential(twice));
}

class Auth : public ::testing::Test {
 protected:
  Auth() {
    std::filesystem::create_directories(folder_);
    write(users);
    auth_ = BasicAuth::open({.realm = "staff only", .users = folder_ / "users"}).value();
  }
  ~Auth() override { std::filesystem::remove_all(folder_); }
  void write(std::string_view text) { std::ofstream(folder_ / "users") << text; }
  /// The status; 0: let in.
  int ask(const http::Fields& fields, std::chrono::nanoseconds now = 1s, std::string_view client = "192.0.2.1") {
    const http::Request request{"GET", "https", "a.test", "/", fields};
    answer_ = net::testing::run(loop_, auth_->refuse(request, x509::parse_ip_address(client).value(), {now, {}}));
    return answer_ ? answer_->plan.response.status : 0;
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("padlock-auth-" + std::to_string(::getpid()));
  std::shared_ptr<BasicAuth> auth_;
  asio::io_context loop_;
  std::optional<Answer> answer_;
};

TEST_F(Auth, LetsInWhoKnowsAPassword) {
  EXPECT_EQ(ask({}), rules::unauthorized.status);
  EXPECT_EQ(answer_->plan.response.fields.find("WWW-Authenticate"), "Basic realm=\"staff only\", charset=\"UTF-8\"");
  EXPECT_EQ(ask(basic("dan:wrong")), 401);
  EXPECT_EQ(ask(basic("dan:secret")), 0);
}

TEST_F(Auth, KnowsAGoodPasswordForAWhile) {
  EXPECT_EQ(ask(basic("dan:secret")), 0);
  write("ann:$6$a$b\n");
  EXPECT_EQ(ask(basic("dan:secret"), 300s), 0);
  EXPECT_EQ(ask(basic("dan:secret"), 302s), 401) << "the file is read again";
}

TEST_F(Auth, MakesAClientWaitThatGuesses) {
  for (std::uint32_t i = 0; i < limits::password_failures; ++i) EXPECT_EQ(ask(basic("dan:" + std::to_string(i))), 401);
  EXPECT_EQ(ask(basic("dan:secret")), rules::too_many_requests.status);
  EXPECT_EQ(answer_->plan.response.fields.find("Retry-After"), "6");
  EXPECT_EQ(ask({}), 401) << "to be asked costs nothing";
  EXPECT_EQ(ask(basic("dan:secret"), 1s, "192.0.2.2"), 0) << "others are not locked out";
  EXPECT_EQ(ask(basic("dan:secret")), 0) << "nor who is known";
  EXPECT_EQ(ask(basic("cat:secret"), 8s), 0);
}

TEST(HelperThread, SaysWhenTooMuchWaits) {
  HelperThread helper;
  asio::io_context loop;
  int busy = 0, done = 0;
  std::latch gate(1);
  const auto one = [&]() -> net::Awaitable<void> {
    std::move_only_function<bool()> work = [&gate] {
      gate.wait();
      return true;
    };
    const auto said = co_await helper.run(std::move(work));
    EXPECT_TRUE(said || said.error().rule == &rules::helper_busy);
    (said ? done : busy) += 1;
    if (busy > 0 && !gate.try_wait()) gate.count_down();
  };
  for (std::size_t i = 0; i < limits::helper_queue + 5; ++i) asio::co_spawn(loop, one(), asio::detached);
  loop.run();
  EXPECT_GE(busy, 1);
  EXPECT_GE(done, static_cast<int>(limits::helper_queue));
}

}  // namespace
}  // namespace padlock::server
