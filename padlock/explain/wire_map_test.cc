#include "padlock/explain/wire_map.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace padlock::explain {
namespace {

TEST(WireMap, FindsTwoMessagesInOneRecordWithoutGapOrOverlap) {
  WireMap map;
  map.add_record(100, 5 + 30 + 17, 30);  // header, two messages of 10 and 20 bytes, type and tag
  const WireRange first = map.find(0, 10).at(0);
  const WireRange second = map.find(10, 20).at(0);
  EXPECT_EQ(first.begin, 100U);
  EXPECT_EQ(first.end, 115U);  // with the header
  EXPECT_EQ(second.begin, 115U);
  EXPECT_EQ(second.end, 152U);  // with the tag
}

TEST(WireMap, FindsOneMessageInTwoRecords) {
  WireMap map;
  map.add_record(0, 5 + 10, 10);
  map.add_record(40, 5 + 10, 10);  // something else stands between them
  const std::vector<WireRange> ranges = map.find(5, 10);
  ASSERT_EQ(ranges.size(), 2U);
  EXPECT_EQ(ranges[0].begin, 10U);
  EXPECT_EQ(ranges[0].end, 15U);
  EXPECT_EQ(ranges[1].begin, 40U);
  EXPECT_EQ(ranges[1].end, 50U);
}

TEST(WireMap, AnEmptyRecordGoesWithWhatFollowsIt) {
  WireMap map;
  map.add_record(0, 15, 10);
  map.add_record(15, 22, 0);
  map.add_record(37, 15, 10);
  EXPECT_EQ(map.find(0, 10).at(0).end, 15U);
  EXPECT_EQ(map.find(10, 10).at(0).begin, 15U);
}

TEST(WireMap, FindsNothingBeyondItsRecords) {
  WireMap map;
  map.add_record(0, 15, 10);
  EXPECT_EQ(map.find(10, 4).size(), 0U);
  EXPECT_EQ(map.record_at(10).size(), 0U);
  EXPECT_EQ(map.record_at(9).size(), 15U);
}

TEST(WireMap, PlainBytesAreTheirOwnWire) {
  WireMap map;
  map.add_plain(50);
  EXPECT_EQ(map.find(10, 5).at(0).begin, 10U);
  EXPECT_EQ(map.find(10, 5).at(0).end, 15U);
}

RC_GTEST_PROP(WireMap, NeighboursShareNoByteAndLeaveNoneOut, ()) {
  const auto records =
      *rc::gen::nonEmpty(rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(1, 40)));
  WireMap map;
  std::size_t wire = 0;
  for (const std::size_t length : records) {
    map.add_record(wire, 5 + length + 17, length);
    wire += 5 + length + 17;
  }
  std::size_t at = 0;
  std::size_t wire_at = 0;
  while (at < map.plaintext_length()) {
    const auto take = std::min(*rc::gen::inRange<std::size_t>(1, 50), map.plaintext_length() - at);
    const WireRange range = map.find(at, take).at(0);
    RC_ASSERT(range.begin == wire_at);
    wire_at = range.end;
    at += take;
  }
  RC_ASSERT(wire_at == wire);
  RC_ASSERT(map.wire_length() == wire);
}

}  // namespace
}  // namespace padlock::explain
