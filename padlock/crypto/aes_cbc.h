#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>

#include "padlock/base/text.h"

namespace padlock::crypto {

inline constexpr std::size_t aes_block_length = 16;

/// AES in CBC mode (NIST SP 800-38A) without any padding, which TLS has in a form of its own. One key, both ways; not
/// shared between threads.
class AesCbc {
 public:
  /// `key`: 16 or 32 bytes.
  explicit AesCbc(Bytes key);
  AesCbc(AesCbc&&) noexcept;
  AesCbc& operator=(AesCbc&&) noexcept;
  ~AesCbc();

  /// In place, whole blocks (asserted); `iv`: one block, which nobody could foresee.
  void encrypt(Bytes iv, std::span<std::uint8_t> blocks);
  void decrypt(Bytes iv, std::span<std::uint8_t> blocks);

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
};

}  // namespace padlock::crypto
