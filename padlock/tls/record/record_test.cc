// The record layer: bounds, tampering, padding, gather and reserve (docs/threats.md, T17, T19).
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "padlock/tls/limits.h"
#include "padlock/tls/record/message_joiner.h"
#include "padlock/tls/record/piece_cursor.h"
#include "padlock/tls/record/record_reader.h"
#include "padlock/tls/record/record_writer.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/testing/end.h"

namespace padlock::tls {
namespace {

TrafficSecret secret() { return TrafficSecret(std::vector<std::uint8_t>(48, 0x11)); }

RecordProtection protection(CipherSuite suite = CipherSuite::TLS_AES_128_GCM_SHA256) {
  return {suite, secret(), testing::provider()};
}

struct Channel {
  explicit Channel(CipherSuite suite = CipherSuite::TLS_AES_128_GCM_SHA256) {
    writer.protect(protection(suite), EncryptionLevel::application);
    reader.protect(protection(suite));
  }
  std::vector<std::uint8_t> written() {
    const Bytes unsent = writer.output().unsent();
    std::vector<std::uint8_t> bytes(unsent.begin(), unsent.end());
    writer.output().sent(bytes.size());
    return bytes;
  }
  RecordWriter writer{Sender::client, nullptr};
  RecordReader reader{false};
};

/// A record with this inner plaintext, sealed as the first one of its key.
std::vector<std::uint8_t> sealed(Bytes inner) {
  RecordProtection key = protection();
  const std::size_t length = inner.size() + crypto::aead_tag_length;
  const auto header = write_record_header({ContentType::application_data, 0x0303, length});
  std::vector<std::uint8_t> record(header.begin(), header.end());
  record.resize(record.size() + length);
  key.seal(header, std::span(&inner, 1), std::span(record).subspan(record_header_length));
  return record;
}

const Rule* rule_of(std::vector<std::uint8_t> record) {
  Channel channel;
  const auto taken = channel.reader.take(record);
  return taken ? nullptr : taken.error().rule;
}

TEST(Records, AreOpenedInPlaceForEverySuite) {
  for (const CipherSuite suite : cipher_suites_of(ProtocolVersion::TLS_1_3)) {
    Channel channel(suite);
    for (int i = 0; i < 300; ++i) {  // over the byte where the sequence number carries
      const std::string text = "record " + std::to_string(i);
      const Bytes piece = as_bytes(text);
      channel.writer.write(ContentType::application_data, std::span(&piece, 1));
      auto bytes = channel.written();
      const auto record = channel.reader.take(bytes);
      ASSERT_TRUE(record && *record);
      EXPECT_EQ(as_text((**record).content), text);
      EXPECT_EQ((**record).content.data(), std::span(bytes).subspan(5).data()) << "in place";
      EXPECT_EQ((**record).wire_length, bytes.size());
    }
  }
}

TEST(Records, WithAnyBitFlippedAreRefused) {
  std::vector<std::uint8_t> inner(200 - 5 - 16, 'x');
  inner.back() = 23;
  const auto good = sealed(inner);
  ASSERT_EQ(good.size(), 200U);
  ASSERT_EQ(rule_of(good), nullptr);
  for (std::size_t bit = std::size_t{8} * 5; bit < 8 * good.size(); ++bit) {
    auto bad = good;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_EQ(rule_of(bad), &rules::record_not_authentic) << "bit " << bit;
  }
}

TEST(Records, WithAnotherHeaderAreRefused) {
  std::vector<std::uint8_t> inner(64, 'x');
  inner.back() = 23;
  const auto good = sealed(inner);
  for (std::size_t bit = 8; bit < 24; ++bit) {  // legacy_record_version is ignored, but it is authenticated
    auto bad = good;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_EQ(rule_of(bad), &rules::record_not_authentic) << "bit " << bit;
  }
  for (unsigned type = 0; type < 256; ++type) {
    if (type == 20 || type == 23) continue;  // 20: change_cipher_spec, whoever placed it judges it
    auto bad = good;
    bad[0] = static_cast<std::uint8_t>(type);
    EXPECT_NE(rule_of(bad), nullptr) << "type " << type;
  }
}

TEST(Records, OfEveryLengthAreTakenUpToTheBoundAndNotBeyond) {
  std::vector<std::uint8_t> inner(limits::plaintext + 1, 'x');
  inner.back() = 23;
  EXPECT_EQ(rule_of(sealed(inner)), nullptr) << "2^14 bytes of content";
  inner.push_back(23);
  EXPECT_EQ(rule_of(sealed(inner)), &rules::inner_plaintext_too_long);
  for (std::size_t length = 0; length <= limits::plaintext + 300; ++length) {
    std::array<std::uint8_t, 5> header = write_record_header({ContentType::application_data, 0x0303, length});
    Channel channel;
    const auto from_header = channel.reader.take(header);
    EXPECT_EQ(from_header.has_value(), length != 0 && length <= limits::ciphertext) << length;
    if (!from_header) {
      EXPECT_EQ(from_header.error().rule, length == 0 ? &rules::record_not_authentic : &rules::record_too_long);
    }
    header = write_record_header({ContentType::handshake, 0x0301, length});
    const auto plain = RecordReader(false).take(header);
    EXPECT_EQ(plain.has_value(), length <= limits::plaintext) << length;
  }
}

TEST(Records, SealedWithEveryLengthOfContentAreTakenUpToTheBoundAndNotBeyond) {
  for (std::size_t length = 0; length <= limits::plaintext + 300; ++length) {
    std::vector<std::uint8_t> inner(length, 'x');
    inner.push_back(23);
    const Rule* const expected = length <= limits::plaintext ? nullptr
                                 : inner.size() + crypto::aead_tag_length <= limits::ciphertext
                                     ? &rules::inner_plaintext_too_long
                                     : &rules::record_too_long;
    ASSERT_EQ(rule_of(sealed(inner)), expected) << length;
  }
}

TEST(Records, MayBePaddedToTheBound) {
  std::vector<std::uint8_t> inner(limits::plaintext + 1, 0);
  inner[0] = 'x';
  inner[1] = 23;
  auto record = sealed(inner);
  Channel channel;
  const auto taken = channel.reader.take(record);
  ASSERT_TRUE(taken && *taken);
  EXPECT_EQ(as_text((**taken).content), "x");
}

TEST(Records, ThatAreNotWholeAreLeftAlone) {
  std::vector<std::uint8_t> inner(100, 23);
  const auto good = sealed(inner);
  for (std::size_t size = 0; size < good.size(); ++size) {
    Channel channel;
    std::vector<std::uint8_t> part(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    const auto before = part;
    const auto taken = channel.reader.take(part);
    ASSERT_TRUE(taken);
    EXPECT_FALSE(*taken);
    EXPECT_EQ(part, before);
  }
}

TEST(RecordProtection, NeverUsesANonceTwice) {
  // Two directions and a later key have other IVs; within one key the sequence number makes each nonce.
  RecordProtection key = protection();
  std::set<std::vector<std::uint8_t>> seen;
  const Bytes nothing;
  for (int i = 0; i < 100000; ++i) {
    std::vector<std::uint8_t> tag(crypto::aead_tag_length);
    key.seal({}, std::span(&nothing, 1), tag);  // equal inputs: equal tags mean equal nonces
    ASSERT_TRUE(seen.insert(tag).second) << i;
  }
  EXPECT_EQ(key.sequence(), 100000U);
}

TEST(RecordWriter, CallsOnlyTheFirstClientRecordTls10) {
  RecordWriter client(Sender::client, nullptr);
  client.write_all(ContentType::handshake, as_bytes("hello"));
  client.write_all(ContentType::handshake, as_bytes("again"));
  EXPECT_EQ(to_hex(client.output().unsent()),
            "1603010005" + to_hex(as_bytes("hello")) + "1603030005" + to_hex(as_bytes("again")));
  RecordWriter server(Sender::server, nullptr);
  server.write_all(ContentType::handshake, as_bytes("hello"));
  EXPECT_EQ(to_hex(server.output().unsent().first(5)), "1603030005");
}

TEST(Reservation, IsSealedInPlaceBehindWhatIsSaidMeanwhile) {
  Channel channel;
  const Bytes before = as_bytes("before");
  channel.writer.write(ContentType::application_data, std::span(&before, 1));
  const std::span<std::uint8_t> room = channel.writer.reserve(1000);
  std::ranges::copy(as_bytes("reserved"), room.begin());
  const Bytes meanwhile = as_bytes("meanwhile");
  channel.writer.write(ContentType::application_data, std::span(&meanwhile, 1));
  EXPECT_EQ(as_text(room.first(8)), "reserved") << "the room is where it was";
  channel.writer.commit(8);
  const Bytes after = as_bytes("after");
  channel.writer.write(ContentType::application_data, std::span(&after, 1));
  auto bytes = channel.written();
  std::span<std::uint8_t> rest = bytes;
  for (const std::string_view expected : {"before", "meanwhile", "reserved", "after"}) {
    const auto record = channel.reader.take(rest);
    ASSERT_TRUE(record && *record) << expected;
    EXPECT_EQ(as_text((**record).content), expected);
    rest = rest.subspan((**record).wire_length);
  }
  EXPECT_TRUE(rest.empty());
}

RC_GTEST_PROP(Reservation, KeepsTheOrderWhateverIsSentInBetween, (const std::vector<std::uint8_t>& moves)) {
  Channel channel;
  std::string expected;
  std::vector<std::uint8_t> wire;
  char next = 'a';
  for (const std::uint8_t move : moves) {
    const std::string text(1U + move / 8U, next);
    const Bytes piece = as_bytes(text);
    switch (move % 4) {
      case 0:
        if (channel.writer.reserved()) break;
        channel.writer.write(ContentType::application_data, std::span(&piece, 1));
        expected += text;
        break;
      case 1:  // reserve; something may be said meanwhile; commit or drop
      case 2: {
        const auto room = channel.writer.reserve(text.size() + 3);
        std::ranges::copy(piece, room.begin());
        if (move % 8 < 4) {
          const Bytes said = as_bytes("!");
          channel.writer.write(ContentType::application_data, std::span(&said, 1));
          expected += "!";
        }
        if (move % 4 == 1) {
          channel.writer.commit(text.size());
          expected += text;
        } else {
          channel.writer.drop_reservation();
        }
        break;
      }
      default: {
        const Bytes unsent = channel.writer.output().unsent();
        const std::size_t count = std::min<std::size_t>(unsent.size(), move);
        wire.insert(wire.end(), unsent.begin(), unsent.begin() + static_cast<std::ptrdiff_t>(count));
        channel.writer.output().sent(count);
      }
    }
    next = next == 'z' ? 'a' : static_cast<char>(next + 1);
  }
  while (!channel.writer.output().unsent().empty()) {
    const auto bytes = channel.written();
    wire.insert(wire.end(), bytes.begin(), bytes.end());
  }
  std::string received;
  std::span<std::uint8_t> rest = wire;
  while (!rest.empty()) {
    const auto record = channel.reader.take(rest);
    RC_ASSERT(record.has_value() && record->has_value());
    received += as_text((**record).content);
    rest = rest.subspan((**record).wire_length);
  }
  RC_ASSERT(received == expected);
}

RC_GTEST_PROP(PieceCursor, GivesAllBytesInOrderInFullRecords, (const std::vector<std::vector<std::uint8_t>>& pieces)) {
  std::vector<Bytes> views(pieces.begin(), pieces.end());
  const std::size_t total = std::accumulate(pieces.begin(), pieces.end(), std::size_t{0},
                                            [](std::size_t sum, const auto& piece) { return sum + piece.size(); });
  constexpr std::size_t most = 7;
  PieceCursor cursor(views);
  std::vector<std::uint8_t> joined, expected;
  std::vector<Bytes> record;
  std::size_t records = 0;
  while (!cursor.empty()) {
    cursor.take(most, record);
    ++records;
    for (const Bytes piece : record) joined.insert(joined.end(), piece.begin(), piece.end());
  }
  for (const auto& piece : pieces) expected.insert(expected.end(), piece.begin(), piece.end());
  RC_ASSERT(joined == expected);
  RC_ASSERT(records == (total + most - 1) / most);
}

RC_GTEST_PROP(MessageJoiner, GivesTheSameMessagesHoweverTheyAreCut,
              (const std::vector<std::vector<std::uint8_t>>& bodies, const std::vector<std::uint8_t>& cuts)) {
  std::vector<std::uint8_t> stream;
  Writer out(stream);
  for (const auto& body : bodies) {
    write_handshake_message(out, HandshakeType::finished, [&](Writer& inner) { inner.bytes(body); });
  }
  MessageJoiner joiner;
  std::vector<std::vector<std::uint8_t>> joined;
  Bytes rest = stream;
  std::size_t next_cut = 0;
  while (!rest.empty()) {
    const std::size_t cut = cuts.empty() ? rest.size() : 1U + cuts[next_cut++ % cuts.size()];
    Bytes fragment = rest.first(std::min(cut, rest.size()));
    rest = rest.subspan(fragment.size());
    while (true) {
      const auto message = joiner.take(fragment);
      RC_ASSERT(message.has_value());
      if (!*message) break;
      joined.emplace_back((**message).body.begin(), (**message).body.end());
    }
  }
  RC_ASSERT(joined == bodies);
  RC_ASSERT(!joiner.has_part());
}

TEST(MessageJoiner, TakesTheLongestMessageAndRefusesOneByteMoreFromItsHeader) {
  std::vector<std::uint8_t> longest = {2, 1, 0, 0};
  longest.resize(4 + limits::handshake_message);
  MessageJoiner joiner;
  Bytes fragment = longest;
  const auto message = joiner.take(fragment);
  ASSERT_TRUE(message && *message);
  EXPECT_EQ((**message).body.size(), limits::handshake_message);
  const std::array<std::uint8_t, 4> too_long = {2, 1, 0, 1};
  Bytes header = too_long;
  const auto refused = joiner.take(header);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().rule, &rules::message_too_long);
}

}  // namespace
}  // namespace padlock::tls
