#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "padlock/tls/config.h"
#include "padlock/tls/handshake/authentication.h"
#include "padlock/tls/handshake/negotiated.h"
#include "padlock/tls/handshake/resume.h"
#include "padlock/tls/wire/client_hello.h"

/// The states of a server's handshake (RFC 8446, appendix A.2; RFC 5246, section 7.3): each is a type that owns what is
/// known in it.
namespace padlock::tls {

namespace server {
/// START, of any version.
struct WaitClientHello {};

/// What a server waits for before it believes its client: nothing, if it asked for no certificate or got none.
struct ClientProofs {
  bool chain_wanted = false;
  bool signature_wanted = false;
  Authentication given{};
  bool complete() const { return (!chain_wanted || given.chain) && (!signature_wanted || given.signature); }
};
}  // namespace server

namespace server13 {

using server::ClientProofs;

/// A ClientHello that this server can answer, with what was chosen from it.
struct Accepted {
  std::shared_ptr<const ClientHello> hello;
  CipherSuite cipher_suite;
  NamedGroup group;
  std::optional<std::string> alpn;
  std::optional<std::uint16_t> record_size_limit;  ///< ours, if the client has one
  Transcript transcript;                           ///< through this ClientHello
  std::optional<ChosenPsk> psk;                    ///< of the session that is resumed
  bool takes_early_data = false;
};

// ---- states, in the order of appendix A.2

/// A HelloRetryRequest was sent; a second one has no way out of this state.
struct WaitSecondClientHello {
  std::shared_ptr<const ClientHello> first;
  CipherSuite cipher_suite;
  NamedGroup group;
  Transcript transcript;
};
/// RECVD_CH: the certificate is being chosen, the key share made and, if there is early data, its ticket looked up, in
/// any order.
struct WaitCredential {
  Accepted accepted;
  std::shared_ptr<const crypto::EphemeralKey> key;
  std::shared_ptr<const Credential> credential;
  bool early_data_in_question = false;
};
/// How early data that is taken will be read.
struct EarlyReading {
  TrafficSecret secret;
  std::uint32_t most;  ///< bytes of it
};
/// Everything of the server's flight that needs no secret.
struct Flight {
  CipherSuite cipher_suite;
  Random client_random;
  bool middlebox_compatibility;  ///< the client sent a legacy_session_id
  List<std::uint8_t> server_hello;
  List<std::uint8_t> encrypted;  ///< EncryptedExtensions and, unless a session is resumed, Certificate
  crypto::Digest hello_hash;     ///< ClientHello...ServerHello
  Transcript transcript;         ///< through the last message of `encrypted`
  TicketTerms tickets;
  std::shared_ptr<const ClientAuthentication> asks_client;  ///< CertificateRequest is sent; null: it is not
  ClientProofs proofs;
  std::optional<EarlyReading> early_data{};
};
/// NEGOTIATED: the shared secret and the signature are being computed, in any order. The signature needs no secret, for
/// it covers what the hellos, EncryptedExtensions and Certificate say; so nothing is sent before both are there.
struct WaitFlight {
  Flight flight;
  SignatureScheme scheme;
  std::optional<crypto::SharedSecret> shared_secret;
  std::optional<crypto::SignatureAnswer> signature;
};
/// NEGOTIATED with a pre-shared key: the shared secret is being computed.
struct WaitResumedFlight {
  Flight flight;
  crypto::HashSecret early_secret;
};
/// What a server has once its own flight is sent.
struct Ending {
  Negotiated negotiated;
  ApplicationSecrets secrets;
  TicketTerms tickets;
};
/// Early data is not read before the session's client is believed once more.
struct WaitEarlyProofs {
  Ending ending;
  ClientProofs proofs;
  EarlyReading reading;
};
/// WAIT_EOED.
struct WaitEndOfEarlyData {
  Ending ending;
};
/// WAIT_CERT.
struct WaitCertificate {
  Ending ending;
  std::shared_ptr<const ClientAuthentication> asks_client;
};
/// WAIT_CV.
struct WaitCertificateVerify {
  Ending ending;
  std::shared_ptr<const crypto::PublicKey> key;
  ClientProofs proofs;
};
/// WAIT_FINISHED.
struct WaitFinished {
  Ending ending;
  ClientProofs proofs;
};
/// The client's Finished is good; what it takes to believe it is not all there.
struct WaitProofs {
  Ending ending;
  ClientProofs proofs;
};

}  // namespace server13

namespace server12 {

using server::ClientProofs;

/// A ClientHello that is answered by TLS 1.2: the certificate is being chosen.
struct WaitCredential {
  std::shared_ptr<const ClientHello> hello;
  List<std::uint8_t> message;  ///< the hello as it came; hashed once the suite says how
  std::optional<std::string> alpn;
};
/// How this connection will be remembered, as ServerHello promises it; by nothing, if nobody can.
struct Memory {
  bool ticket = false;              ///< NewSessionTicket follows
  List<std::uint8_t> session_id{};  ///< the name under which the cache will know it; or the client's, resumed
  WallTime authenticated{};
  std::string client_authentication{};
};
/// What is settled when the suite is. Static RSA has no group and no scheme.
struct Accepted {
  CipherSuite cipher_suite;
  NamedGroup group;
  SignatureScheme scheme;
  KeyTerms terms;
  std::uint16_t client_version;
  Random client_random;
  Random server_random;
  Memory memory;
};
/// Our ephemeral key is being made.
struct WaitKeyShare {
  Accepted accepted;
  std::shared_ptr<const Credential> credential;
  List<std::uint8_t> flight;  ///< ServerHello, Certificate, CertificateStatus
  Transcript transcript;
};
/// ServerKeyExchange is being signed.
struct WaitSignature {
  Accepted accepted;
  std::shared_ptr<const ClientAuthentication> asks_client;
  std::shared_ptr<const crypto::EphemeralKey> key;
  List<std::uint8_t> params;
  List<std::uint8_t> flight;
  Transcript transcript;
};
/// What ClientKeyExchange is for.
struct ServersKey {
  std::shared_ptr<const crypto::EphemeralKey> ephemeral;  ///< null: static RSA
  std::shared_ptr<const crypto::PrivateKey> rsa;          ///< static RSA: the certificate's
};
/// ServerHelloDone is sent.
struct WaitClientKeyExchange {
  Accepted accepted;
  ServersKey key;
  Transcript transcript;
  std::shared_ptr<const crypto::PublicKey> clients_key;  ///< of its certificate; null: it has shown none
  ClientProofs proofs;
};
/// ServerHelloDone is sent, and a certificate was asked for.
struct WaitCertificate {
  Accepted accepted;
  ServersKey key;
  Transcript transcript;
  std::shared_ptr<const ClientAuthentication> asks_client;
};
/// The pre-master secret is being computed.
struct WaitSharedSecret {
  Accepted accepted;
  Transcript transcript;
  std::shared_ptr<const crypto::PublicKey> clients_key;
  ClientProofs proofs;
};
/// Static RSA: the pre-master secret is being decrypted.
struct WaitDecryption {
  Accepted accepted;
  Transcript transcript;
  std::shared_ptr<const crypto::PublicKey> clients_key;
  ClientProofs proofs;
  crypto::SharedSecret substitute;  ///< what goes on if there is none in the block
};
/// What a server needs to end a full handshake; in a resumed one its own Finished is sent by now.
struct LastFlight {
  Memory memory;
  TrafficKeys server_keys;
};
/// The client must sign what was said so far.
struct WaitCertificateVerify {
  Negotiated12 negotiated;
  TrafficKeys client_keys;
  LastFlight last_flight;
  std::shared_ptr<const crypto::PublicKey> clients_key;
  std::vector<std::uint8_t> messages;
  ClientProofs proofs;
};
struct WaitChangeCipherSpec {
  Negotiated12 negotiated;
  TrafficKeys client_keys;
  std::optional<LastFlight> last_flight;
  ClientProofs proofs;
};
struct WaitFinished {
  Negotiated12 negotiated;
  std::optional<LastFlight> last_flight;
  ClientProofs proofs;
};
/// The client's Finished is good; what it takes to believe it is not all there.
struct WaitProofs {
  Negotiated12 negotiated;
  std::optional<LastFlight> last_flight;
  ClientProofs proofs;
};

}  // namespace server12

using ServerState =
    std::variant<server::WaitClientHello, server13::WaitSecondClientHello, server13::WaitCredential,
                 server13::WaitFlight, server13::WaitResumedFlight, server13::WaitEarlyProofs,
                 server13::WaitEndOfEarlyData, server13::WaitCertificate, server13::WaitCertificateVerify,
                 server13::WaitFinished, server13::WaitProofs, server12::WaitCredential, server12::WaitKeyShare,
                 server12::WaitSignature, server12::WaitCertificate, server12::WaitClientKeyExchange,
                 server12::WaitSharedSecret, server12::WaitDecryption, server12::WaitCertificateVerify,
                 server12::WaitChangeCipherSpec, server12::WaitFinished, server12::WaitProofs, Connected>;

}  // namespace padlock::tls
