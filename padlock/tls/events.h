#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/base/text.h"
#include "padlock/crypto/provider.h"
#include "padlock/crypto/signature.h"
#include "padlock/tls/certificate_chain.h"
#include "padlock/tls/types.h"
#include "padlock/x509/certificate.h"

/// What a connection tells its caller, oldest first: questions, data, and its end.
namespace padlock::tls {

struct ClientSession;

/// Names a question of one connection. An answer to a question that is gone is refused and changes nothing.
using QuestionId = std::uint32_t;

/// Server: which certificate for this name and these schemes? Answer: a Credential, or `decline`d with an alert's rule.
/// Client: which certificate for the server that asks for one? Answer: a Credential, or null where there is none.
struct CertificateWanted {
  QuestionId id;
  std::optional<std::string> server_name;                ///< lower case; nothing: the client sent no server_name
  crypto::KnownSchemes schemes;                          ///< that the peer accepts and can use here, in its order
  std::vector<std::vector<std::uint8_t>> authorities{};  ///< client: distinguished names (DER) as a hint; empty: any
};
/// A question for crypto::Provider::answer; the answer is what it returns.
struct CryptoWanted {
  QuestionId id;
  crypto::Question question;
};
/// Client: is this chain to be trusted for `server_name`? Server: is this client's chain, under the policy of the
/// credential's ClientAuthentication? Answer: PeerVerified::by_caller(), or `decline`d.
/// May come while CryptoWanted questions are open; the handshake ends when all are answered.
struct ChainVerificationWanted {
  QuestionId id;
  std::string server_name;                                  ///< client: as the caller named it, host name or IP literal
  CertificateChain chain;                                   ///< as sent
  std::shared_ptr<const x509::Certificate> leaf;            ///< the chain's first, parsed; null: a session's chain
  std::vector<std::uint8_t> ocsp_staple;                    ///< an OCSPResponse, not looked into; empty: none
  std::vector<std::uint8_t> signed_certificate_timestamps;  ///< a list of them, not looked into; empty: none
  /// What a leaf with keyUsage must allow: static RSA decrypts, all else signs (RFC 5246, section 7.4.2).
  x509::KeyUsage key_usage = x509::KeyUsage::digitalSignature;
};
/// Server: a client has sent early data under this ticket, which could be a copy of what was read before (RFC 8446,
/// section 8). Is it the ticket's first use, on all servers that would take it? Answer: EarlyDataAnswer, by a store
/// that allows each ticket once (EarlyDataStore); whoever does not know refuses, and the handshake goes on without.
struct EarlyDataWanted {
  QuestionId id;
  std::vector<std::uint8_t> ticket;
  std::chrono::milliseconds age;  ///< of the ticket, as the client has it; within `limits::early_data_window` of ours
};
enum class EarlyDataAnswer : std::uint8_t { refuse, take };
/// Client: the server gave a ticket; `Connection::client` takes the session for another connection to the same name,
/// once. May come before HandshakeComplete (TLS 1.2) or at any time after it (TLS 1.3), also more than once.
struct SessionReceived {
  std::shared_ptr<const ClientSession> session;
};
/// Both Finished are there and good; application data may flow. `ConnectionInfo` is complete.
struct HandshakeComplete {};
/// Plaintext: a view into the span given to the last `feed`; dead at the next one.
struct ApplicationData {
  Bytes bytes;
};
/// Server: the same, but sent before the client had heard of us, and perhaps not by it: somebody may have copied it
/// from another connection. Nothing may come of it that must not come twice.
struct EarlyData {
  Bytes bytes;
};
/// Client: the server does not read what was sent as early data. It is not sent again by itself: it may, once the
/// handshake is complete.
struct EarlyDataRejected {};
/// The peer sent close_notify: the stream has ended cleanly in this direction.
struct PeerClosed {};
/// The connection is dead. `output()` may still hold the alert for the peer.
struct Failed {
  Error error;
  bool by_peer;  ///< the peer sent the alert (`error.rule` is rules::alert_received), not we
};
using Event = std::variant<CertificateWanted, CryptoWanted, ChainVerificationWanted, EarlyDataWanted, SessionReceived,
                           HandshakeComplete, ApplicationData, EarlyData, EarlyDataRejected, PeerClosed, Failed>;

/// Why a connection does nothing at the moment (style: one face for every protocol).
enum class Waiting : std::uint8_t { peer_bytes, room_for_output, answer, application, deadline, nothing };

/// What became of early data.
enum class EarlyDataStatus : std::uint8_t { none, offered, accepted, rejected };

/// What was negotiated; grows during the handshake and stays readable after a failure.
struct ConnectionInfo {
  bool server = false;
  std::optional<ProtocolVersion> version;
  std::optional<CipherSuite> cipher_suite;
  std::optional<NamedGroup> group;
  std::optional<SignatureScheme> signature_scheme;  ///< of the server's CertificateVerify
  std::optional<std::string> server_name;           ///< as sent in SNI
  std::optional<std::string> alpn;
  bool hello_retry_request = false;
  /// The external_identity of the key by which both ends know each other, now or in a session's first connection.
  std::optional<std::vector<std::uint8_t>> external_psk;
  bool resumed = false;  ///< no certificate was shown: `peer_chain` is that of the first connection
  EarlyDataStatus early_data{};
  std::size_t tickets_received = 0;  ///< client: NewSessionTickets
  CertificateChain peer_chain;       ///< kept for inspection
};

/// Proof that somebody decided that the peer is who it claims to be.
class PeerVerified {
 public:
  /// The caller has verified the chain of ChainVerificationWanted.
  static PeerVerified by_caller() { return PeerVerified(false); }
  /// Both ends know an external key (RFC 9258).
  static PeerVerified by_external_psk() { return PeerVerified(false); }
  /// The caller looked away, because the user said so with a flag that has `dangerous` in its name.
  static PeerVerified dangerous_unverified() { return PeerVerified(true); }
  /// Whoever looked away once must look away again: such a session is not resumed.
  bool is_dangerous() const { return dangerous_; }

 private:
  explicit PeerVerified(bool dangerous) : dangerous_(dangerous) {}
  bool dangerous_;
};

}  // namespace padlock::tls
