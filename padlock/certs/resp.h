#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/base/text.h"

// What is said with Redis, as bytes: RESP2, read and written by hiredis' reader and formatter. No I/O.

namespace padlock::certs {

/// One reply.
struct RespReply {
  enum class Type : std::uint8_t { nil, integer, text, status, error, array };
  Type type = Type::nil;
  std::int64_t integer = 0;
  std::string text{};  ///< of texts (any bytes), status and errors
  std::vector<RespReply> elements{};
};

/// Bounds on one reply.
struct RespLimits {
  std::size_t bytes;     ///< on the wire
  std::size_t elements;  ///< in all of its arrays
};

/// Reads replies out of bytes that come in any pieces. After an error it is over.
class RespReader {
 public:
  explicit RespReader(RespLimits limits);
  RespReader(RespReader&&) noexcept;
  RespReader& operator=(RespReader&&) noexcept;
  ~RespReader();

  /// Takes all of it. Error: `reply_too_large`.
  Result<void> feed(Bytes bytes);
  /// The next whole reply; nothing: it lacks bytes. Errors: `malformed_reply`, `reply_too_large`.
  Result<std::optional<RespReply>> next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The bytes of a command: an array of texts.
std::vector<std::uint8_t> write_resp_command(std::span<const std::string> arguments);

}  // namespace padlock::certs
