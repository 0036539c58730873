#pragma once

#include <optional>
#include <string_view>

#include "padlock/base/result.h"
#include "padlock/tls/handshake/negotiated.h"
#include "padlock/tls/handshake/outbox.h"
#include "padlock/tls/handshake/questions.h"
#include "padlock/tls/wire/handshake_message.h"

namespace padlock::tls {

/// A handshake of either role, as the connection drives it. It is gone once the connection is complete.
class Handshake {
 public:
  virtual ~Handshake() = default;
  virtual Result<void> start(Outbox& out) = 0;
  virtual Result<void> on_message(const HandshakeMessage& message, Outbox& out) = 0;
  virtual Result<void> on_answer(AnyAnswer answer, Outbox& out) = 0;
  /// True while nothing can be read before a question is answered.
  virtual bool waits_for_answer() const = 0;
  /// What the state waits for, for people: "ServerHello".
  virtual std::string_view waits_for() const = 0;
  /// True between the first ClientHello and the peer's Finished (RFC 8446, section 5).
  virtual bool allows_change_cipher_spec() const = 0;
  /// The outcome, once: both Finished are there and good.
  virtual std::optional<Connected> take_connected() = 0;
};

}  // namespace padlock::tls
