#include "padlock/cli/hooks.h"

#include <sys/socket.h>

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <thread>

#include "padlock/certs/rules.h"
#include "padlock/net/test_loop.h"

namespace padlock::cli {
namespace {

namespace fs = std::filesystem;

const std::string value(43, 'A');
const std::string good = "HOOK 7\npresent\n_acme-challenge.a.test.\n" + value;

class HookProgram : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path program(const std::string& body, fs::perms mode = fs::perms(0700)) {
    const fs::path file = folder_ / "hook";
    std::ofstream(file) << "#!/bin/sh\n" << body << "\n";
    fs::permissions(file, mode);
    return file;
  }
  fs::path folder_ = fs::path(::testing::TempDir()) / ("padlock-hooks-" + std::to_string(::getpid()));
};

TEST_F(HookProgram, GetsItsArgumentsAndLittleElse) {
  ::setenv("PADLOCK_TEST_SECRET", "x", 1);
  const auto file = program("echo \"$# $1 $2 $3 ${PADLOCK_TEST_SECRET-none}\"");
  EXPECT_EQ(answer_hook(file, good), "HOOK 7\n0\n3 present _acme-challenge.a.test. " + value + " none\n");
  EXPECT_EQ(answer_hook(program("echo why >&2; exit 3"), good), "HOOK 7\n3\nwhy\n");
}

TEST_F(HookProgram, IsRunByNoOtherArguments) {
  const auto file = program("touch " + (folder_ / "ran").native());
  for (const std::string& wrong :
       {std::string(), std::string("HOOK"), std::string("READY=1"),
        "HOOK x\npresent\n_acme-challenge.a.test.\n" + value, "HOOK 7\nremove\n_acme-challenge.a.test.\n" + value,
        "HOOK 7\npresent\na.test.\n" + value, "HOOK 7\npresent\n_acme-challenge.a.test\n" + value,
        "HOOK 7\npresent\n_acme-challenge.a;b.\n" + value, "HOOK 7\npresent\n_acme-challenge.a.test.\n" + value + "A",
        "HOOK 7\npresent\n_acme-challenge.a.test.\n$(id)" + value, good + "\nmore",
        std::string("HOOK 7\npresent\n_acme-challenge.a.test.")})
    EXPECT_EQ(answer_hook(file, wrong), "") << wrong;
  EXPECT_FALSE(fs::exists(folder_ / "ran"));
}

TEST_F(HookProgram, ThatOthersMayChangeIsNotRun) {
  for (const fs::perms mode : {fs::perms(0720), fs::perms(0702)}) {
    const auto reply = answer_hook(program("exit 0", mode), good);
    EXPECT_NE(reply.find("others may write to it"), std::string::npos) << reply;
    EXPECT_TRUE(reply.starts_with("HOOK 7\n1\n"));
  }
  EXPECT_TRUE(answer_hook(folder_ / "none", good).starts_with("HOOK 7\n1\n"));
  EXPECT_TRUE(answer_hook(folder_, good).starts_with("HOOK 7\n1\n"));
  EXPECT_TRUE(answer_hook({}, good).starts_with("HOOK 7\n1\n"));
}

TEST_F(HookProgram, ThatSaysTooMuchIsHeardAtItsEnd) {
  const auto reply = answer_hook(program("for i in $(seq 3000); do echo line $i; done"), good);
  EXPECT_LT(reply.size(), 8192U);
  EXPECT_TRUE(reply.ends_with("line 3000\n"));
}

/// What a worker hears when whoever runs the program says this.
Result<void> run_with(const std::function<void(int socket)>& other) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
  Hooks hooks{net::Descriptor(ends[0])};
  std::thread runs([&] {
    const net::Descriptor socket(ends[1]);
    other(socket.get());
  });
  asio::io_context loop;
  certs::HookCall call{certs::HookCall::Verb::present, "_acme-challenge.a.test.", value};
  auto done = net::testing::run(loop, hooks.run(std::move(call)));
  runs.join();
  return done;
}

void say_to(int socket, const std::string& text) { ::send(socket, text.data(), text.size(), MSG_NOSIGNAL); }

TEST_F(HookProgram, IsRunForAWorkerByAnotherProcess) {
  const auto file = program("test \"$2\" = _acme-challenge.a.test.");
  const auto done = run_with([&](int socket) {
    std::array<char, 1024> room{};
    const ssize_t size = ::recv(socket, room.data(), room.size(), 0);
    say_to(socket, "HOOK 99\n1\nof another call");
    say_to(socket, "something else");
    say_to(socket, answer_hook(file, std::string_view(room.data(), static_cast<std::size_t>(size))));
  });
  EXPECT_TRUE(done) << done.error().to_string();
}

TEST(HookReply, ThatSaysFailureIsAnErrorWithTheProgramsLastLine) {
  const auto done = run_with([](int socket) { say_to(socket, "HOOK 1\n3\nfirst\nno such zone\n"); });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().rule, &certs::rules::hook_failed);
  EXPECT_NE(done.error().what.find("with 3: no such zone"), std::string::npos) << done.error().what;
}

TEST(HookReply, DoesNotComeFromNobody) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
  Hooks hooks{net::Descriptor(ends[0])};
  {
    const net::Descriptor gone(ends[1]);
  }
  asio::io_context loop;
  certs::HookCall call{certs::HookCall::Verb::cleanup, "_acme-challenge.a.test.", value};
  EXPECT_EQ(net::testing::run(loop, hooks.run(std::move(call))).error().rule, &certs::rules::hook_not_run);
}

}  // namespace
}  // namespace padlock::cli
