#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "padlock/base/text.h"

namespace padlock::tls {

/// Bytes on their way to the peer. A few need no memory of their own; that of more is used again and again, never
/// zeroed in between, and given back by `release` when it is empty. One reservation at a time lends room behind the
/// unsent bytes; what is appended meanwhile goes before it.
class OutputBuffer {
 public:
  /// What the peer should get next.
  Bytes unsent() const;
  void sent(std::size_t count);

  /// `count` bytes to be written at once by the caller.
  std::span<std::uint8_t> append(std::size_t count);

  /// Room for `count` bytes, valid until `commit` or `drop`.
  std::span<std::uint8_t> reserve(std::size_t count);
  bool reserved() const { return reserved_ != 0; }
  /// The reserved room, where it is.
  std::span<std::uint8_t> reservation();
  /// The first `count` bytes of the reservation are to be sent, behind what was appended meanwhile.
  void commit(std::size_t count);
  void drop();

  /// Gives the memory back if nothing is to be sent.
  void release();

 private:
  std::span<std::uint8_t> memory();
  Bytes memory() const;
  void grow(std::size_t size);
  std::span<std::uint8_t> room(std::size_t count);
  void put_meanwhile_before_reservation();

  std::array<std::uint8_t, 320> few_;     // enough for either flight of a resumed server
  std::unique_ptr<std::uint8_t[]> many_;  // NOLINT: size_ bytes, what was ever needed; null: few_ was enough
  std::size_t size_ = 0;
  std::size_t begin_ = 0;  // [begin_, end_) is unsent
  std::size_t end_ = 0;
  std::size_t reserved_ = 0;             // bytes lent behind end_
  std::vector<std::uint8_t> meanwhile_;  // appended while there is a reservation: rare and short
};

}  // namespace padlock::tls
