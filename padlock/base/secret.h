#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

#include "padlock/base/text.h"

namespace padlock {

/// Overwrites bytes with zeros in a way that the compiler may not leave out. Inline, for most secrets are 64 bytes at
/// most and a handshake wipes several hundred of them.
inline void wipe(std::span<std::byte> bytes) {
  if (bytes.empty()) return;
  std::memset(bytes.data(), 0, bytes.size());
  __asm__ volatile("" : : "r"(bytes.data()) : "memory");  // somebody could read them: the zeros must be there
}
inline void wipe(std::span<std::uint8_t> bytes) { wipe(std::as_writable_bytes(bytes)); }

/// Equal lengths and equal bytes, in a time that depends on the length alone. For MACs, Finished, binders, tags.
[[nodiscard]] bool equal_constant_time(Bytes a, Bytes b);

/// Up to `Capacity` bytes of key material: move-only, wiped on destruction and on move, neither printable nor
/// comparable.
template <std::size_t Capacity>
class Secret {
 public:
  Secret() = default;
  explicit Secret(Bytes bytes) : size_(bytes.size()) {
    assert(bytes.size() <= Capacity);
    copy_bytes(bytes, bytes_);
  }
  /// `size` bytes that `fill` writes in place: `Secret<64>::made(32, [&](auto room) { ... })`.
  template <class Fill>
  static Secret made(std::size_t size, Fill&& fill) {
    Secret secret;
    assert(size <= Capacity);
    secret.size_ = size;
    fill(std::span(secret.bytes_).first(size));
    return secret;
  }
  Secret(Secret&& other) noexcept : bytes_(other.bytes_), size_(other.size_) { other.clear(); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      size_ = other.size_;
      other.clear();
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { clear(); }

  /// The one way out: easy to search for, easy to review.
  Bytes reveal() const { return std::span(bytes_).first(size_); }
  /// A second owner of the same bytes, said aloud.
  Secret duplicate() const { return Secret(reveal()); }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  void clear() {
    wipe(bytes_);
    size_ = 0;
  }

 private:
  std::array<std::uint8_t, Capacity> bytes_{};
  std::size_t size_ = 0;
};

/// A value of plain numbers that is wiped at the end of its scope: what a calculation with secrets works on.
template <class Value>
  requires std::is_trivially_copyable_v<Value>
struct Wiped : Value {
  Wiped() : Value{} {}
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  ~Wiped() {
    Value& value = *this;
    wipe(std::as_writable_bytes(std::span(&value, 1)));
  }
};

/// Wipes bytes of others at the end of its scope, which they must outlive.
class WipedAtEnd {
 public:
  explicit WipedAtEnd(std::span<std::uint8_t> bytes) : bytes_(bytes) {}
  WipedAtEnd(const WipedAtEnd&) = delete;
  WipedAtEnd& operator=(const WipedAtEnd&) = delete;
  ~WipedAtEnd() { wipe(bytes_); }

 private:
  std::span<std::uint8_t> bytes_;
};

/// Key material of any length, such as a private key's file: like `Secret`, on the heap.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}
  SecretBytes(SecretBytes&& other) noexcept : bytes_(std::move(other.bytes_)) { other.bytes_.clear(); }
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
      wipe(bytes_);
      bytes_ = std::move(other.bytes_);
      other.bytes_.clear();
    }
    return *this;
  }
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes() { wipe(bytes_); }
  Bytes reveal() const { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

}  // namespace padlock
