#include "padlock/base/nearest.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace padlock {
namespace {

constexpr std::array<std::string_view, 4> verbs{"serve", "get", "explain", "version"};

TEST(Nearest, IsTheWordWithTheFewestChanges) {
  EXPECT_EQ(nearest("sreve", std::array<std::string_view, 2>{"server", "serve"}), "serve") << "two that were swapped";
  EXPECT_EQ(nearest("sarfe", std::array<std::string_view, 2>{"serve", "server"}), std::nullopt)
      << "two letters of five";
  EXPECT_EQ(nearest("dri", std::array<std::string_view, 2>{"dir", "key"}), "dir");
  EXPECT_EQ(nearest("server", verbs), "serve");
  EXPECT_EQ(nearest("srve", verbs), "serve");
  EXPECT_EQ(nearest("GET", verbs), "get");
  EXPECT_EQ(nearest("expalin", verbs), "explain");
  EXPECT_EQ(nearest("versions", verbs), "version");
}

TEST(Nearest, IsNothingWhereNoWordIsNear) {
  for (const std::string_view word : {"foo", "", "g", "explanations"})
    EXPECT_EQ(nearest(word, verbs), std::nullopt) << word;
  EXPECT_EQ(nearest(std::string(1 << 20, 'g'), verbs), std::nullopt);
  EXPECT_EQ(nearest("get", {}), std::nullopt);
}

TEST(Suggestion, NamesTheNearestWordOrAll) {
  EXPECT_EQ(suggestion("gte", std::array<std::string_view, 1>{"gets"}), "there are gets");
  EXPECT_EQ(suggestion("gett", verbs), "did you mean get?");
  EXPECT_EQ(suggestion("foo", verbs), "there are serve, get, explain, version");
}

}  // namespace
}  // namespace padlock
