#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "padlock/tls/config.h"
#include "padlock/tls/handshake/handshake.h"
#include "padlock/tls/wire/client_hello.h"
#include "padlock/tls/wire/server_hello.h"

/// The client's handshake (RFC 8446, section 4 and appendix A.1): one type per state, one function per state and
/// message or answer; everything else is `unexpected_message`.
namespace padlock::tls::client13 {

using KeyShares = std::vector<std::shared_ptr<const crypto::EphemeralKey>>;

/// What was offered, as far as the server's answers are compared with it.
struct Offer {
  ClientHello hello;
  std::vector<std::uint8_t> message;  ///< the ClientHello as sent; hashed once the server has named the hash
  KeyShares keys;
};

/// A proof that somebody checked the server's CertificateVerify: only the answer to our question makes one.
class SignatureVerified {
 public:
  static std::optional<SignatureVerified> from(crypto::SignatureCheckAnswer answer) {
    return answer.good ? std::optional(SignatureVerified()) : std::nullopt;
  }

 private:
  SignatureVerified() = default;
};

/// The two answers without which no handshake ends.
struct Authentication {
  std::optional<PeerVerified> chain;
  std::optional<SignatureVerified> signature;
  bool complete() const { return chain && signature; }
};

// ---- states, in the order of appendix A.1

/// START: the shares of the first ClientHello are being made.
struct WaitKeyShares {
  KeyShares keys;
};
/// WAIT_SH.
struct WaitServerHello {
  Offer offer;
};
/// After a HelloRetryRequest: the share that it asked for is being made.
struct WaitRetryKeyShare {
  Offer offer;
  HelloRetryRequest retry;
  Transcript transcript;
};
/// WAIT_SH again, but a second HelloRetryRequest has no way out of this state.
struct WaitSecondServerHello {
  Offer offer;
  CipherSuite cipher_suite;
  Transcript transcript;
};
/// The shared secret is being computed.
struct WaitSharedSecret {
  Offer offer;
  CipherSuite cipher_suite;
  Transcript transcript;
};
/// WAIT_EE.
struct WaitEncryptedExtensions {
  Offer offer;
  Negotiated negotiated;
};
/// WAIT_CERT_CR.
struct WaitCertificateOrRequest {
  Negotiated negotiated;
};
/// WAIT_CERT: the server has asked for a certificate of ours.
struct WaitCertificate {
  Negotiated negotiated;
};
/// WAIT_CV.
struct WaitCertificateVerify {
  Negotiated negotiated;
  bool certificate_requested;
  std::shared_ptr<const crypto::PublicKey> key;
  Authentication authentication;
};
/// WAIT_FINISHED.
struct WaitFinished {
  Negotiated negotiated;
  bool certificate_requested;
  Authentication authentication;
};
/// The server's Finished is good; the chain's verdict or the signature's is not there yet.
struct WaitAuthentication {
  Negotiated negotiated;
  bool certificate_requested;
  Authentication authentication;
};

using State = std::variant<WaitKeyShares, WaitServerHello, WaitRetryKeyShare, WaitSecondServerHello, WaitSharedSecret,
                           WaitEncryptedExtensions, WaitCertificateOrRequest, WaitCertificate, WaitCertificateVerify,
                           WaitFinished, WaitAuthentication, Connected>;

class ClientHandshake final : public Handshake {
 public:
  ClientHandshake(std::shared_ptr<const ClientConfig> config, std::string server_name)
      : config_(std::move(config)), server_name_(std::move(server_name)) {}

  Result<void> start(Outbox& out) override;
  Result<void> on_message(const HandshakeMessage& message, Outbox& out) override;
  Result<void> on_answer(AnyAnswer answer, Outbox& out) override;
  bool waits_for_answer() const override;
  std::string_view waits_for() const override;
  bool allows_change_cipher_spec() const override;
  std::optional<Connected> take_connected() override;

 private:
  std::shared_ptr<const ClientConfig> config_;
  std::string server_name_;
  State state_ = WaitKeyShares{};
};

}  // namespace padlock::tls::client13
