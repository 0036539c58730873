// The small parts, each alone.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "padlock/http/h2/frame_scanner.h"
#include "padlock/http/h2/head_reader.h"
#include "padlock/http/h2/testing/frames.h"
#include "padlock/http/h2/testing/run.h"
#include "padlock/http/h2/token_bucket.h"
#include "padlock/http/outbox.h"

namespace padlock::http::h2 {
namespace {

using namespace std::chrono_literals;
using testing::after_noon;

int takes(TokenBucket& bucket, Instant now) {
  int count = 0;
  while (count < 10'000 && bucket.take(now)) ++count;
  return count;
}

TEST(TokenBucket, TakesABurstAndThenItsRate) {
  TokenBucket bucket(200, 50);
  EXPECT_EQ(takes(bucket, after_noon(0ms)), 200);
  EXPECT_EQ(takes(bucket, after_noon(19ms)), 0);
  EXPECT_EQ(takes(bucket, after_noon(20ms)), 1);
  EXPECT_EQ(takes(bucket, after_noon(1020ms)), 50);
  EXPECT_EQ(takes(bucket, after_noon(100s)), 200);
}

TEST(FrameHeader, IsReadByItsFields) {
  const std::string text = testing::frame(FrameType::DATA, flags::END_STREAM, 0x7fffffff, "hello");
  const FrameHeader header = parse_frame_header(as_bytes(text).first<FrameHeader::size>());
  EXPECT_EQ(header.length, 5U);
  EXPECT_EQ(header.type, FrameType::DATA);
  EXPECT_TRUE(header.has(flags::END_STREAM));
  EXPECT_EQ(header.stream, 0x7fffffff);
}

TEST(ErrorCode, HasTheRegistrysNames) {
  EXPECT_EQ(name_of(ErrorCode::ENHANCE_YOUR_CALM), "ENHANCE_YOUR_CALM");
  EXPECT_EQ(name_of(static_cast<ErrorCode>(0xd)), "HTTP_1_1_REQUIRED");
  EXPECT_EQ(name_of(static_cast<ErrorCode>(0xe)), "unknown");
}

/// The frames that a scanner finds, and all that it hands on.
struct Scanned {
  std::vector<std::string> frames;
  std::string bytes;
  bool operator==(const Scanned&) const = default;
};
Scanned scan(const std::string& input, std::size_t step) {
  FrameScanner scanner(true);
  Scanned scanned;
  for (const std::string& piece : testing::cut(input, step)) {
    Bytes left = as_bytes(piece);
    while (!left.empty()) {
      const std::size_t before = left.size();
      const FrameScanner::Slice slice = scanner.take(left);
      EXPECT_LT(left.size(), before);
      scanned.bytes += as_text(slice.bytes);
      if (slice.begins) scanned.frames.push_back("begins " + std::to_string(static_cast<int>(scanner.header().type)));
      if (slice.ends) scanned.frames.push_back("ends " + std::string(as_text(scanner.payload())));
    }
  }
  return scanned;
}

RC_GTEST_PROP(FrameScanner, FindsTheSameFramesHoweverTheInputIsCut, ()) {
  std::string input(connection_preface);
  for (const auto length : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 600)))
    input += testing::frame(*rc::gen::element(FrameType::DATA, FrameType::PRIORITY, FrameType::PRIORITY_UPDATE), 0, 1,
                            std::string(static_cast<std::size_t>(length), 'x'));
  const Scanned whole = scan(input, input.size());
  RC_ASSERT(whole.bytes == input);
  RC_ASSERT(scan(input, static_cast<std::size_t>(*rc::gen::inRange(1, 40))) == whole);
}

TEST(FrameScanner, KeepsWhatPrioritiesSayAndNoMore) {
  const std::string input = std::string(connection_preface) + testing::priority(3, 1) +
                            testing::priority_update(5, "u=1") + testing::data(1, "hello") +
                            testing::priority_update(5, std::string(10'000, 'a'));
  const Scanned scanned = scan(input, input.size());
  EXPECT_EQ(scanned.frames.at(1), std::string("ends \0\0\0\1", 9));
  EXPECT_EQ(scanned.frames.at(3), std::string("ends \0\0\0\5u=1", 12));
  EXPECT_EQ(scanned.frames.at(5), "ends ");
  EXPECT_EQ(scanned.frames.at(7).size(), 5 + 4 + 256U);
}

TEST(Outbox, GivesWhatIsSentBackThoughItIsNeverEmpty) {
  Outbox outbox;
  const std::string piece(1000, 'x');
  outbox.append(as_bytes(piece));
  for (int i = 0; i < 10'000; ++i) {
    outbox.append(as_bytes(piece));
    outbox.sent(1000);
    ASSERT_EQ(outbox.size(), 1000U);
    ASSERT_EQ(outbox.waiting().size(), 1000U);
  }
  EXPECT_LT(outbox.tail().capacity(), 10'000U);
}

}  // namespace
}  // namespace padlock::http::h2
