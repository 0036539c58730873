#include "padlock/explain/wrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace padlock::explain {
namespace {

using ::testing::ElementsAre;

TEST(Wrap, BreaksAtSpaces) { EXPECT_THAT(wrap("one two three", 7), ElementsAre("one two", "three")); }

TEST(Wrap, CutsAWordThatIsTooLong) { EXPECT_THAT(wrap("ab cdefghi", 3), ElementsAre("ab", "cde", "fgh", "i")); }

TEST(Wrap, CutsAWordThatFillsItsLinesWholly) { EXPECT_THAT(wrap("abcdef", 3), ElementsAre("abc", "def")); }

TEST(Wrap, GivesOneEmptyLineForNothing) { EXPECT_THAT(wrap("", 10), ElementsAre("")); }

RC_GTEST_PROP(Wrap, KeepsEveryLetterInOrderAndEveryLineShort, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab ")));
  const auto width = *rc::gen::inRange<std::size_t>(1, 12);
  const auto letters = [](std::string s) {
    std::erase(s, ' ');
    return s;
  };
  std::string joined;
  for (const std::string& line : wrap(text, width)) {
    RC_ASSERT(line.size() <= width);
    joined += line;
  }
  RC_ASSERT(letters(joined) == letters(text));
}

TEST(Grouped, SetsACommaEveryThreeDigits) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
}

TEST(BytesText, KnowsOneFromMany) {
  EXPECT_EQ(bytes_text(1), "1 byte");
  EXPECT_EQ(bytes_text(1342), "1,342 bytes");
}

}  // namespace
}  // namespace padlock::explain
