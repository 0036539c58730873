#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "padlock/tls/config.h"
#include "padlock/tls/events.h"
#include "padlock/tls/handshake/authentication.h"
#include "padlock/tls/handshake/negotiated.h"
#include "padlock/tls/session/client_session.h"
#include "padlock/tls/wire/client_hello.h"
#include "padlock/tls/wire/server_hello.h"
#include "padlock/tls/wire/tls12.h"

/// The states of a client's handshake (RFC 8446, appendix A.1; RFC 5246, section 7.3): each is a type that owns what is
/// known in it.
namespace padlock::tls {

namespace client {

using KeyShares = List<std::shared_ptr<const crypto::EphemeralKey>>;

/// What was offered, as far as the server's answers are compared with it.
struct Offer {
  ClientHello hello;
  List<std::uint8_t> message;  ///< the ClientHello as sent; hashed once the server has named the hash
  KeyShares keys;
  std::shared_ptr<const ClientSession> session;  ///< that the hello wants to go on from; null: none
  crypto::HashSecret early_secret{};             ///< of a session of TLS 1.3
  /// External keys of the hello, behind a session of TLS 1.3; once the server has chosen, the one that it has, or none.
  std::vector<const ImportedPsk*> imported{};
  bool has_session13() const { return session != nullptr && session->version == ProtocolVersion::TLS_1_3; }
};

/// The server wants a certificate of ours.
struct Requested {
  List<SignatureScheme> schemes;  ///< that it accepts
  /// That it reads (TLS 1.3).
  List<CertificateCompressionAlgorithm> compressions;
  bool answered = false;                         ///< our caller has decided
  std::shared_ptr<const Credential> credential;  ///< null: there is none to show
};

/// The answers that the client's last flight waits for.
struct Answers {
  Authentication server;
  std::optional<Requested> request;
  bool complete() const { return server.complete() && (!request || request->answered); }
};

/// The right to say the client's last flight: the server has shown who it is, now or in the session's first connection.
class ServerAuthenticated {
 public:
  static ServerAuthenticated by_certificate(PeerVerified chain, SignatureVerified, std::chrono::nanoseconds now) {
    return {chain, now};
  }
  /// `session`: whose key the server has proved to know.
  static ServerAuthenticated by_session(const ClientSession& session) { return by_session(session, session.proof); }
  /// `proof`: of its chain, asked for once more.
  static ServerAuthenticated by_session(const ClientSession& session, PeerVerified proof) {
    return {proof, session.authenticated};
  }
  static ServerAuthenticated by_external_psk(std::chrono::nanoseconds now) {
    return {PeerVerified::by_external_psk(), now};
  }
  PeerVerified chain() const { return chain_; }
  std::chrono::nanoseconds when() const { return when_; }

 private:
  ServerAuthenticated(PeerVerified chain, std::chrono::nanoseconds when) : chain_(chain), when_(when) {}
  PeerVerified chain_;
  std::chrono::nanoseconds when_;
};

/// What all states read and none changes.
struct Client {
  const ClientConfig& config;
  const std::string& server_name;
  const std::shared_ptr<const ClientSession>& session;  ///< that the caller would like to resume
};

/// START: the shares of the first ClientHello are being made.
struct WaitKeyShares {
  KeyShares keys;
};
/// WAIT_SH: the answer decides the version.
struct WaitServerHello {
  Offer offer;
};

}  // namespace client

namespace client13 {

using client::Answers;
using client::Offer;

// ---- states, in the order of appendix A.1

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
  Offer offer;  ///< its session is what the server goes on from; null: it does not
  CipherSuite cipher_suite;
  Transcript transcript;
};
/// WAIT_EE.
struct WaitEncryptedExtensions {
  Offer offer;
  Negotiated negotiated;
};
/// WAIT_FINISHED with a pre-shared key: no certificate comes.
struct WaitResumedFinished {
  Negotiated negotiated;
  std::shared_ptr<const ClientSession> session;  ///< null: the key is an external one
};
/// The server's Finished is good; the session's chain is being judged once more.
struct WaitResumedVerdict {
  Negotiated negotiated;
  std::shared_ptr<const ClientSession> session;
};
/// WAIT_CERT_CR.
struct WaitCertificateOrRequest {
  Negotiated negotiated;
};
/// WAIT_CERT: the server has asked for a certificate of ours.
struct WaitCertificate {
  Negotiated negotiated;
  Answers answers;
};
/// WAIT_CV.
struct WaitCertificateVerify {
  Negotiated negotiated;
  std::shared_ptr<const crypto::PublicKey> key;
  Answers answers;
};
/// WAIT_FINISHED.
struct WaitFinished {
  Negotiated negotiated;
  Answers answers;
};
/// The server's Finished is good; an answer is missing.
struct WaitAnswers {
  Negotiated negotiated;
  Answers answers;
};
/// Our Certificate is sent and our CertificateVerify is being signed.
struct WaitSignature {
  Negotiated negotiated;  ///< through our Certificate
  ApplicationSecrets secrets;
  client::ServerAuthenticated server;
  SignatureScheme scheme;
};

}  // namespace client13

