#include "padlock/certs/resp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "padlock/certs/redis_rules.h"

namespace padlock::certs {
namespace {

constexpr RespLimits small{.bytes = 64, .elements = 4};

std::string shown(const RespReply& reply) {
  using Type = RespReply::Type;
  switch (reply.type) {
    case Type::nil: return "nil";
    case Type::integer: return std::to_string(reply.integer);
    case Type::text: return "'" + reply.text + "'";
    case Type::status: return "+" + reply.text;
    case Type::error: return "-" + reply.text;
    case Type::array: break;
  }
  std::string all = "[";
  for (const RespReply& one : reply.elements) all += (all.size() > 1 ? " " : "") + shown(one);
  return all + "]";
}

/// All replies in these bytes, cut in pieces of `size`; the last word is the error's code, if there is one.
std::string read(std::string_view bytes, std::size_t size = 1'000,
                 RespLimits limits = {.bytes = 4096, .elements = 64}) {
  RespReader reader(limits);
  std::string all;
  while (!bytes.empty()) {
    const auto piece = bytes.substr(0, size);
    bytes.remove_prefix(piece.size());
    if (const auto fed = reader.feed(as_bytes(piece)); !fed) return all + std::string(fed.error().rule->code);
    for (;;) {
      const auto reply = reader.next();
      if (!reply) return all + std::string(reply.error().rule->code);
      if (!*reply) break;
      all += shown(**reply) + " ";
    }
  }
  return all;
}

TEST(Resp, ReadsEachKindOfReplyWhereverItIsCut) {
  constexpr std::string_view bytes =
      "+OK\r\n:-7\r\n$5\r\nhe\r\no\r\n$0\r\n\r\n$-1\r\n*-1\r\n-ERR "
      "no\r\n*0\r\n*3\r\n:1\r\n*2\r\n$1\r\na\r\n$-1\r\n+b\r\n";
  constexpr std::string_view wanted = "+OK -7 'he\r\no' '' nil nil -ERR no [] [1 ['a' nil] +b] ";
  for (std::size_t size = 1; size <= bytes.size(); ++size) EXPECT_EQ(read(bytes, size), wanted) << size;
}

TEST(Resp, WritesCommandsAsArraysOfTexts) {
  const std::vector<std::string> command{"SET", std::string("a\0\r\nb", 5), ""};
  EXPECT_EQ(as_text(write_resp_command(command)),
            std::string_view("*3\r\n$3\r\nSET\r\n$5\r\na\0\r\nb\r\n$0\r\n\r\n", 30));
}

TEST(Resp, EndsAtWhatIsNoReply) {
  for (const auto* const bytes : {"HTTP/1.1 400 Bad Request\r\n\r\n", "?\r\n", "\r\n", "\x16\x03\x01", "*1\r\nx\r\n",
                                  "$-2\r\n", "*-2\r\n", "$1a\r\nx\r\n", ":abc\r\n"})
    EXPECT_THAT(read(bytes), ::testing::HasSubstr("certs.redis.malformed_reply")) << bytes;
}

TEST(Resp, EndsAtArraysThatAreTooDeep) {
  std::string deep;
  for (int at = 0; at < 20; ++at) deep += "*1\r\n";
  EXPECT_EQ(read(deep + ":1\r\n"), "certs.redis.malformed_reply");
}

TEST(Resp, HasABoundOnBytes) {
  const std::string fits = "$57\r\n" + std::string(57, 'x') + "\r\n";  // 64 bytes in all
  ASSERT_EQ(fits.size(), 64U);
  EXPECT_EQ(read(fits, 1, small), "'" + std::string(57, 'x') + "' ");
  EXPECT_EQ(read("$60\r\n" + std::string(60, 'x') + "\r\n", 1, small), "certs.redis.reply_too_large");
  EXPECT_EQ(read("$2000000000\r\n" + std::string(100, 'x'), 1, small), "certs.redis.reply_too_large");
  EXPECT_EQ(read("+" + std::string(100, 'x'), 1, small), "certs.redis.reply_too_large") << "a line without an end";
  EXPECT_EQ(read("$99999999999999999999\r\n"), "certs.redis.malformed_reply");
}

TEST(Resp, HasABoundOnPartsHoweverTheyAreNested) {
  EXPECT_EQ(read("*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n", 1, small), "[1 2 3 4] ");
  for (const auto* const bytes : {"*5\r\n", "*2000000000\r\n", "*2\r\n*2\r\n:1\r\n:2\r\n*1\r\n:3\r\n"})
    EXPECT_EQ(read(bytes, 1, small), "certs.redis.reply_too_large") << bytes;
  EXPECT_EQ(read("*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n", 1, small), "[1 2 3 4] [1 2 3 4] ")
      << "of each reply";
}

TEST(Resp, CutShortGivesNothing) {
  constexpr std::string_view bytes = "*2\r\n$3\r\nabc\r\n:12\r\n";
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_EQ(read(bytes.substr(0, size)), "") << size;
}

}  // namespace
}  // namespace padlock::certs
