// Both back ends beside a page that may not be touched: assembly over-reads are invisible to AddressSanitizer.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "padlock/crypto/ipsec_mb/aead.h"
#include "padlock/crypto/libcrypto/aead.h"

namespace padlock::crypto {
namespace {

using Factory = std::unique_ptr<Aead> (*)(AeadAlgorithm, Bytes);
constexpr std::array algorithms{AeadAlgorithm::aes_128_gcm, AeadAlgorithm::aes_256_gcm,
                                AeadAlgorithm::chacha20_poly1305};

std::vector<Factory> factories() {
  std::vector<Factory> usable{libcrypto::make_aead};
  if (ipsec_mb::usable()) usable.push_back(ipsec_mb::make_aead);
  return usable;
}

/// Room whose end touches a page without access, and whose beginning, if all is taken, does so too.
class Guarded {
 public:
  Guarded() : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))) {
    base_ = mmap(nullptr, 3 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    PADLOCK_UNSAFE_BUFFERS_BEGIN  // the middle one of the three pages mapped above
    room_ = {static_cast<std::uint8_t*>(base_) + page_, page_};
    PADLOCK_UNSAFE_BUFFERS_END
    if (base_ == MAP_FAILED || mprotect(room_.data(), page_, PROT_READ | PROT_WRITE) != 0) std::abort();
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded() { munmap(base_, 3 * page_); }

  std::span<std::uint8_t> last(std::size_t size) const { return room_.last(size); }
  std::span<std::uint8_t> first(std::size_t size) const { return room_.first(size); }
  /// `bytes`, moved to the end of the room.
  std::span<std::uint8_t> last_with(Bytes bytes) const {
    std::ranges::copy(bytes, last(bytes.size()).begin());
    return last(bytes.size());
  }

 private:
  std::size_t page_;
  void* base_;
  std::span<std::uint8_t> room_;
};

std::vector<std::uint8_t> counted(std::size_t size, std::uint8_t first) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(first + 7 * i);
  return bytes;
}

std::string expected(AeadAlgorithm algorithm, Bytes nonce, Bytes additional_data, Bytes plaintext) {
  std::vector<std::uint8_t> out(plaintext.size() + aead_tag_length);
  libcrypto::make_aead(algorithm, counted(key_length_of(algorithm), 1))
      ->seal(nonce, additional_data, std::span(&plaintext, 1), out);
  return to_hex(out);
}

class AllSizes : public testing::TestWithParam<AeadAlgorithm> {
 protected:
  const Guarded key_room, nonce_room, header_room, in_room, second_room, third_room, out_room;
  const std::vector<std::uint8_t> nonce_bytes = counted(aead_nonce_length, 3);
  const Bytes nonce = nonce_room.last_with(nonce_bytes);

  std::unique_ptr<Aead> make(Factory factory) const {
    return factory(GetParam(), key_room.last_with(counted(key_length_of(GetParam()), 1)));
  }
};

TEST_P(AllSizes, SealAndOpenNothingOutsideTheirBuffers) {
  for (const Factory factory : factories()) {
    const auto aead = make(factory);
    for (std::size_t size = 0; size <= 2200; size == 300 ? size = 2000 : ++size) {
      const auto plaintext = counted(size, 9);
      const Bytes header = header_room.last_with(counted(size % 40, 11));
      const auto answer = expected(GetParam(), nonce, header, plaintext);

      const Bytes in = in_room.last_with(plaintext);
      const auto out = out_room.last(size + aead_tag_length);
      aead->seal(nonce, header, std::span(&in, 1), out);
      ASSERT_EQ(to_hex(out), answer) << "elsewhere, " << size;
      ASSERT_TRUE(aead->open(nonce, header, out));
      ASSERT_TRUE(std::ranges::equal(out.first(size), plaintext));

      const Bytes only = out.first(size);
      aead->seal(nonce, header, std::span(&only, 1), out);
      ASSERT_EQ(to_hex(out), answer) << "in place, " << size;

      const auto front = out_room.first(size + aead_tag_length);
      aead->seal(nonce, header, std::span(&in, 1), front);
      ASSERT_EQ(to_hex(front), answer) << "after a guard page, " << size;
      ASSERT_TRUE(aead->open(nonce, header, front));
    }
  }
}

