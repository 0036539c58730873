#include "padlock/dns/tsig.h"

#include <gtest/gtest.h>

#include <array>

#include "padlock/dns/message.h"
#include "padlock/dns/rules.h"
#include "padlock/dns/update.h"

namespace padlock::dns {
namespace {

constexpr std::string_view secret = "c2VjcmV0IG9mIHRoaXJ0eS10d28gb2N0ZXRzISEhISE=";
const WallTime now{std::chrono::seconds(1'790'000'000)};

TsigKey key(std::string_view algorithm = "hmac-sha256", std::string_view name = "padlock.key") {
  return parse_tsig_key(std::string(algorithm) + ":" + std::string(name) + ":" + std::string(secret)).value();
}

/// What a server would answer: the same construction, with the request's MAC in front (RFC 8945, section 5.3.1).
std::vector<std::uint8_t> answer(const TsigKey& key, Bytes request_mac, WallTime time, std::uint16_t error = 0,
                                 bool with_mac = true) {
  std::vector<std::uint8_t> message = from_hex("1234a8000000000000000000").value(), covered;
  const auto write_end = [&](Writer& out, Bytes mac, bool in_record) {
    if (in_record) write_name(out, key.algorithm);
    out.u16(0);
    out.u32(static_cast<std::uint32_t>(time.time_since_epoch().count()));
    out.u16(300);
    if (in_record) {
      out.vec16([&](Writer& body) { body.bytes(mac); });
      out.u16(0x1234);
    }
    out.u16(error);
    out.u16(0);
  };
  Writer variables(covered);
  variables.vec16([&](Writer& body) { body.bytes(request_mac); });
  variables.bytes(message);
  write_name(variables, key.name);
  variables.u16(255);
  variables.u32(0);
  write_name(variables, key.algorithm);
  write_end(variables, {}, false);
  const crypto::Digest mac = key.hmac.mac(covered);
  message[11] = 1;
  Writer out(message);
  write_name(out, key.name);
  out.u16(250);
  out.u16(255);
  out.u32(0);
  out.vec16([&](Writer& data) { write_end(data, with_mac ? mac.bytes() : Bytes(), true); });
  return message;
}

TEST(TsigKey, IsReadAsToolsWriteIt) {
  const std::string generated =
      "key \"padlock.key\" {\n\talgorithm hmac-sha256;\n\tsecret \"" + std::string(secret) + "\";\n};\n";
  const std::string line = "# a comment\nhmac-sha256:padlock.key:" + std::string(secret) + "\n";
  for (const std::string& text : {generated, line}) {
    const TsigKey read = parse_tsig_key(text).value();
    EXPECT_EQ(read.name.to_string(), "padlock.key");
    EXPECT_EQ(read.algorithm.to_string(), "hmac-sha256");
    EXPECT_TRUE(equal_constant_time(read.hmac.mac(as_bytes("x")), key().hmac.mac(as_bytes("x"))));
  }
}

TEST(TsigKey, IsRefusedWithoutItsSecretInTheMessage) {
  for (const std::string& text : {std::string(), std::string("key"), "hmac-md5:a:" + std::string(secret),
                                  "hmac-sha256:a:" + std::string(secret) + "=x", "hmac-sha256:" + std::string(secret),
                                  "key \"a\" { secret \"" + std::string(secret) + "\"; };",
                                  std::string("key \"a\" { algorithm hmac-sha256; secret \"\"; };"),
                                  std::string("key \"a\" { algorithm hmac-sha256; secret \"c2Vj")}) {
    const auto read = parse_tsig_key(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().rule, &rules::malformed_key);
    EXPECT_EQ(read.error().what.find(secret), std::string::npos);
  }
}

class Tsig : public ::testing::TestWithParam<std::string_view> {};

TEST_P(Tsig, OfAnAnswerIsChecked) {
  const TsigKey ours = key(GetParam());
  auto request = write_txt_addition(0x1234, Name::parse("a.test").value(), Name::parse("b.a.test").value(), "xyz", 60);
  const auto mac = sign(request, ours, now);
  const Message read = parse_message(request).value();
  ASSERT_EQ(read.additional.size(), 1U);
  EXPECT_EQ(read.additional.front().type, Type::TSIG);
  EXPECT_TRUE(verify_answer(answer(ours, mac, now), ours, mac, now));
}
INSTANTIATE_TEST_SUITE_P(Algorithms, Tsig, ::testing::Values("hmac-sha256", "hmac-sha384", "hmac-sha512"));

TEST(TsigAnswer, IsRefusedWithAnyByteChanged) {
  const TsigKey ours = key();
  const std::vector<std::uint8_t> mac(32, 7);
  const auto good = answer(ours, mac, now);
  for (std::size_t at = 2; at < good.size();
       ++at) {  // the ID is whoever compares it's; the signed one is in the record
    auto changed = good;
    changed[at] ^= 1;
    EXPECT_FALSE(verify_answer(changed, ours, mac, now)) << at;
  }
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(verify_answer(Bytes(good).first(size), ours, mac, now));
}

TEST(TsigAnswer, IsForThisRequestByThisKeyAtThisTime) {
  const TsigKey ours = key();
  const std::vector<std::uint8_t> mac(32, 7), other(32, 8);
  EXPECT_EQ(verify_answer(answer(ours, other, now), ours, mac, now).error().rule, &rules::answer_forged);
  EXPECT_EQ(verify_answer(answer(key("hmac-sha512"), mac, now), ours, mac, now).error().rule, &rules::answer_forged);
  EXPECT_EQ(verify_answer(answer(ours, mac, now - std::chrono::seconds(301)), ours, mac, now).error().rule,
            &rules::wrong_time);
  EXPECT_EQ(verify_answer(answer(ours, mac, now + std::chrono::seconds(301)), ours, mac, now).error().rule,
            &rules::wrong_time);
  EXPECT_TRUE(verify_answer(answer(ours, mac, now - std::chrono::seconds(300)), ours, mac, now));
  const auto plain = from_hex("1234a8050000000000000000").value();
  EXPECT_EQ(verify_answer(plain, ours, mac, now).error().rule, &rules::answer_unsigned);
}

TEST(TsigAnswer, SaysWhatTheServerHasAgainstOurs) {
  const TsigKey ours = key();
  const std::vector<std::uint8_t> mac(32, 7);
  const auto said = [&](std::uint16_t error, bool with_mac) {
    return verify_answer(answer(ours, mac, now, error, with_mac), ours, mac, now).error().rule;
  };
  EXPECT_EQ(said(17, false), &rules::key_unknown);
  EXPECT_EQ(said(16, false), &rules::signature_refused);
  EXPECT_EQ(said(18, true), &rules::wrong_time);
  EXPECT_EQ(said(0, false), &rules::answer_unsigned);
}

}  // namespace
}  // namespace padlock::dns
