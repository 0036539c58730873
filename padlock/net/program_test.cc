#include "padlock/net/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>

#include "padlock/net/limits.h"
#include "padlock/net/rules.h"

namespace padlock::net {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

Result<ProgramOutcome> shell(std::string script, std::chrono::milliseconds patience = 30s) {
  return run_program({.program = "/bin/sh",
                      .arguments = {"-c", std::move(script), "sh", "a b", "$(exit 9)"},
                      .environment = {"PATH=/usr/bin:/bin", "COLOUR=green"},
                      .input = "from us"},
                     patience);
}

TEST(Programs, GetTheirArgumentsAsTheyStandAndNoOtherEnvironment) {
  const auto done = shell(R"(printf '%s|' "$@"; env | grep -c . ; echo "$COLOUR"; cat; echo aside >&2; exit 7)");
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_EQ(done->exit_code, 7);
  EXPECT_THAT(done->out, ::testing::StartsWith("a b|$(exit 9)|"));
  EXPECT_THAT(done->out, ::testing::HasSubstr("green\nfrom us"));
  EXPECT_EQ(done->err, "aside\n");
}

TEST(Programs, HaveNoTerminal) { EXPECT_NE(shell("exec 2>/dev/null; : </dev/tty")->exit_code, 0); }

TEST(Programs, EndedByASignalSayWhich) { EXPECT_EQ(shell("kill -TERM $$")->exit_code, 128 + SIGTERM); }

TEST(Programs, ThatSayMoreThanTheLimitAreReadToTheirEnd) {
  const std::string exact = std::to_string(limits::program_output_bytes);
  EXPECT_EQ(shell("head -c " + exact + " /dev/zero")->out.size(), limits::program_output_bytes);
  const auto done = shell("head -c 9000000 /dev/zero; head -c 9000000 /dev/zero >&2");
  ASSERT_TRUE(done);
  EXPECT_EQ(done->exit_code, 0);
  EXPECT_EQ(done->out.size(), limits::program_output_bytes);
  EXPECT_EQ(done->err.size(), limits::program_output_bytes);
}

TEST(Programs, TakeAsMuchInputAsIsAllowed) {
  const auto done = run_program({.program = "/bin/sh",
                                 .arguments = {"-c", "wc -c"},
                                 .environment = {"PATH=/usr/bin:/bin"},
                                 .input = std::string(limits::program_input_bytes, 'x')},
                                30s);
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_EQ(done->out, std::to_string(limits::program_input_bytes) + "\n");
}

TEST(Programs, ThatDoNotEndAreEndedWithTheirChildren) {
  const fs::path file = fs::path(testing::TempDir()) / ("padlock-child-" + std::to_string(::getpid()));
  const auto stalled = shell("sleep 1000 & echo $! > " + file.native() + "; wait", 300ms);
  ASSERT_FALSE(stalled);
  EXPECT_EQ(stalled.error().rule, &rules::program_stalled);
  const auto deaf = shell("exec >/dev/null 2>&1; sleep 1000", 300ms);
  ASSERT_FALSE(deaf) << "it has closed its outputs, and does not end";
  EXPECT_EQ(deaf.error().rule, &rules::program_stalled);
  pid_t child = 0;
  std::ifstream(file) >> child;
  fs::remove(file);
  ASSERT_GT(child, 1);
  // A killed orphan may be a zombie until somebody takes it; it runs no more in any case.
  std::string state = "?", word;
  for (std::ifstream status("/proc/" + std::to_string(child) + "/status"); status >> word;) {
    if (word == "State:") status >> state;
  }
  EXPECT_THAT(state, ::testing::AnyOf("?", "Z", "X"));
}

TEST(Programs, ThatAreNotThereOrMayNotBeExecutedAreNotStarted) {
  for (const char* const program : {"/no/such/program", "/etc/passwd", "/"}) {
    const auto done = run_program({.program = program, .arguments = {}, .environment = {}, .input = {}}, 1s);
    ASSERT_FALSE(done) << program;
    EXPECT_EQ(done.error().rule, &rules::program_not_started);
    EXPECT_THAT(done.error().what, ::testing::HasSubstr(program));
  }
}

TEST(Programs, AreLookedForInTheFoldersInTheirOrder) {
  EXPECT_EQ(find_program("sh", std::vector<fs::path>{"/no/such/folder", "/bin", "/usr/bin"}), fs::path("/bin/sh"));
  EXPECT_EQ(find_program("sh", std::vector<fs::path>{"/etc"}), std::nullopt);
  EXPECT_EQ(find_program("passwd", std::vector<fs::path>{"/etc"}), std::nullopt) << "no program";
}

}  // namespace
}  // namespace padlock::net
