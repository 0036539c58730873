#include "padlock/explain/terminal.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "padlock/explain/testing/golden.h"
#include "padlock/explain/testing/sample.h"

namespace padlock::explain {
namespace {

using testing::expect_golden;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::sample_ladder;

constexpr ViewOptions everything{.bytes = true, .wiretap = true};

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// Cells of a line: every character that we draw is one cell wide.
std::size_t cells(const std::string& line) {
  return static_cast<std::size_t>(std::ranges::count_if(line, [](char c) { return (c & 0xc0) != 0x80; }));
}

TEST(Terminal, DrawsTwoLanesAt80Columns) {
  expect_golden("sample-80.txt", to_terminal(sample_ladder(), {}, {.columns = 80, .utf8 = true}));
}

TEST(Terminal, DrawsOneColumnAt40Columns) {
  expect_golden("sample-40.txt", to_terminal(sample_ladder(), everything, {.columns = 40, .utf8 = true}));
}

TEST(Terminal, DrawsFieldsAndTheListenersViewBetweenTheLanes) {
  expect_golden("sample-80-all.txt", to_terminal(sample_ladder(), everything, {.columns = 80, .utf8 = true}));
}

TEST(Terminal, UsesAsciiAloneWithoutUtf8) {
  const std::string text = to_terminal(sample_ladder(), everything, {.columns = 80});
  expect_golden("sample-80-ascii.txt", text);
  for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f)) << static_cast<int>(c);
}

TEST(Terminal, ColoursChangeNoOtherCharacter) {
  std::string coloured = to_terminal(sample_ladder(), everything, {.columns = 80, .colour = true, .utf8 = true});
  EXPECT_THAT(coloured, HasSubstr("\x1b[1;36m"));
  for (std::size_t at = 0; (at = coloured.find('\x1b')) != std::string::npos;) {
    coloured.erase(at, coloured.find('m', at) - at + 1);
  }
  EXPECT_EQ(coloured, to_terminal(sample_ladder(), everything, {.columns = 80, .utf8 = true}));
}

TEST(Terminal, WritesNoEscapeWithoutColour) {
  EXPECT_THAT(to_terminal(sample_ladder(), everything, {.columns = 80, .utf8 = true}), Not(HasSubstr("\x1b")));
}

TEST(Terminal, BreaksANameThatIsLongerThanALine) {
  Ladder ladder = sample_ladder();
  ladder.steps.front().facts.push_back({std::string(200, 'n'), "value"});
  for (const std::size_t columns : {32U, 60U, 80U, 100U}) {
    for (const std::string& line : lines_of(to_terminal(ladder, everything, {.columns = columns}))) {
      EXPECT_LE(cells(line), columns);
    }
  }
}

RC_GTEST_PROP(Terminal, KeepsEveryLineWithinTheTerminal, ()) {
  const auto columns = *rc::gen::inRange<std::size_t>(32, 140);
  const bool utf8 = *rc::gen::arbitrary<bool>();
  Ladder ladder = sample_ladder();
  for (Step& step : ladder.steps) {
    step.words = *rc::gen::container<std::string>(rc::gen::inRange('!', '~')) + " " + step.words;
    step.title = std::string(*rc::gen::inRange<std::size_t>(1, 120), 'T');
    step.facts.push_back({std::string(*rc::gen::inRange<std::size_t>(1, 60), 'n'), step.words});
    step.wire = *rc::gen::arbitrary<std::vector<std::uint8_t>>();
    step.wire_bytes = *rc::gen::arbitrary<std::size_t>();
    step.at = std::chrono::nanoseconds(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000));
  }
  for (const std::string& line : lines_of(to_terminal(ladder, everything, {.columns = columns, .utf8 = utf8}))) {
    RC_ASSERT(cells(line) <= std::min<std::size_t>(columns, 100));
  }
}

}  // namespace
}  // namespace padlock::explain
