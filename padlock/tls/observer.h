#pragma once

#include <cstdint>
#include <string_view>

#include "padlock/base/annotation.h"
#include "padlock/base/result.h"
#include "padlock/base/text.h"
#include "padlock/tls/types.h"

namespace padlock::tls {

/// False in a build that measures what the trace points cost (`./dev bench trace`): nobody hears anything there.
#ifdef PADLOCK_WITHOUT_TRACE
inline constexpr bool traced = false;
#else
inline constexpr bool traced = true;
#endif

/// Which end spoke.
enum class Sender : std::uint8_t { client, server };

/// Hears what a connection does while it does it: the explainer's source. A connection without one pays a branch a
/// call. All views live only during the call. No secret passes here: keys are told by label and length.
class Observer {
 public:
  virtual ~Observer() = default;
  /// A whole handshake message, sent or received: 4-byte header and body, as the transcript has it.
  virtual void handshake_message(Sender sender, EncryptionLevel level, Bytes message) = 0;
  /// A record on the wire: its type and length as a listener sees them, and what it held, once opened.
  virtual void record(Sender sender, EncryptionLevel level, ContentType outer, ContentType inner,
                      std::size_t wire_length, std::size_t plaintext_length) = 0;
  /// A secret or key came into being: "client_handshake_traffic_secret", 32 bytes.
  virtual void key_derived(std::string_view label, std::size_t length) = 0;
  /// A negotiation's outcome with its reason: "cipher_suite", "TLS_AES_128_GCM_SHA256", "first of the client's list
  /// ...".
  virtual void chosen(std::string_view what, std::string_view value, std::string_view reason) = 0;
  /// An alert, sent or received.
  virtual void alert(Sender sender, EncryptionLevel level, AlertDescription description) = 0;
};

/// Receives secrets in the key log format (RFC 9850), only because the user switched it on.
class KeyLog {
 public:
  virtual ~KeyLog() = default;
  /// One line, without its end: "CLIENT_HANDSHAKE_TRAFFIC_SECRET <client_random> <secret>", in hex.
  virtual void line(std::string_view line) = 0;
};

/// Reads a handshake message (header and body) with the parsers of the handshake itself and tells `sink` each field.
/// For the explainer; works for messages of either side. `version`: that of the connection, for some messages have
/// another form in each; the hellos, which come before it is settled, have one. `key_exchange`: of TLS 1.2's suite, for
/// the same reason. Error: the message is malformed.
Result<void> annotate(Bytes message, ProtocolVersion version, AnnotationSink& sink,
                      KeyExchange key_exchange = KeyExchange::ecdhe);

}  // namespace padlock::tls
