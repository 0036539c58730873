#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/net/files.h"
#include "padlock/server/response_plan.h"

namespace padlock::server {

/// Bytes that many answers are made of at the same time: what a small file holds.
using SharedBytes = std::shared_ptr<const std::vector<std::uint8_t>>;

/// Where the parts come from that a plan names.
using Content = std::variant<std::monostate, std::shared_ptr<const net::File>, SharedBytes>;

/// The body of an answer, read once from front to back into where it is sent from.
class Body {
 public:
  /// Takes the texts out of `plan`, and leaves its head.
  Body(ResponsePlan& plan, Content content);

  std::uint64_t left() const { return left_; }
  /// Fills `into` with the next bytes; asks for no more than are left. Errors: rules::file_changed: the file has become
  /// shorter; net's rules::file_unreadable.
  Result<void> read(std::span<std::uint8_t> into);

 private:
  std::size_t read_text(std::span<std::uint8_t> into);
  Result<std::size_t> read_part(std::span<std::uint8_t> into);

  Content content_;
  BodyPiece piece_;              ///< the current one, ...
  std::size_t text_taken_ = 0;   ///< so much of its text is read, ...
  std::vector<BodyPiece> more_;  ///< and these come behind it
  std::size_t next_ = 0;
  std::uint64_t left_;
};

}  // namespace padlock::server