namespace client12 {

using client::Answers;

/// What is settled by the hellos.
struct Accepted {
  CipherSuite cipher_suite;
  Random client_random;
  Random server_random;
  List<NamedGroup> offered_groups;
  bool status_expected;  ///< CertificateStatus may come
  std::vector<std::uint8_t> signed_certificate_timestamps;
  bool ticket_follows;
  List<std::uint8_t> session_id;  ///< under which the server may know this connection again; empty: it will not
  KeyTerms terms;
  Transcript transcript;
};
struct WaitCertificate {
  Accepted accepted;
};
/// CertificateStatus, if there is one, stands before ServerKeyExchange; which static RSA has not (section 7.4.3).
struct WaitServerKeyExchange {
  Accepted accepted;
  Leaf leaf;
  std::optional<std::vector<std::uint8_t>> ocsp_staple;
};
/// What the client needs for its own flight: the answers, its key, the server's share; or the key that it encrypts to.
struct Agreement {
  Answers answers{};
  std::shared_ptr<const crypto::EphemeralKey> key{};
  std::vector<std::uint8_t> servers_share{};
  std::shared_ptr<const crypto::PublicKey> servers_key{};  ///< static RSA
};
/// The answers may come while the server's flight goes on.
struct WaitServerHelloDone {
  Accepted accepted;
  Agreement agreement;
};
/// The server's flight is whole; an answer is missing.
struct WaitAnswers {
  Accepted accepted;
  Agreement agreement;
};
/// The pre-master secret is being computed. Nobody gets here without both proofs.
struct WaitSharedSecret {
  Accepted accepted;
  client::ServerAuthenticated server;
  std::shared_ptr<const crypto::EphemeralKey> key;
  std::optional<client::Requested> request;
};
/// What follows once the server has finished.
struct Ending {
  client::ServerAuthenticated server;
  bool may_be_resumed;                           ///< as the keys are bound to the handshake (RFC 7627, section 5.3)
  std::optional<TrafficKeys> client_keys;        ///< of a session that is resumed: our own Finished comes last
  std::shared_ptr<const ClientSession> session;  ///< that is resumed
  List<std::uint8_t> session_id;
  tls12::NewSessionTicket ticket;
};
/// Our Certificate and ClientKeyExchange are sent, CertificateVerify is being signed.
struct WaitSignature {
  Keyed12 keyed;
  SignatureScheme scheme;
  bool ticket_follows;
  Ending ending;
};
/// The server has promised a ticket (RFC 5077, section 3.3).
struct WaitTicket {
  Negotiated12 negotiated;
  TrafficKeys server_keys;
  Ending ending;
};
/// In a full handshake the client's flight is sent.
struct WaitChangeCipherSpec {
  Negotiated12 negotiated;
  TrafficKeys server_keys;
  Ending ending;
};
struct WaitFinished {
  Negotiated12 negotiated;
  Ending ending;
};
/// The server's Finished is good; the session's chain is being judged once more.
struct WaitResumedVerdict {
  Negotiated12 negotiated;
  Ending ending;
};

}  // namespace client12

using ClientState =
    std::variant<client::WaitKeyShares, client::WaitServerHello, client13::WaitRetryKeyShare,
                 client13::WaitSecondServerHello, client13::WaitSharedSecret, client13::WaitEncryptedExtensions,
                 client13::WaitResumedFinished, client13::WaitResumedVerdict, client13::WaitCertificateOrRequest,
                 client13::WaitCertificate, client13::WaitCertificateVerify, client13::WaitFinished,
                 client13::WaitAnswers, client13::WaitSignature, client12::WaitCertificate,
                 client12::WaitServerKeyExchange, client12::WaitServerHelloDone, client12::WaitAnswers,
                 client12::WaitSharedSecret, client12::WaitSignature, client12::WaitTicket,
                 client12::WaitChangeCipherSpec, client12::WaitFinished, client12::WaitResumedVerdict, Connected>;

}  // namespace padlock::tls
