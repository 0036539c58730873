#include "padlock/net/file_state.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace padlock::net {
namespace {

TEST(FileState, DiffersOnceAFileIsWrittenReplacedOrGone) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / ("padlock-state-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const auto file = folder / "file";
  const std::string absent = state_of_file(file);
  std::ofstream(file) << "one";
  const std::string one = state_of_file(file);
  EXPECT_NE(one, absent);
  EXPECT_EQ(state_of_file(file), one);
  std::ofstream(file, std::ios::app) << " more";
  const std::string more = state_of_file(file);
  EXPECT_NE(more, one);
  std::filesystem::copy_file(file, folder / "other");
  std::filesystem::last_write_time(folder / "other", std::filesystem::last_write_time(file));
  std::filesystem::rename(folder / "other", file);
  EXPECT_NE(state_of_file(file), more) << "the same size and time, and another file";
  std::filesystem::remove_all(folder);
  EXPECT_EQ(state_of_file(file), absent);
}

}  // namespace
}  // namespace padlock::net
