#include "padlock/explain/testing/golden.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace padlock::explain::testing {

void expect_golden(std::string_view name, const std::string& actual) {
  const std::string path = "padlock/explain/testdata/" + std::string(name);
  if (std::getenv("PADLOCK_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << actual;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path << " is missing";
  const std::string expected{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_EQ(actual, expected) << "differs from " << path;
}

}  // namespace padlock::explain::testing
