// ML-KEM-768's two inputs from a peer: an encapsulation key that the responder reads, a ciphertext that the initiator
// decapsulates. The first byte chooses.
#include <algorithm>
#include <cstdlib>

#include "padlock/base/unsafe.h"
#include "padlock/crypto/mlkem/mlkem768.h"

namespace {

using namespace padlock;
using namespace padlock::crypto::mlkem768;

void require(bool good) {
  if (!good) std::abort();
}

const DecapsulationKey& our_key() {
  static const std::array<std::uint8_t, 32> seed{1, 2, 3};
  static const DecapsulationKey key = DecapsulationKey::keygen_internal(seed, seed);
  return key;
}

/// The input over a good value, so that short inputs change a few bytes of it.
template <std::size_t size>
std::array<std::uint8_t, size> over(std::span<const std::uint8_t, size> good, Bytes input) {
  std::array<std::uint8_t, size> bytes;
  std::ranges::copy(good, bytes.begin());
  for (std::size_t i = 0; i < std::min(size, input.size()); ++i) bytes.at(i) ^= input[i];
  return bytes;
}

void read_key(Bytes input) {
  const auto exact = EncapsulationKey::from_bytes(input);
  require(!exact || input.size() == encapsulation_key_length);
  const auto bytes = over(our_key().encapsulation_key().bytes(), input);
  const auto key = EncapsulationKey::from_bytes(bytes);
  if (!key) return;
  require(std::ranges::equal(key->bytes(), bytes));
  require(encaps_internal(*key, std::span(bytes).first<32>()).shared_key.size() == shared_key_length);
}

void decapsulate(Bytes input) {
  static const auto made =
      encaps_internal(our_key().encapsulation_key(), our_key().encapsulation_key().bytes().first<32>());
  const auto changed = over(std::span<const std::uint8_t, ciphertext_length>(made.ciphertext), input);
  const auto key = our_key().decapsulate(changed);
  const bool same = changed == made.ciphertext;
  require(std::ranges::equal(key.reveal(), made.shared_key.reveal()) == same);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const Bytes input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  if (input.empty()) return 0;
  if (input.front() % 2 == 0) {
    read_key(input.subspan(1));
  } else {
    decapsulate(input.subspan(1));
  }
  return 0;
}
