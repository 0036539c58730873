#include "padlock/der/writer.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <string>

namespace padlock::der {
namespace {

template <class Body>
std::string hex_of(Body&& body) {
  return to_hex(make_der(body));
}

TEST(DerWriter, WritesTheShortestLengths) {
  const auto content = [](std::size_t size) {
    return make_der([&](Writer& out) { out.octet_string(std::vector<std::uint8_t>(size)); });
  };
  EXPECT_EQ(to_hex(Bytes(content(0))), "0400");
  EXPECT_EQ(to_hex(Bytes(content(127)).first(2)), "047f");
  EXPECT_EQ(to_hex(Bytes(content(128)).first(3)), "048180");
  EXPECT_EQ(to_hex(Bytes(content(255)).first(3)), "0481ff");
  EXPECT_EQ(to_hex(Bytes(content(256)).first(4)), "04820100");
  EXPECT_EQ(to_hex(Bytes(content(65536)).first(5)), "0483010000");
}

TEST(DerWriter, PatchesTheLengthsOfNestedValues) {
  const auto long_one = make_der([](Writer& out) {
    out.sequence([](Writer& outer) {
      outer.integer(1);
      outer.sequence([](Writer& inner) { inner.octet_string(std::vector<std::uint8_t>(200)); });
    });
  });
  EXPECT_EQ(to_hex(Bytes(long_one).first(12)), "3081d10201013081cb0481c8");
  EXPECT_EQ(long_one.size(), 3U + 0xd1);
  EXPECT_EQ(hex_of([](Writer& out) { out.set([](Writer& body) { body.null(); }); }), "31020500");
}

TEST(DerWriter, KeepsIntegersPositiveAndShort) {
  const auto integer = [](std::uint64_t value) { return hex_of([&](Writer& out) { out.integer(value); }); };
  EXPECT_EQ(integer(0), "020100");
  EXPECT_EQ(integer(127), "02017f");
  EXPECT_EQ(integer(128), "02020080");
  EXPECT_EQ(integer(256), "02020100");
  EXPECT_EQ(integer(~std::uint64_t{0}), "020900ffffffffffffffff");
  const auto unsigned_integer = [](std::string_view hex) {
    return hex_of([&](Writer& out) { out.unsigned_integer(*from_hex(hex)); });
  };
  EXPECT_EQ(unsigned_integer(""), "020100");
  EXPECT_EQ(unsigned_integer("000001"), "020101");
  EXPECT_EQ(unsigned_integer("0080"), "02020080");
}

TEST(DerWriter, WritesObjectIdentifiers) {
  EXPECT_EQ(hex_of([](Writer& out) { out.object_identifier(make_oid("2.999.3")); }), "0603883703")
      << "the example of X.690, section 8.19.5";
  EXPECT_EQ(hex_of([](Writer& out) { out.object_identifier(oid::basicConstraints); }), "0603551d13");
}

TEST(DerWriter, LeavesOutTrailingZerosOfNamedBits) {
  const auto bits = [](std::uint16_t value) { return hex_of([&](Writer& out) { out.named_bits(value); }); };
  EXPECT_EQ(bits(0), "030100");
  EXPECT_EQ(bits(1 << 0), "03020780") << "digitalSignature";
  EXPECT_EQ(bits(1 << 5 | 1 << 6), "03020106") << "keyCertSign, cRLSign";
  EXPECT_EQ(bits(1 << 7), "03020001");
  EXPECT_EQ(bits(1 << 8), "0303070080") << "decipherOnly";
}

TEST(DerWriter, TurnsToGeneralizedTimeIn2050) {
  using namespace std::chrono;
  const auto time = [](sys_seconds at) { return std::string(as_text(make_der([&](Writer& out) { out.time(at); }))); };
  EXPECT_EQ(time(sys_days(1950y / January / 1)),
            "\x17\x0d"
            "500101000000Z");
  EXPECT_EQ(time(sys_days(2009y / March / 4) + 5h + 6min + 7s),
            "\x17\x0d"
            "090304050607Z");
  EXPECT_EQ(time(sys_days(2049y / December / 31) + 23h + 59min + 59s),
            "\x17\x0d"
            "491231235959Z");
  EXPECT_EQ(time(sys_days(2050y / January / 1)),
            "\x18\x0f"
            "20500101000000Z");
  EXPECT_EQ(time(sys_days(9999y / December / 31) + 23h + 59min + 59s),
            "\x18\x0f"
            "99991231235959Z");
}

TEST(DerWriter, AssertsOnTimesThatCertificatesCannotHold) {
  using namespace std::chrono;
  std::vector<std::uint8_t> der;
  EXPECT_DEBUG_DEATH(Writer(der).time(sys_days(1949y / December / 31)), "good_");
  EXPECT_DEBUG_DEATH(Writer(der).time(sys_days(10000y / January / 1)), "good_");
}

TEST(DerWriter, WritesTheOtherTypes) {
  EXPECT_EQ(hex_of([](Writer& out) { out.boolean(true); }), "0101ff");
  EXPECT_EQ(hex_of([](Writer& out) { out.boolean(false); }), "010100");
  EXPECT_EQ(hex_of([](Writer& out) { out.utf8_string("ab"); }), "0c026162");
  EXPECT_EQ(hex_of([](Writer& out) { out.printable_string("ab"); }), "13026162");
  EXPECT_EQ(hex_of([](Writer& out) { out.bit_string(*from_hex("aabb")); }), "030300aabb");
  EXPECT_EQ(hex_of([](Writer& out) { out.bit_string_of([](Writer& body) { body.null(); }); }), "0303000500");
  EXPECT_EQ(hex_of([](Writer& out) { out.octet_string_of([](Writer& body) { body.null(); }); }), "04020500");
  EXPECT_EQ(hex_of([](Writer& out) { out.context(3, [](Writer& body) { body.null(); }); }), "a3020500");
  EXPECT_EQ(hex_of([](Writer& out) { out.context_primitive(2, as_bytes("ab")); }), "82026162");
  EXPECT_EQ(hex_of([](Writer& out) { out.enumerated(10); }), "0a010a");
}

TEST(DerWriter, WritesGeneralizedTimesOfAnyYear) {
  using namespace std::chrono;
  const auto early = make_der([](Writer& out) { out.generalized_time(sys_days(2026y / March / 4) + 9h + 5min + 7s); });
  EXPECT_EQ(as_text(early),
            "\x18\x0f"
            "20260304090507Z");
  std::vector<std::uint8_t> der;
  EXPECT_DEBUG_DEATH(Writer(der).generalized_time(sys_days(10000y / January / 1)), "good_");
}

RC_GTEST_PROP(DerWriter, UnsignedIntegersAreMinimalAndReadBackTheSame, (std::vector<std::uint8_t> number)) {
  const auto der = make_der([&](Writer& out) { out.unsigned_integer(number); });
  const std::size_t header = number.size() < 127 ? 2 : 3;
  auto content = Bytes(der).subspan(header);
  RC_ASSERT(content.front() < 0x80);
  RC_ASSERT((content.size() == 1 || content[0] != 0 || content[1] >= 0x80));
  const auto trimmed = [](Bytes bytes) {
    while (!bytes.empty() && bytes.front() == 0) bytes = bytes.subspan(1);
    return to_hex(bytes);
  };
  RC_ASSERT(trimmed(content) == trimmed(number));
}

}  // namespace
}  // namespace padlock::der
