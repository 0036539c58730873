#include "padlock/crypto/hidden_length.h"

#include <gtest/gtest.h>

#include <vector>

namespace padlock::crypto {
namespace {

constexpr std::array algorithms = {HashAlgorithm::sha1, HashAlgorithm::sha256, HashAlgorithm::sha384,
                                   HashAlgorithm::sha512};

std::vector<std::uint8_t> counted(std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t at = 0; at < size; ++at) bytes[at] = static_cast<std::uint8_t>(at * 7 + 1);
  return bytes;
}

/// Every length around the ends of three blocks, from every bound below it.
TEST(HiddenLength, HashesAsIfTheLengthWereKnown) {
  const auto head = counted(13);
  const auto data = counted(400);
  for (const HashAlgorithm algorithm : algorithms) {
    for (std::size_t length = 0; length <= data.size(); ++length) {
      Hash expected(algorithm);
      expected.update(head);
      expected.update(std::span(data).first(length));
      const std::string digest = to_hex(expected.digest());
      for (const std::size_t below : {std::size_t{0}, std::size_t{1}, std::size_t{64}, std::size_t{255}, length}) {
        if (below > length) continue;
        const HiddenLengthMessage message{.head = head, .data = data, .least = length - below, .length = length};
        ASSERT_EQ(to_hex(hash_of_hidden_length(algorithm, message)), digest) << name_of(algorithm) << " " << length;
      }
    }
  }
}

TEST(HiddenLength, MacsAsIfTheLengthWereKnown) {
  const auto head = counted(13);
  const auto data = counted(300);
  for (const HashAlgorithm algorithm : algorithms) {
    const Hmac key(algorithm, counted(length_of(algorithm)));
    for (std::size_t length = 0; length <= data.size(); ++length) {
      const std::array<Bytes, 2> pieces = {head, std::span(data).first(length)};
      const HiddenLengthMessage message{.head = head, .data = data, .least = 0, .length = length};
      ASSERT_EQ(to_hex(mac_of_hidden_length(key, message)), to_hex(key.mac(pieces))) << name_of(algorithm);
    }
  }
}

}  // namespace
}  // namespace padlock::crypto
