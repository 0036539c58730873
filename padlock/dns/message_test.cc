#include "padlock/dns/message.h"

#include <gtest/gtest.h>

#include "padlock/base/reader.h"
#include "padlock/dns/limits.h"
#include "padlock/dns/rules.h"
#include "padlock/dns/update.h"

namespace padlock::dns {
namespace {

Name name(std::string_view text) { return Name::parse(text).value(); }

std::vector<std::uint8_t> hex(std::string_view text) { return from_hex(text).value(); }

/// An answer to "a.test TXT": an alias whose names are compressed, and the TXT record that it leads to.
std::vector<std::uint8_t> answer() {
  return hex(
      "1234"  // ID
      "8400"  // QR, AA
      "0001000200000000"
      "0161047465737400"  // a.test at 12
      "00100001"
      "c00c00050001000000050004"
      "0162c00e"  // b.test at 36
      "c02400100001000000050004"
      "0378797a");
}

TEST(DnsName, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(name("_acme-challenge.Example.COM.").to_string(), "_acme-challenge.example.com");
  EXPECT_EQ(name(".").to_string(), ".");
  EXPECT_TRUE(name("a.b.test").is_at_or_below(name("b.test")));
  EXPECT_FALSE(name("ab.test").is_at_or_below(name("b.test")));
  EXPECT_TRUE(name("b.test").is_at_or_below(name(".")));
  EXPECT_EQ(name("a.b.test").parent(), name("b.test"));
  const std::string longest = std::string(63, 'a');
  EXPECT_TRUE(Name::parse(longest + "." + longest + "." + longest + "." + std::string(61, 'a')));
  for (const std::string& wrong :
       {std::string(), std::string("a..b"), std::string("a b"), std::string(64, 'a'), std::string(".a"),
        longest + "." + longest + "." + longest + "." + std::string(62, 'a')}) {
    const auto read = Name::parse(wrong);
    ASSERT_FALSE(read) << wrong;
    EXPECT_EQ(read.error().rule, &rules::malformed_name);
  }
}

TEST(DnsMessage, IsReadWithItsPointers) {
  const Message message = parse_message(answer()).value();
  EXPECT_TRUE(answers_to(message, 0x1234, {name("a.test"), Type::TXT}));
  EXPECT_FALSE(answers_to(message, 0x1235, {name("a.test"), Type::TXT}));
  EXPECT_FALSE(answers_to(message, 0x1234, {name("a.test"), Type::A}));
  EXPECT_TRUE(message.authoritative);
  ASSERT_EQ(message.find(name("a.test"), Type::CNAME).size(), 1U);
  EXPECT_EQ(message.find(name("a.test"), Type::CNAME).front()->target, name("b.test"));
  ASSERT_EQ(message.find(name("b.test"), Type::TXT).size(), 1U);
  EXPECT_EQ(parse_txt(message.find(name("b.test"), Type::TXT).front()->data).value(), "xyz");
}

TEST(DnsMessage, IsRefusedWhereverItEnds) {
  const auto whole = answer();
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(parse_message(Bytes(whole).first(size))) << size;
  auto more = whole;
  more.push_back(0);
  EXPECT_EQ(parse_message(more).error().rule, &padlock::rules::trailing_bytes);
}

TEST(DnsMessage, IsReadOrRefusedWhateverByteIsChanged) {
  const auto whole = answer();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (unsigned value = 0; value < 256; ++value) {
      auto changed = whole;
      changed[at] = static_cast<std::uint8_t>(value);
      const auto read = parse_message(changed);
      EXPECT_TRUE(read || read.error().rule != nullptr);
    }
  }
}

TEST(DnsMessage, HasNoPointerThatLeadsForwardsOrToItself) {
  for (const std::string_view pointer : {"c00c", "c00d", "c0ff"}) {
    const auto read =
        parse_message(hex("12348400000100000000"
                          "0000" +
                          std::string(pointer) + "00100001"));
    ASSERT_FALSE(read) << pointer;
    EXPECT_EQ(read.error().rule, &rules::bad_pointer);
  }
}

TEST(DnsMessage, NamesAreNoLongerThanTheirLimitByPointersEither) {
  // Sixteen labels of 20 bytes, each record's name one label and a pointer to the one before.
  std::vector<std::uint8_t> bytes =
      hex("12348400000000100000"
          "0000");
  std::size_t before = 0;
  for (int at = 0; at < 16; ++at) {
    const std::size_t here = bytes.size();
    Writer out(bytes);
    out.u8(20);
    out.bytes(std::vector<std::uint8_t>(20, 'a'));
    if (before == 0) {
      out.u8(0);
    } else {
      out.u16(static_cast<std::uint16_t>(0xc000 | before));
    }
    before = here;
    out.bytes(hex("00100001000000000000"));
  }
  EXPECT_EQ(parse_message(bytes).error().rule, &rules::malformed_name);
}

TEST(DnsMessage, HasNoMoreRecordsThanAnybodyNeeds) {
  const auto message = [](std::size_t count) {
    std::vector<std::uint8_t> bytes = hex("123484000000");
    Writer out(bytes);
    out.u16(static_cast<std::uint16_t>(count));
    out.u32(0);
    for (std::size_t at = 0; at < count; ++at) out.bytes(hex("0000100001000000000000"));
    return bytes;
  };
  EXPECT_TRUE(parse_message(message(limits::records)));
  EXPECT_EQ(parse_message(message(limits::records + 1)).error().rule, &rules::too_many_records);
  EXPECT_EQ(parse_message(hex("12348400000200000000"
                              "0000"))
                .error()
                .rule,
            &rules::malformed_message);
}

TEST(DnsMessage, TruncatedSaysNothingButThat) {
  auto bytes = answer();
  bytes[2] |= 0x02;
  bytes.resize(30);
  const Message message = parse_message(bytes).value();
  EXPECT_TRUE(message.truncated);
  EXPECT_TRUE(message.answers.empty());
}

TEST(DnsQuery, IsReadBackAsItWasWritten) {
  const Question question{name("_acme-challenge.a.test"), Type::CAA};
  const Message read = parse_message(write_query(7, question, true)).value();
  EXPECT_EQ(read.id, 7);
  EXPECT_EQ(read.questions, std::vector{question});
}

TEST(DnsTxt, OfAnyLengthIsReadBack) {
  for (const std::size_t size : {0U, 1U, 255U, 256U, 600U}) {
    std::vector<std::uint8_t> data;
    Writer out(data);
    const std::string text(size, 'x');
    write_txt(out, text);
    EXPECT_EQ(parse_txt(data).value(), text);
  }
  EXPECT_FALSE(parse_txt(hex("0461")));
}

TEST(DnsCaa, IsRead) {
  const auto record = parse_caa(hex("800569535355456c652e74657374")).value();
  EXPECT_TRUE(record.critical);
  EXPECT_EQ(record.tag, "issue");
  EXPECT_EQ(record.value, "le.test");
  EXPECT_FALSE(parse_caa(hex("8000")));
  EXPECT_FALSE(parse_caa(hex("")));
}

TEST(DnsUpdate, NamesZoneAndRecord) {
  const Message added =
      parse_message(write_txt_addition(9, name("a.test"), name("_acme-challenge.a.test"), "xyz", 60)).value();
  EXPECT_EQ(added.opcode, 5);
  EXPECT_EQ(added.questions.front(), (Question{name("a.test"), Type::SOA}));
  EXPECT_EQ(added.authorities.front().ttl, 60U);
  EXPECT_EQ(added.authorities.front().class_, Class::IN);
  const Message removed = parse_message(write_txt_removal(9, name("a.test"), name("b.a.test"), "xyz")).value();
  EXPECT_EQ(removed.authorities.front().class_, Class::NONE);
  EXPECT_EQ(parse_txt(removed.authorities.front().data).value(), "xyz");
}

TEST(DnsUpdate, SaysWhatTheServerHasAgainstIt) {
  const auto said = [](std::string_view flags, std::uint16_t id = 0x1234) {
    const Message message = parse_message(hex("1234" + std::string(flags) + "0000000000000000")).value();
    return check_update(message, id, name("a.test"), name("b.a.test"));
  };
  EXPECT_TRUE(said("a800"));
  EXPECT_EQ(said("a805").error().rule, &rules::update_refused);
  EXPECT_EQ(said("a809").error().rule, &rules::not_authoritative);
  EXPECT_EQ(said("a802").error().rule, &rules::server_failed);
  EXPECT_EQ(said("2800").error().rule, &rules::malformed_message);
  EXPECT_EQ(said("a800", 1).error().rule, &rules::malformed_message);
}

}  // namespace
}  // namespace padlock::dns
