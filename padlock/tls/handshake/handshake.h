#pragma once

#include <array>
#include <cstddef>
#include <memory_resource>
#include <optional>
#include <string_view>

#include "padlock/base/result.h"
#include "padlock/tls/handshake/negotiated.h"
#include "padlock/tls/handshake/outbox.h"
#include "padlock/tls/handshake/questions.h"
#include "padlock/tls/wire/handshake_message.h"
#include "padlock/tls/wire/list.h"

namespace padlock::tls {

/// `dummy`: between the first ClientHello and the peer's Finished of TLS 1.3 it means nothing (RFC 8446, section 5).
enum class ChangeCipherSpec : std::uint8_t { misplaced, dummy, new_keys };

/// A handshake of either role, as the connection drives it. It is gone once the connection is complete.
class Handshake {
 public:
  Handshake() = default;
  Handshake(const Handshake&) = delete;
  Handshake& operator=(const Handshake&) = delete;
  virtual ~Handshake() = default;
  /// For what the states keep of messages; behind its first bytes it grows from the heap.
  Arena arena() { return &arena_; }
  virtual Result<void> start(Outbox& out) = 0;
  virtual Result<void> on_message(const HandshakeMessage& message, Outbox& out) = 0;
  virtual Result<void> on_answer(AnyAnswer answer, Outbox& out) = 0;
  /// True while nothing can be read before a question is answered.
  virtual bool waits_for_answer() const = 0;
  /// What the state waits for, for people: "ServerHello".
  virtual std::string_view waits_for() const = 0;
  /// What a change_cipher_spec would mean now.
  virtual ChangeCipherSpec change_cipher_spec() const = 0;
  /// TLS 1.2's, where it means new keys.
  virtual void on_change_cipher_spec(Outbox& out) = 0;
  /// The outcome, once: both Finished are there and good.
  virtual std::optional<Connected> take_connected() = 0;

 private:
  std::array<std::byte, 3072> first_bytes_;  // both hellos with shares of X25519MLKEM768
  std::pmr::monotonic_buffer_resource arena_{first_bytes_.data(), first_bytes_.size()};
};

}  // namespace padlock::tls
