#include "padlock/explain/byte_rows.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace padlock::explain {
namespace {

TEST(ByteRows, NamesTheLengthInFrontOfAVector) {
  const std::vector<ByteRow> rows = byte_rows({{"suites", 2, 4, std::nullopt, 0, ""},
                                               {"suite", 2, 2, 0x1301, 1, "TLS_AES_128_GCM_SHA256"},
                                               {"suite", 4, 2, 0x1302, 1, ""}},
                                              6);
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0].name, "length of suites");
  EXPECT_EQ(rows[0].length, 2U);
  EXPECT_EQ(rows[0].meaning, "4 bytes");
  EXPECT_EQ(rows[1].name, "suites");
  EXPECT_EQ(rows[1].length, 0U);  // a heading: its bytes stand below
  EXPECT_EQ(rows[2].meaning, "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(rows[3].meaning, "4866");  // a number that nobody explained
}

TEST(ByteRows, KeepsAnEmptyVectorInsideWhatHoldsIt) {
  const std::vector<ByteRow> rows = byte_rows({{"extension_data", 0, 1, std::nullopt, 0, ""},
                                               {"renegotiated_connection", 1, 0, std::nullopt, 1, ""},
                                               {"extension_type", 1, 2, 10, 0, ""}},
                                              3);
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[1].name, "length of renegotiated_connection");
  EXPECT_EQ(rows[2].name, "renegotiated_connection");
  EXPECT_EQ(rows[3].name, "extension_type");
  EXPECT_EQ(rows[3].length, 2U);
}

TEST(ByteRows, NamesWhatNoParserTook) {
  const std::vector<ByteRow> rows = byte_rows({{"type", 0, 1, 1, 0, ""}}, 9);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].name, "(no field)");
  EXPECT_EQ(rows[1].length, 8U);
}

TEST(ByteRows, LeavesOutFieldsBeyondTheMessage) {
  const std::vector<ByteRow> rows = byte_rows({{"type", 0, 9, 1, 0, ""}}, 4);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].name, "(no field)");
}

TEST(ByteRows, NameTheTagBeforeALengthOfDer) {
  const std::vector<ByteField> fields{
      {.name = "certificate", .offset = 4, .length = 2, .value = {}, .depth = 0, .meaning = "", .der = true}};
  const auto rows = byte_rows(fields, 6);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].name, "tag, length of certificate");
  EXPECT_EQ(rows[0].meaning, "2 bytes");
}

RC_GTEST_PROP(ByteRows, CoverTheMessageOnceWhateverTheFields, ()) {
  const auto length = *rc::gen::inRange<std::size_t>(0, 60);
  std::vector<ByteField> fields(*rc::gen::inRange<std::size_t>(0, 12));
  for (ByteField& field : fields) {
    field = {"f",          *rc::gen::inRange<std::size_t>(0, 50), *rc::gen::inRange<std::size_t>(0, 20),
             std::nullopt, *rc::gen::inRange<unsigned>(0, 3),     ""};
  }
  std::size_t at = 0;
  for (const ByteRow& row : byte_rows(fields, length)) {
    if (row.length == 0) continue;
    RC_ASSERT(row.offset == at);
    at += row.length;
  }
  RC_ASSERT(at == length);
}

}  // namespace
}  // namespace padlock::explain
