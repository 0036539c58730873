#include "padlock/tls/compression/certificate_compression.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <string>

#include "padlock/tls/limits.h"
#include "padlock/tls/testing/credentials.h"

namespace padlock::tls {
namespace {

using Message = std::vector<std::uint8_t>;

std::optional<Message> decompressed(const CertificateCompression& compression, Bytes compressed, std::size_t length) {
  Message certificate(length);
  if (!compression.decompress(compressed, certificate)) return std::nullopt;
  return certificate;
}

/// Bytes as certificates have them: text and structure that come again, keys and signatures that do not.
Message like_certificates(std::size_t size) {
  Message message;
  std::uint32_t state = 1;
  while (message.size() < size) {
    const auto& der = testing::credential()->chain[message.size() / 512 % 2];
    message.insert(message.end(), der.begin(), der.end());
    for (int i = 0; i < 320; ++i) {
      state = state * 1664525 + 1013904223;
      message.push_back(static_cast<std::uint8_t>(state >> 24));
    }
  }
  message.resize(size);
  return message;
}

class CertificateCompressions : public ::testing::TestWithParam<CertificateCompression> {};
INSTANTIATE_TEST_SUITE_P(All, CertificateCompressions, ::testing::ValuesIn(default_certificate_compression()),
                         [](const auto& each) { return std::string(name_of(each.param.algorithm)); });

TEST(CertificateCompression, IsOfferedInThreeWaysAndTheSmallestFirst) {
  const auto all = default_certificate_compression();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].algorithm, CertificateCompressionAlgorithm::brotli);
  EXPECT_EQ(all[1].algorithm, CertificateCompressionAlgorithm::zstd);
  EXPECT_EQ(all[2].algorithm, CertificateCompressionAlgorithm::zlib);
}

TEST_P(CertificateCompressions, GiveBackWhatWasCompressed) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{3000}, limits::handshake_message}) {
    const Message certificate = like_certificates(size);
    const Message compressed = GetParam().compress(certificate);
    EXPECT_EQ(decompressed(GetParam(), compressed, size), certificate) << size;
    EXPECT_TRUE(size < 3000 || compressed.size() < size) << compressed.size();
  }
}

TEST_P(CertificateCompressions, TakeTheirOwnLengthAlone) {
  const Message certificate = like_certificates(3000);
  const Message compressed = GetParam().compress(certificate);
  for (const std::size_t length : {0U, 1U, 2999U, 3001U, 6000U, 65536U}) {
    EXPECT_FALSE(decompressed(GetParam(), compressed, length)) << length;
  }
}

TEST_P(CertificateCompressions, TakeOneWholeStream) {
  const Message certificate = like_certificates(1000);
  const Message compressed = GetParam().compress(certificate);
  for (std::size_t size = 0; size < compressed.size(); ++size) {
    EXPECT_FALSE(decompressed(GetParam(), Bytes(compressed).first(size), 1000)) << size;
  }
  Message more = compressed;
  more.push_back(0);
  EXPECT_FALSE(decompressed(GetParam(), more, 1000));
  Message twice = compressed;
  twice.insert(twice.end(), compressed.begin(), compressed.end());
  EXPECT_FALSE(decompressed(GetParam(), twice, 1000));
  EXPECT_FALSE(decompressed(GetParam(), twice, 2000));
}

/// What lies behind the outcome is the caller's.
RC_GTEST_PROP(CertificateCompressions, StayInsideTheOutcomeWhateverComes, ()) {
  for (const CertificateCompression& compression : default_certificate_compression()) {
    const Message certificate = like_certificates(700);
    Message compressed = compression.compress(certificate);
    const auto flips = *rc::gen::container<std::vector<std::size_t>>(3, rc::gen::inRange<std::size_t>(0, 8000));
    for (const std::size_t bit : flips) {
      if (bit / 8 < compressed.size()) compressed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    }
    Message room(764, 0xa5);
    (void)compression.decompress(compressed, std::span(room).first(700));
    RC_ASSERT(std::ranges::count(std::span(room).last(64), 0xa5) == 64);
  }
}

