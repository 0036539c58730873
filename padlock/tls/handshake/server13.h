#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "padlock/tls/config.h"
#include "padlock/tls/handshake/handshake.h"
#include "padlock/tls/wire/client_hello.h"

/// The server's handshake (RFC 8446, section 4 and appendix A.2): one type per state, one function per state and
/// message or answer; everything else is `unexpected_message`.
namespace padlock::tls::server13 {

/// A ClientHello that this server can answer, with what was chosen from it.
struct Accepted {
  ClientHello hello;
  CipherSuite cipher_suite;
  NamedGroup group;
  std::optional<std::string> alpn;
  std::optional<std::uint16_t> record_size_limit;  ///< ours, if the client has one
  Transcript transcript;                           ///< through this ClientHello
};

// ---- states, in the order of appendix A.2

/// START.
struct WaitClientHello {};
/// A HelloRetryRequest was sent; a second one has no way out of this state.
struct WaitSecondClientHello {
  ClientHello first;
  CipherSuite cipher_suite;
  NamedGroup group;
  Transcript transcript;
};
/// RECVD_CH: the certificate is being chosen and the key share made, in any order.
struct WaitCredential {
  Accepted accepted;
  std::shared_ptr<const crypto::EphemeralKey> key;
  std::shared_ptr<const Credential> credential;
};
/// NEGOTIATED: the shared secret and the signature are being computed, in any order. The signature needs no secret, for
/// it covers what the hellos, EncryptedExtensions and Certificate say; so nothing is sent before both are there.
struct WaitFlight {
  CipherSuite cipher_suite;
  Random client_random;
  bool middlebox_compatibility;  ///< the client sent a legacy_session_id
  SignatureScheme scheme;
  std::vector<std::uint8_t> server_hello;
  std::vector<std::uint8_t> encrypted_flight;  ///< EncryptedExtensions and Certificate
  crypto::Digest hello_hash;                   ///< ClientHello...ServerHello
  Transcript transcript;                       ///< through Certificate
  std::optional<crypto::SharedSecret> shared_secret;
  std::optional<crypto::SignatureAnswer> signature;
};
/// WAIT_FINISHED.
struct WaitFinished {
  Negotiated negotiated;
  ApplicationSecrets secrets;
};

using State = std::variant<WaitClientHello, WaitSecondClientHello, WaitCredential, WaitFlight, WaitFinished, Connected>;

class ServerHandshake final : public Handshake {
 public:
  explicit ServerHandshake(std::shared_ptr<const ServerConfig> config) : config_(std::move(config)) {}

  Result<void> start(Outbox& out) override;
  Result<void> on_message(const HandshakeMessage& message, Outbox& out) override;
  Result<void> on_answer(AnyAnswer answer, Outbox& out) override;
  bool waits_for_answer() const override;
  std::string_view waits_for() const override;
  bool allows_change_cipher_spec() const override;
  std::optional<Connected> take_connected() override;

 private:
  std::shared_ptr<const ServerConfig> config_;
  State state_ = WaitClientHello{};
};

}  // namespace padlock::tls::server13
