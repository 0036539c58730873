#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "padlock/tls/connection.h"
#include "padlock/tls/schedule/key_schedule.h"

namespace padlock::tls {

/// Handshake bytes for the peer, for CRYPTO frames of this level (RFC 9001, section 4.1.3).
struct QuicCryptoData {
  EncryptionLevel level;
  std::vector<std::uint8_t> bytes;
};
/// A secret that packets are protected by from now on (RFC 9001, sections 4.1.4 and 5.1). The caller derives its keys.
struct QuicSecret {
  bool for_reading;
  EncryptionLevel level;
  CipherSuite cipher_suite;
  TrafficSecret secret;
};
/// The peer's transport parameters, not looked into; authentic once the handshake is complete (RFC 9001, section 8.2).
struct QuicTransportParameters {
  std::vector<std::uint8_t> bytes;
};
/// In the order of what happened. Of `Event` come the questions, SessionReceived, HandshakeComplete, EarlyDataRejected
/// and Failed.
using QuicEvent = std::variant<Event, QuicCryptoData, QuicSecret, QuicTransportParameters>;

/// The handshake of a QUIC connection (RFC 9001): that of `Connection`, without records. Packets, their protection,
/// ACKs and key updates are the caller's; TLS's own KeyUpdate, EndOfEarlyData and dummy change_cipher_spec do not
/// exist. Always TLS 1.3. Movable and not thread-safe.
class QuicConnection {
 public:
  /// As `Connection::client`. `transport_parameters`: ours, as QUIC encodes them (RFC 9000, section 18).
  static QuicConnection client(const ClientConfig& config, std::string server_name,
                               std::vector<std::uint8_t> transport_parameters, crypto::Provider& provider,
                               Observer* observer = nullptr, KeyLog* key_log = nullptr, Resumption resumption = {});
  /// Early data has no limit in bytes here: whoever sets `max_early_data_size` takes it.
  static QuicConnection server(const ServerConfig& config, std::vector<std::uint8_t> transport_parameters,
                               crypto::Provider& provider, Observer* observer = nullptr, KeyLog* key_log = nullptr);
  QuicConnection(QuicConnection&&) noexcept;
  QuicConnection& operator=(QuicConnection&&) noexcept;
  ~QuicConnection();

  /// The next bytes of the peer's CRYPTO stream of this level, in order. They are kept while an answer is waited for.
  /// An error is also yielded as `Failed`; later calls take nothing.
  Result<void> receive(EncryptionLevel level, Bytes crypto_data, Instant now);
  std::optional<QuicEvent> next_event();

  // Answers, as Connection takes them.
  Result<void> answer(QuestionId id, std::shared_ptr<const Credential> credential);
  Result<void> answer(QuestionId id, Result<crypto::Answer> answer);
  Result<void> answer(QuestionId id, PeerVerified proof);
  Result<void> answer(QuestionId id, EarlyDataAnswer answer);
  Result<void> decline(QuestionId id, Error error);

  const ConnectionInfo& info() const;

 private:
  class Engine;
  explicit QuicConnection(std::unique_ptr<Engine> engine);
  std::unique_ptr<Engine> engine_;
};

/// The code that CONNECTION_CLOSE says for an error of the handshake: CRYPTO_ERROR, 0x0100 and the alert (RFC 9001,
/// section 4.8).
std::uint64_t quic_error_code(const Error& error);

}  // namespace padlock::tls
