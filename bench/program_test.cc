#include "bench/program.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cerrno>
#include <fstream>
#include <string>

namespace padlock::bench {
namespace {

/// A shell script with this body, which is gone with the test.
class Script {
 public:
  explicit Script(const std::string& body) {
    const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
    file = testing::TempDir() + "bench_program_" + test->name() + ".sh";
    std::ofstream(file) << "#!/bin/sh\n" << body << '\n';
    chmod(file.c_str(), S_IRWXU);
  }
  ~Script() { unlink(file.c_str()); }
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  std::string file;
};

void ask(const std::string& file, int times) {
  Program program(file);
  for (int i = 0; i < times; ++i) program.ask("a line");
}

TEST(Program, GetsItsArguments) {
  Program program("sh", {"-c", "while read -r line; do echo \"$0 $1 $line\"; done", "one", "two words"});
  EXPECT_EQ(program.ask("three"), "one two words three");
}

TEST(Program, AnswersLineByLine) {
  Program program("/bin/cat");
  EXPECT_EQ(program.ask("one"), "one");
  EXPECT_EQ(program.ask(std::string(3000, 'x')), std::string(3000, 'x'));
  EXPECT_EQ(program.ask(""), "");
}

TEST(Program, EndsWithItsObjectEvenWhereItDoesNotReadOn) {
  const Script script("read line; echo ready; exec sleep 1000");
  ask(script.file, 1);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(ProgramDeathTest, OneThatEndsEndsTheBench) {
  const Script script("read line; echo ready; read line; exit 3");
  ask(script.file, 1);  // so far it is good
  EXPECT_EXIT(ask(script.file, 2), testing::ExitedWithCode(1),
              "^bench: [^ ]*bench_program_[^ ]* ended without an answer\n$");
}

TEST(ProgramDeathTest, OneThatEndsAtOnceEndsTheBench) {
  EXPECT_EXIT(ask("/bin/false", 1), testing::ExitedWithCode(1), "^bench: /bin/false ended without an answer\n$");
}

TEST(ProgramDeathTest, OneThatIsNotThereEndsTheBench) {
  EXPECT_EXIT(ask("/nowhere/peer", 1), testing::ExitedWithCode(1),
              "^bench: /nowhere/peer does not start: No such file or directory\n$");
}

TEST(ProgramDeathTest, AnAnswerWithoutAnEndEndsTheBench) {
  const Script script("exec cat /dev/zero");
  EXPECT_EXIT(ask(script.file, 1), testing::ExitedWithCode(1), "^bench: [^ ]* answered '(\\\\x00)+'\n$");
}

TEST(ProgramDeathTest, AnAnswerThatIsNotUnderstoodIsShown) {
  EXPECT_EXIT(Program("/bin/cat").misunderstood("error no group"), testing::ExitedWithCode(1),
              "^bench: /bin/cat answered 'error no group'\n$");
}

}  // namespace
}  // namespace padlock::bench
