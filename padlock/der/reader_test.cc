#include "padlock/der/reader.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <vector>

#include "padlock/der/rules.h"

namespace padlock::der {
namespace {

using Octets = std::vector<std::uint8_t>;

Octets hex(std::string_view text) { return from_hex(text).value(); }

/// What each take gives for these bytes: "" if it succeeds, otherwise the code of the rule.
template <class Take>
std::string fault_of(std::string_view bytes, Take take) {
  const Octets octets = hex(bytes);
  Reader in(octets, "Test");
  const auto result = take(in);
  if (!result) {
    EXPECT_EQ(in.remaining() == octets.size() || in.empty(), true);
    return std::string(result.error().rule->code);
  }
  return "";
}

constexpr auto take_any = [](Reader& in) { return in.any("f"); };
constexpr auto take_integer = [](Reader& in) { return in.integer("f"); };
constexpr auto take_unsigned = [](Reader& in) { return in.unsigned_integer("f"); };
constexpr auto take_boolean = [](Reader& in) { return in.boolean("f"); };
constexpr auto take_bits = [](Reader& in) { return in.bit_string("f"); };
constexpr auto take_null = [](Reader& in) { return in.null("f"); };
constexpr auto take_oid = [](Reader& in) { return in.object_identifier("f"); };
constexpr auto take_sequence = [](Reader& in) { return in.sequence("f"); };

struct Refusal {
  const Rule* rule;
  std::string code;
};

/// One malformed element for each rule; the last test checks that none is missing.
std::vector<Refusal> refusals() {
  return {
      {&rules::truncated, fault_of("0403aabb", take_any)},
      {&rules::truncated, fault_of("04", take_any)},
      {&rules::truncated, fault_of("0482", take_any)},
      {&rules::length, fault_of("30800000", take_any)},
      {&rules::length, fault_of("0481020102", take_any)},
      {&rules::length, fault_of("048200020102", take_any)},
      {&rules::length, fault_of("04850000000001aa", take_any)},
      {&rules::truncated, fault_of("048401000000", take_any)},  // four octets are the most
      {&rules::unexpected_tag, fault_of("1f8100", take_any)},
      {&rules::unexpected_tag, fault_of("", take_any)},
      {&rules::unexpected_tag, fault_of("3100", take_sequence)},
      {&rules::trailing_bytes, fault_of("00", [](Reader& in) { return in.finish(); })},
      {&rules::integer, fault_of("0200", take_integer)},
      {&rules::integer, fault_of("02020001", take_integer)},
      {&rules::integer, fault_of("0202ff80", take_integer)},
      {&rules::integer_range, fault_of("020180", take_unsigned)},
      {&rules::integer_range, fault_of("020105", [](Reader& in) { return in.small_integer("f", 4); })},
      {&rules::boolean, fault_of("010101", take_boolean)},
      {&rules::boolean, fault_of("0100", take_boolean)},
      {&rules::boolean, fault_of("0102ffff", take_boolean)},
      {&rules::bit_string, fault_of("0300", take_bits)},
      {&rules::bit_string, fault_of("030208aa", take_bits)},
      {&rules::bit_string, fault_of("030101", take_bits)},
      {&rules::bit_string, fault_of("030201ff", take_bits)},
      {&rules::bit_string, fault_of("030201fe", [](Reader& in) { return in.octets_in_bit_string("f"); })},
      {&rules::null, fault_of("050100", take_null)},
      {&rules::object_identifier, fault_of("0600", take_oid)},
      {&rules::object_identifier, fault_of("06025584", take_oid)},
      {&rules::time, fault_of("17053236303130", [](Reader& in) { return in.time("f"); })},
  };
}

TEST(DerReader, RefusesWhatDerForbids) {
  for (const Refusal& refusal : refusals()) EXPECT_EQ(refusal.code, refusal.rule->code);
}

TEST(DerRules, AreEachProvokedByATest) {
  std::set<std::string_view> provoked;
  for (const Refusal& refusal : refusals()) provoked.insert(refusal.rule->code);
  for (const Rule* rule : rules::all) {
    EXPECT_TRUE(provoked.contains(rule->code)) << rule->code;
    EXPECT_EQ(rule->alert, AlertDescription::bad_certificate) << rule->code;
  }
}

TEST(DerReader, TakesWhatDerAllows) {
  const Octets octets =
      hex("0101ff"
          "020100"
          "02020080"
          "0203010001"
          "03020780"
          "0500"
          "0603550403"
          "0402abcd");
  Reader in(octets, "Test");
  EXPECT_EQ(in.boolean("f").value(), true);
  EXPECT_EQ(in.small_integer("f", 0).value(), 0U);
  EXPECT_EQ(in.small_integer("f", 128).value(), 128U);
  const Bytes exponent = in.unsigned_integer("f").value();
  EXPECT_EQ(Octets(exponent.begin(), exponent.end()), hex("010001"));
  const BitString bits = in.bit_string("f").value();
  EXPECT_TRUE(bits.bit(0));
  EXPECT_FALSE(bits.bit(1));
  EXPECT_FALSE(bits.bit(100));
  EXPECT_TRUE(in.null("f"));
  EXPECT_EQ(in.object_identifier("f").value(), oid::commonName);
  EXPECT_TRUE(in.next_is(tag::octet_string));
  EXPECT_EQ(in.octet_string("f").value().size(), 2U);
  EXPECT_TRUE(in.finish());
}

TEST(DerReader, TakesBooleansUnderAnImplicitTag) {
  const Octets octets = hex("8101ff820101");
  Reader in(octets, "Test");
  EXPECT_EQ(in.boolean("onlyContainsUserCerts", tag::context(1)).value(), true);
  EXPECT_EQ(in.boolean("onlyContainsCACerts", tag::context(2)).error().rule, &rules::boolean);
}

TEST(DerReader, DropsTheSignOctetOfUnsignedIntegers) {
  const Octets octets = hex("020900ffffffffffffffff");
  EXPECT_EQ(Reader(octets, "Test").unsigned_integer("f").value().size(), 8U);
  EXPECT_EQ(Reader(octets, "Test").small_integer("f", UINT64_MAX).value(), UINT64_MAX);
  EXPECT_FALSE(Reader(hex("0209010000000000000000"), "Test").small_integer("f", UINT64_MAX));
}

TEST(DerReader, TakesLengthsOfSeveralOctets) {
  for (const std::size_t size : {127U, 128U, 255U, 256U, 65535U, 65536U}) {
    Octets octets{tag::octet_string};
    if (size < 0x80) {
      octets.push_back(static_cast<std::uint8_t>(size));
    } else {
      const std::size_t width = size > 0xffff ? 3 : size > 0xff ? 2 : 1;
      octets.push_back(static_cast<std::uint8_t>(0x80 | width));
      for (std::size_t i = width; i-- > 0;) octets.push_back(static_cast<std::uint8_t>(size >> (8 * i)));
    }
    octets.resize(octets.size() + size, 0xaa);
    Reader in(octets, "Test");
    const auto content = in.octet_string("f");
    ASSERT_TRUE(content) << size;
    EXPECT_EQ(content->size(), size);
    EXPECT_TRUE(in.finish());
  }
}

std::string time_text(Tag tag, std::string_view text) {
  Octets octets{tag, static_cast<std::uint8_t>(text.size())};
  octets.insert(octets.end(), as_bytes(text).begin(), as_bytes(text).end());
  const auto time = Reader(octets, "Validity").time("notAfter");
  return time ? to_string(*time) : std::string(time.error().rule->code);
}

TEST(DerReader, ReadsTimesInTheFormOfRfc5280) {
  EXPECT_EQ(time_text(tag::utc_time, "260301120000Z"), "2026-03-01 12:00:00 UTC");
  EXPECT_EQ(time_text(tag::utc_time, "500101000000Z"), "1950-01-01 00:00:00 UTC");
  EXPECT_EQ(time_text(tag::utc_time, "491231235959Z"), "2049-12-31 23:59:59 UTC");
  EXPECT_EQ(time_text(tag::utc_time, "240229000000Z"), "2024-02-29 00:00:00 UTC");
  EXPECT_EQ(time_text(tag::generalized_time, "20500101000000Z"), "2050-01-01 00:00:00 UTC");
  EXPECT_EQ(time_text(tag::generalized_time, "99991231235959Z"), "9999-12-31 23:59:59 UTC");
}

TEST(DerReader, RefusesOtherFormsOfTime) {
  for (const std::string_view text :
       {"2603011200Z", "260301120000", "260301120000+0100", "261301120000Z", "260230120000Z", "260301240000Z",
        "260301126000Z", "260301120060Z", "2603O1120000Z", "26030112000 Z", "-60301120000Z", "20260301120000Z"}) {
    EXPECT_EQ(time_text(tag::utc_time, text), "der.time") << text;
  }
  for (const std::string_view text : {"20491231235959Z", "205001010000Z", "20500101000000", "20500101000000.5Z",
                                      "20500101000000+0000", "20501301000000Z"}) {
    EXPECT_EQ(time_text(tag::generalized_time, text), "der.time") << text;
  }
  const Octets early = hex("180f32303236303330313132303030305a");
  EXPECT_TRUE(Reader(early, "Test").generalized_time("thisUpdate")) << "any year where the RFC says GeneralizedTime";
}

TEST(DerReader, NamesStructureFieldAndPlaceInItsErrors) {
  const Octets octets = hex("30030201ff");
  Reader in(octets, "Certificate");
  auto inner = in.sequence("tbsCertificate");
  ASSERT_TRUE(inner);
  EXPECT_EQ(inner->unsigned_integer("serialNumber").error().what, "tbsCertificate.serialNumber at byte 5: is negative");
  EXPECT_EQ(Reader(octets, "Certificate").boolean("critical").error().what,
            "Certificate.critical at byte 0: expected BOOLEAN, found SEQUENCE");
  EXPECT_EQ(name_of(tag::context_constructed(3)), "[3]");
  EXPECT_EQ(name_of(Tag{0x5f}), "tag 0x5f");
}

struct Recorder : AnnotationSink {
  std::vector<Annotation> fields;
  std::vector<std::string> meanings;
  void field(const Annotation& annotation) override { fields.push_back(annotation); }
  void meaning(std::string_view text) override { meanings.emplace_back(text); }
};

TEST(DerReader, TellsTheSinkNamePlaceAndDepth) {
  const Octets octets = hex("30050603550403");
  Recorder sink;
  Reader in(octets, "Test", &sink, 100);
  auto inner = in.sequence("algorithm");
  ASSERT_TRUE(inner);
  ASSERT_TRUE(inner->object_identifier("algorithm"));
  ASSERT_EQ(sink.fields.size(), 2U);
  EXPECT_EQ(sink.fields[0].offset, 102U) << "content, behind tag and length";
  EXPECT_EQ(sink.fields[0].length, 5U);
  EXPECT_EQ(sink.fields[1].offset, 104U);
  EXPECT_EQ(sink.fields[1].depth, 1U);
  EXPECT_EQ(sink.meanings, std::vector<std::string>{"commonName"});
}

RC_GTEST_PROP(DerReader, AcceptsOnlyTheShortestEncoding, (const std::vector<std::uint8_t>& bytes)) {
  Reader in(bytes, "Test");
  const auto element = in.any("f");
  if (!element) {
    RC_ASSERT(in.remaining() == bytes.size());
    return;
  }
  const std::size_t size = element->content.size();
  const std::size_t header = size < 0x80 ? 2 : size < 0x100 ? 3 : size < 0x10000 ? 4 : 5;
  RC_ASSERT(element->whole.size() == header + size);
  RC_ASSERT(in.remaining() == bytes.size() - element->whole.size());
}

}  // namespace
}  // namespace padlock::der
