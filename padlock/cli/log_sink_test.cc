#include "padlock/cli/log_sink.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace padlock::cli {
namespace {

TEST(LogWriters, SurviveAFullDisk) {  // docs/threats.md, P1
  auto writer = LogWriter::open("/dev/full");
  ASSERT_TRUE(writer) << writer.error().what;
  const auto sink = (*writer)->sink();
  for (int line = 0; line < 10'000; ++line) sink("a line that goes nowhere");
  (*writer)->reopen();
  sink("one more");
}

TEST(LogWriters, GoOnInAnotherFileOnceThereIsRoom) {
  const std::filesystem::path file = ::testing::TempDir() + "log-" + std::to_string(::getpid());
  std::filesystem::remove(file);
  std::filesystem::create_symlink("/dev/full", file);
  {
    auto writer = LogWriter::open(file).value();
    const auto sink = writer->sink();
    for (int line = 0; line < 100; ++line) sink("lost");
    std::filesystem::remove(file);
    writer->reopen();
    sink("kept");
  }
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  EXPECT_THAT(text.str(), ::testing::HasSubstr("kept"));
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace padlock::cli
