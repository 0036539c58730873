#include "padlock/base/reader.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

#include "padlock/base/writer.h"

namespace padlock {
namespace {

struct Recorder : AnnotationSink {
  std::vector<Annotation> fields;
  std::vector<std::string> meanings;
  void field(const Annotation& annotation) override { fields.push_back(annotation); }
  void meaning(std::string_view text) override { meanings.emplace_back(text); }
};

TEST(Reader, NamesTheMissingField) {
  const std::vector<std::uint8_t> bytes{0x03};
  Reader in(bytes, "ClientHello");
  const auto version = in.u16("legacy_version");
  ASSERT_FALSE(version);
  EXPECT_EQ(version.error().rule, &rules::field_truncated);
  EXPECT_EQ(version.error().what, "ClientHello.legacy_version at byte 0 needs 2 bytes, 1 are left");
  EXPECT_EQ(in.remaining(), 1U) << "a failed take takes nothing";
}

TEST(Reader, RefusesVectorsOutsideTheirBounds) {
  const std::vector<std::uint8_t> bytes{0x02, 0xaa, 0xbb};
  EXPECT_EQ(Reader(bytes, "S").vec8("field", 3, 9).error().rule, &rules::vector_length);
  EXPECT_EQ(Reader(bytes, "S").vec8("field", 0, 1).error().rule, &rules::vector_length);
  EXPECT_TRUE(Reader(bytes, "S").vec8("field", 2, 2));
}

TEST(Reader, RefusesTrailingBytes) {
  const std::vector<std::uint8_t> bytes{1, 2};
  Reader in(bytes, "S");
  ASSERT_TRUE(in.u8("first"));
  EXPECT_EQ(in.finish().error().rule, &rules::trailing_bytes);
  ASSERT_TRUE(in.u8("second"));
  EXPECT_TRUE(in.finish());
}

TEST(Reader, TellsTheSinkNamePlaceLengthAndValue) {
  const std::vector<std::uint8_t> bytes{0x13, 0x01, 0x00, 0x02, 0xaa, 0xbb};
  Recorder sink;
  Reader in(bytes, "S", &sink, 100);
  ASSERT_TRUE(in.u16("cipher_suite"));
  in.meaning("TLS_AES_128_GCM_SHA256");
  auto inner = in.vec16("extensions");
  ASSERT_TRUE(inner);
  ASSERT_TRUE(inner->u8("type"));
  ASSERT_EQ(sink.fields.size(), 3U);
  EXPECT_EQ(sink.fields[0].name, "cipher_suite");
  EXPECT_EQ(sink.fields[0].offset, 100U);
  EXPECT_EQ(sink.fields[0].value, 0x1301U);
  EXPECT_EQ(sink.fields[1].offset, 104U) << "content, behind the length prefix";
  EXPECT_EQ(sink.fields[1].length, 2U);
  EXPECT_EQ(sink.fields[2].depth, 1U);
  EXPECT_EQ(sink.meanings, std::vector<std::string>{"TLS_AES_128_GCM_SHA256"});
}

RC_GTEST_PROP(Reader, ReadsBackWhatWriterWrote,
              (std::uint8_t a, std::uint16_t b, std::uint32_t c, std::uint64_t d,
               const std::vector<std::uint8_t>& body)) {
  std::vector<std::uint8_t> bytes;
  Writer out(bytes);
  out.u8(a);
  out.u16(b);
  out.u24(c & 0xffffff);
  out.u32(c);
  out.u64(d);
  out.vec16([&](Writer& inner) { inner.vec24([&](Writer& innermost) { innermost.bytes(body); }); });
  RC_ASSERT(out.good());
  Reader in(bytes, "S");
  RC_ASSERT(*in.u8("a") == a);
  RC_ASSERT(*in.u16("b") == b);
  RC_ASSERT(*in.u24("c24") == (c & 0xffffff));
  RC_ASSERT(*in.u32("c") == c);
  RC_ASSERT(*in.u64("d") == d);
  auto inner = in.vec16("inner");
  RC_ASSERT(inner.has_value());
  auto innermost = inner->vec24("innermost");
  RC_ASSERT(innermost.has_value());
  const Bytes rest = innermost->rest();
  RC_ASSERT(std::vector<std::uint8_t>(rest.begin(), rest.end()) == body);
  RC_ASSERT(in.finish().has_value());
}

RC_GTEST_PROP(Reader, NeverReadsPastTheEnd,
              (const std::vector<std::uint8_t>& bytes, const std::vector<std::uint8_t>& takes)) {
  Reader in(bytes, "S");
  for (const std::uint8_t take : takes) {
    const std::size_t before = in.remaining();
    bool ok = false;
    switch (take % 6) {
      case 0: ok = in.u8("f").has_value(); break;
      case 1: ok = in.u16("f").has_value(); break;
      case 2: ok = in.u24("f").has_value(); break;
      case 3: ok = in.vec8("f").has_value(); break;
      case 4: ok = in.vec16("f").has_value(); break;
      default: ok = in.bytes("f", take).has_value(); break;
    }
    RC_ASSERT(in.remaining() <= before);
    RC_ASSERT(ok || in.remaining() == before);
  }
}

}  // namespace
}  // namespace padlock
