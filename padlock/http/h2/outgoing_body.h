#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/http/h2/connection.h"

namespace padlock::http::h2 {

/// The body of a message that we send: what the application gave of it and the peer's window has not let through, or
/// where it comes from. Sees to it that it is as long as its head says.
class OutgoingBody {
 public:
  /// After the head. `suppressed`: the head says what the body would be, but none follows (HEAD, 204, 304).
  void begin(const BodyFraming& framing, bool suppressed);
  /// DATA frames follow the head.
  bool has_frames() const { return has_frames_; }
  bool begun() const { return state_ != State::none; }
  /// The application has given all of it, or said where it is.
  bool whole() const { return state_ == State::ended || source_ != nullptr; }

  /// How much `append` takes.
  std::size_t room() const;
  Result<std::size_t> append(Bytes piece);
  Result<void> append_from(std::unique_ptr<BodySource> source);
  Result<void> end(const Fields& trailers);
  const Fields& trailers() const { return trailers_; }

  /// Bytes that can be sent now, and whether the body ends with them; nothing if the application has to give more.
  struct Ready {
    std::size_t bytes;
    bool last;
  };
  std::optional<Ready> ready(std::size_t most) const;
  /// Fills `into`, no longer than what is ready.
  Result<void> write(std::span<std::uint8_t> into);
  /// True once after there is room again for somebody who was told that there is not.
  bool take_writable();
  /// Nothing will be sent any more: gives memory and source back.
  void drop();

 private:
  enum class State : std::uint8_t { none, open, ended };

  Result<void> count(std::uint64_t bytes);
  std::size_t waiting() const { return bytes_.size() - sent_; }

  State state_ = State::none;
  bool has_frames_ = false;
  bool suppressed_ = false;
  bool starved_ = false;
  std::optional<std::uint64_t> left_;  ///< of KnownLength, that the application has not given
  std::vector<std::uint8_t> bytes_;
  std::size_t sent_ = 0;
  std::unique_ptr<BodySource> source_;
  std::uint64_t source_left_ = 0;
  Fields trailers_;
};

}  // namespace padlock::http::h2
