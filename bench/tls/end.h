#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <new>
#include <span>
#include <vector>

#include "padlock/base/text.h"
#include "padlock/crypto/provider.h"
#include "padlock/tls/types.h"

namespace padlock::bench {

/// What both ends of a benched connection speak: one group with one share, one suite, no tickets.
struct Negotiation {
  crypto::NamedGroup group = crypto::NamedGroup::x25519;
  crypto::KeyKind keys = crypto::KeyKind::ecdsa_p256;  ///< of the certificates
  bool tls12 = false;                                  ///< else TLS 1.3
  bool resumed = false;                                ///< clients go on from a session that one of them was given
  bool chacha = false;
  bool verify = true;      ///< the client verifies the chain
  bool many_idle = false;  ///< a library that has a choice keeps no buffers
};

tls::CipherSuite suite_of(const Negotiation& negotiation);

/// One end of a connection in memory, whoever made it.
class End {
 public:
  /// The object is the bench's: it counts as nobody's allocation.
  static void* operator new(std::size_t size) {
    void* const memory = std::malloc(size);
    return memory != nullptr ? memory : throw std::bad_alloc();
  }
  static void operator delete(void* memory) { std::free(memory); }
  virtual ~End() = default;
  /// Takes what the peer sent, as far as the handshake goes, and answers. `wire` may be changed.
  virtual void advance(std::span<std::uint8_t> wire) = 0;
  /// What it has to say; it is gone from the end then.
  virtual std::vector<std::uint8_t> take_output() = 0;
  virtual bool complete() const = 0;
  virtual bool resumed() const = 0;
  /// Application data into records, which stay in the output.
  virtual void send(Bytes data) = 0;
  /// Forgets the output, as if a socket had taken it; gives its size.
  virtual std::size_t drop_output() = 0;
  /// Reads one record's data; gives its length. `wire` may be changed.
  virtual std::size_t receive(std::span<std::uint8_t> wire) = 0;
  /// Gives back what an idle connection does not need.
  virtual void idle() = 0;
};

/// Ends of one implementation, with contexts and configurations that many connections share; they outlive their ends.
class Ends {
 public:
  virtual ~Ends() = default;
  virtual std::unique_ptr<End> client() = 0;
  virtual std::unique_ptr<End> server() = 0;
};

std::shared_ptr<Ends> padlock_ends(const Negotiation& negotiation);
std::shared_ptr<Ends> libssl_ends(const Negotiation& negotiation);
/// False for the hybrid group on a libssl that has none.
bool libssl_has(crypto::NamedGroup group);

/// Carries bytes both ways until both are complete.
void connect(End& client, End& server);

}  // namespace padlock::bench