TEST_P(AllSizes, GatherPiecesCutAnywhere) {
  for (const Factory factory : factories()) {
    const auto aead = make(factory);
    for (std::size_t size = 0; size <= 300; ++size) {
      const auto plaintext = counted(size, 13);
      const auto answer = expected(GetParam(), nonce, {}, plaintext);
      for (const std::size_t cut : {size / 2, size % 17, size - std::min<std::size_t>(size, 1)}) {
        const std::size_t at = std::min(cut, size);
        const std::array<Bytes, 3> pieces{in_room.last_with(Bytes(plaintext).first(at)), Bytes(),
                                          second_room.last_with(Bytes(plaintext).subspan(at))};
        const auto out = out_room.last(size + aead_tag_length);
        aead->seal(nonce, {}, pieces, out);
        ASSERT_EQ(to_hex(out), answer) << size << " cut at " << at;
      }
    }
  }
}

// So long that nothing is copied together first.
TEST_P(AllSizes, GatherLongPiecesBetweenSmallOnesCutAnywhere) {
  constexpr std::size_t middle = 2100;
  for (const Factory factory : factories()) {
    const auto aead = make(factory);
    for (std::size_t size = 0; size <= 300; ++size) {
      const auto bytes = counted(size + middle + size, 23);
      const Bytes plaintext(bytes);
      const std::array<Bytes, 3> pieces{in_room.last_with(plaintext.first(size)),
                                        second_room.last_with(plaintext.subspan(size, middle)),
                                        third_room.last_with(plaintext.last(size))};
      const auto out = out_room.last(plaintext.size() + aead_tag_length);
      aead->seal(nonce, {}, pieces, out);
      ASSERT_EQ(to_hex(out), expected(GetParam(), nonce, {}, plaintext)) << size;
    }
  }
}

TEST_P(AllSizes, RefuseAWrongTagAndWipe) {
  for (const Factory factory : factories()) {
    const auto aead = make(factory);
    for (std::size_t size = 0; size <= 300; ++size) {
      const auto out = out_room.last_with(counted(size + aead_tag_length, 17));
      ASSERT_FALSE(aead->open(nonce, {}, out)) << size;
      ASSERT_TRUE(std::ranges::all_of(out, [](std::uint8_t byte) { return byte == 0; })) << size;
    }
  }
}

// Around the sizes where a back end changes its way: 2 KiB, and a whole record.
TEST_P(AllSizes, AgreeForLargerRecordsWholeAndInPieces) {
  for (const Factory factory : factories()) {
    const auto aead = make(factory);
    for (const std::size_t size : {2047UL, 2048UL, 2049UL, 4095UL, 4096UL, 9001UL, 16384UL, 16385UL}) {
      const auto plaintext = counted(size, 19);
      const auto answer = expected(GetParam(), nonce, header_room.last(5), plaintext);
      std::vector<std::uint8_t> out(size + aead_tag_length);
      const Bytes whole(plaintext);
      aead->seal(nonce, header_room.last(5), std::span(&whole, 1), out);
      ASSERT_EQ(to_hex(out), answer) << size;
      for (const std::size_t at : {0UL, 1UL, 15UL, 16UL, 63UL, 64UL, 65UL, 255UL, 257UL, 1000UL, size - 1, size}) {
        const std::array pieces{whole.first(at / 2), whole.subspan(at / 2, at - at / 2), whole.subspan(at)};
        std::ranges::fill(out, std::uint8_t{0});
        aead->seal(nonce, header_room.last(5), pieces, out);
        ASSERT_EQ(to_hex(out), answer) << size << " cut at " << at;
      }
      ASSERT_TRUE(aead->open(nonce, header_room.last(5), out));
      ASSERT_TRUE(std::ranges::equal(Bytes(out).first(size), plaintext));
      aead->seal(nonce, header_room.last(5), std::span(&whole, 1), out);
      out.back() ^= 1;
      ASSERT_FALSE(aead->open(nonce, header_room.last(5), out));
      ASSERT_TRUE(std::ranges::all_of(out, [](std::uint8_t byte) { return byte == 0; }));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Aead, AllSizes, testing::ValuesIn(algorithms),
                         [](const auto& parameter) { return std::string(name_of(parameter.param)); });

TEST(IpsecMb, IsUsedWhereItIsUsableAndLeftOutWhenAskedTo) {
  EXPECT_EQ(make_provider()->description().find("libipsec-mb") != std::string::npos, ipsec_mb::usable());
  EXPECT_EQ(make_provider(AeadBackend::libcrypto)->description().find("libipsec-mb"), std::string::npos);
  if (!ipsec_mb::usable()) GTEST_SKIP() << "no libipsec-mb, VAES or AVX-512 here: libcrypto alone was tested";
}

}  // namespace
}  // namespace padlock::crypto
