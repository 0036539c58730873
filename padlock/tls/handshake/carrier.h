#pragma once

#include <cstdint>

#include "padlock/base/text.h"
#include "padlock/tls/schedule/key_schedule.h"
#include "padlock/tls/types.h"

namespace padlock::tls {

/// What carries a handshake that has no records: QUIC (RFC 9001, section 4.1). It takes the messages as they are, and
/// the secrets that its packets are protected by.
class Carrier {
 public:
  enum class Direction : std::uint8_t { reading, writing };

  Carrier() = default;
  Carrier(const Carrier&) = delete;
  Carrier& operator=(const Carrier&) = delete;
  virtual ~Carrier() = default;
  virtual void send(EncryptionLevel level, Bytes messages) = 0;
  virtual void use_secret(Direction direction, EncryptionLevel level, CipherSuite suite,
                          const TrafficSecret& secret) = 0;
  /// Ours, for the hello or its answer (RFC 9001, section 8.2), and the peer's.
  virtual Bytes transport_parameters() const = 0;
  virtual void on_transport_parameters(Bytes peers) = 0;
};

}  // namespace padlock::tls
