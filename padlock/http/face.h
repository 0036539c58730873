#pragma once

#include <cstdint>
#include <variant>

#include "padlock/base/result.h"

/// What connections of every HTTP version have in common.
namespace padlock::http {

/// Why `feed` takes nothing more at the moment.
enum class Waiting : std::uint8_t {
  peer_bytes,       ///< for more input
  room_for_output,  ///< `output()` has grown too long: send it first
  application,      ///< for events to be taken, a response to be finished, a request to be sent
  nothing,          ///< finished
};

/// How the transport ended: cleanly (close_notify, FIN of a plain connection), or cut off.
enum class Ending : std::uint8_t { clean, truncated };

/// How long the body of a message that we send is.
struct NoBody {};  ///< the head is the whole message: no `end_message`
struct KnownLength {
  std::uint64_t bytes;
};
struct UnknownLength {};  ///< HTTP/1.1: chunks; towards HTTP/1.0 the connection's end is the body's
using BodyFraming = std::variant<NoBody, KnownLength, UnknownLength>;

/// Event: the connection has ended between messages: nothing is lost.
struct Closed {};
/// Event: the peer has broken the connection. What it is told is in `output()` already, if it can still be told.
struct Failed {
  Error error;
};

}  // namespace padlock::http
