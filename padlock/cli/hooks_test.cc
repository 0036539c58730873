#include "padlock/cli/hooks.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <thread>

#include "padlock/certs/certificate_event.h"
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
  static HookPrograms dns(fs::path program) { return {.dns = std::move(program), .events = {}}; }
  fs::path folder_ = fs::path(::testing::TempDir()) / ("padlock-hooks-" + std::to_string(::getpid()));
};

TEST_F(HookProgram, GetsItsArgumentsAndLittleElse) {
  ::setenv("PADLOCK_TEST_SECRET", "x", 1);
  const auto file = program("echo \"$# $1 $2 $3 ${PADLOCK_TEST_SECRET-none}\"");
  EXPECT_EQ(answer_hook(dns(file), good), "HOOK 7\n0\n3 present _acme-challenge.a.test. " + value + " none\n");
  EXPECT_EQ(answer_hook(dns(program("echo why >&2; exit 3")), good), "HOOK 7\n3\nwhy\n");
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
    EXPECT_EQ(answer_hook(dns(file), wrong), "") << wrong;
  EXPECT_FALSE(fs::exists(folder_ / "ran"));
}

TEST_F(HookProgram, ThatOthersMayChangeIsNotRun) {
  for (const fs::perms mode : {fs::perms(0720), fs::perms(0702)}) {
    const auto reply = answer_hook(dns(program("exit 0", mode)), good);
    EXPECT_NE(reply.find("others may write to it"), std::string::npos) << reply;
    EXPECT_TRUE(reply.starts_with("HOOK 7\n1\n"));
  }
  EXPECT_EQ(fault_of_program(program("exit 0", fs::perms(0600))), "it is not executable: run `chmod +x` on it");
  EXPECT_EQ(fault_of_program(program("exit 0")), std::nullopt);
  EXPECT_TRUE(answer_hook(dns(folder_ / "none"), good).starts_with("HOOK 7\n1\n"));
  EXPECT_TRUE(answer_hook(dns(folder_), good).starts_with("HOOK 7\n1\n"));
  EXPECT_TRUE(answer_hook({}, good).starts_with("HOOK 7\n1\n"));
}

TEST_F(HookProgram, ThatSaysTooMuchIsHeardAtItsEnd) {
  const auto reply = answer_hook(dns(program("for i in $(seq 3000); do echo line $i; done")), good);
  EXPECT_LT(reply.size(), 8192U);
  EXPECT_TRUE(reply.ends_with("line 3000\n"));
}

const std::string event =
    certs::write_event({.kind = certs::CertificateEvent::Kind::cert_failed, .names = {"a.test"}}, "node1");

TEST_F(HookProgram, OfEventsGetsOneOnItsStandardInput) {
  const auto file = program("echo \"$# $1\"; cat");
  const HookPrograms programs{.dns = {}, .events = file};
  EXPECT_EQ(answer_hook(programs, "HOOK 7\nevent\n" + event), "HOOK 7\n0\n1 cert_failed\n" + event + "\n");
  EXPECT_TRUE(answer_hook(programs, good).starts_with("HOOK 7\n1\n")) << "it is not the one of records";
  EXPECT_TRUE(answer_hook(dns(file), "HOOK 7\nevent\n" + event).starts_with("HOOK 7\n1\n"));
  const std::string two = std::string(event).append("\n").append(event);
  for (const std::string& wrong :
       {std::string(), event + "\n", "x" + event, two, std::string(R"({"event":"cert_lost"})")})
    EXPECT_EQ(answer_hook(programs, "HOOK 7\nevent\n" + wrong), "") << wrong;
  EXPECT_EQ(answer_hook(programs, "HOOK 7\nevents\n" + event), "");
}

/// One that takes its time is not waited for.
TEST_F(HookProgram, RunsBesideAnother) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
  const net::Descriptor ours(ends[0]), theirs(ends[1]);
  const fs::path gate = folder_ / "gate";
  const auto file = program("test \"$1\" = present || { while [ ! -e " + gate.native() + " ]; do sleep 0.02; done; }");
  HookProcesses processes({.dns = file, .events = file});
  processes.start(theirs.get(), "HOOK 1\nevent\n" + event);
  processes.start(theirs.get(), "HOOK 2\npresent\n_acme-challenge.a.test.\n" + value);
  std::array<char, 100> room{};
  const auto next_reply = [&] {
    const ssize_t size = ::recv(ours.get(), room.data(), room.size(), 0);
    return std::string(room.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  };
  EXPECT_EQ(next_reply(), "HOOK 2\n0\n");
  std::ofstream(gate) << "open";
  EXPECT_EQ(next_reply(), "HOOK 1\n0\n");
  for (pid_t ended = 0; (ended = ::waitpid(-1, nullptr, 0)) > 0;) processes.ended(ended);
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
    say_to(socket, answer_hook(dns(file), std::string_view(room.data(), static_cast<std::size_t>(size))));
  });
  EXPECT_TRUE(done) << done.error().to_string();
}

TEST(HookReply, ThatSaysFailureIsAnErrorWithTheProgramsLastLine) {
  const auto done = run_with([](int socket) {
    std::array<char, 1024> room{};
    ::recv(socket, room.data(), room.size(), 0);  // who goes before he is asked is nobody
    say_to(socket, "HOOK 1\n3\nfirst\nno such zone\n");
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().rule, &certs::rules::hook_failed);
  EXPECT_NE(done.error().what.find("with 3: no such zone"), std::string::npos) << done.error().what;
}

TEST(HookReply, ToAnEventIsTheOneOfEvents) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
  Hooks hooks{net::Descriptor(ends[0])};
  const net::Descriptor other(ends[1]);
  say_to(other.get(), "HOOK 1\n1\nnobody listens\n");
  asio::io_context loop;
  std::string told = event;
  const auto done = net::testing::run(loop, hooks.tell(std::move(told)));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().rule, &certs::rules::event_program_failed);
  EXPECT_NE(done.error().what.find("`cert_failed` with 1: nobody listens"), std::string::npos) << done.error().what;
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