TEST(ZstdCompression, TakesNoFrameToSkipAndNoOlderFormat) {
  const Message certificate = like_certificates(1000);
  const Message compressed = zstd_compression.compress(certificate);
  Message skipped = {0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 7};  // RFC 8878, section 3.1.2
  EXPECT_FALSE(decompressed(zstd_compression, skipped, 0));
  skipped.insert(skipped.end(), compressed.begin(), compressed.end());
  EXPECT_FALSE(decompressed(zstd_compression, skipped, 1000));
  for (std::uint8_t version = 0x22; version < 0x28; ++version) {  // the magic numbers of 0.2 to 0.7
    Message older = compressed;
    older[0] = version;
    EXPECT_FALSE(decompressed(zstd_compression, older, 1000));
  }
}

// ---- bombs (docs/threats.md, T22)

/// Bits as RFC 7932 packs them: the lowest of a byte first.
class Bits {
 public:
  Bits& add(std::uint32_t value, unsigned count) {
    for (unsigned i = 0; i < count; ++i, ++used_) {
      if (used_ % 8 == 0) bytes.push_back(0);
      bytes.back() |= static_cast<std::uint8_t>((value >> i & 1) << (used_ % 8));
    }
    return *this;
  }
  Message bytes;

 private:
  std::size_t used_ = 0;
};

/// A meta-block of 16 MiB of zeros in 13 bytes: each of its three prefix codes has one symbol, which takes no bits.
void add_meta_block(Bits& out) {
  constexpr std::uint32_t length = 1U << 24;
  out.add(0, 1).add(2, 2).add(length - 1, 24).add(0, 1);  // not the last; MLEN in six nibbles; compressed
  out.add(0, 3).add(0, 6).add(0, 2).add(0, 2);            // one block type, no postfix, one tree of each kind
  out.add(1, 2).add(0, 2).add(0, 8);                      // literal: the byte 0
  out.add(1, 2).add(0, 2).add(504, 10);                   // insert and copy: the longest insert
  out.add(1, 2).add(0, 2).add(0, 6);                      // distance: never used
  out.add(length - 22594, 24);                            // the insert's extra bits
}

Message brotli_bomb(bool window_of_16_mib) {
  Bits out;
  window_of_16_mib ? out.add(15, 4) : out.add(0, 1);  // WBITS: 24, or 16
  for (int i = 0; i < 64; ++i) add_meta_block(out);
  return out.add(3, 2).bytes;  // the last, and empty
}

/// RLE blocks of 128 KiB, four bytes each (RFC 8878, section 3.1.1.2), in a window of 2 MiB.
Message zstd_bomb() {
  Message bomb = {0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58};
  constexpr std::uint32_t block = 1U << 17 << 3 | 1 << 1;
  for (int i = 0; i < 8192; ++i) {
    for (const unsigned shift : {0U, 8U, 16U}) bomb.push_back(static_cast<std::uint8_t>(block >> shift));
    bomb.push_back(0);
  }
  bomb[bomb.size() - 4] |= 1;  // the last
  return bomb;
}

/// The most that fits: no DEFLATE stream is longer than 1,032 times its size.
Message zlib_bomb() { return zlib_compression.compress(Message(std::size_t{60} * 1024 * 1024)); }

/// The most memory that this process has had since `forget_peak`, in KiB.
long peak() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    long kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib;
  }
  return -1;
}
void forget_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

TEST(CertificateCompression, SurvivesBombs) {
  const std::array bombs = {std::pair(brotli_compression, brotli_bomb(true)),
                            std::pair(brotli_compression, brotli_bomb(false)), std::pair(zstd_compression, zstd_bomb()),
                            std::pair(zlib_compression, zlib_bomb())};
  const Message honest = like_certificates(limits::handshake_message);
  for (const auto& [compression, bomb] : bombs) {
    EXPECT_LE(bomb.size(), 61U * 1024);
    const Message compressed = compression.compress(honest);
    ASSERT_TRUE(decompressed(compression, compressed, honest.size()));  // what the library needs once
    forget_peak();
    const long before = peak();
    EXPECT_FALSE(decompressed(compression, bomb, limits::handshake_message));
    EXPECT_LE(peak() - before, 256) << "KiB, " << name_of(compression.algorithm);
  }
}

}  // namespace
}  // namespace padlock::tls
