#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/base/secret.h"
#include "padlock/crypto/provider.h"
#include "padlock/tls/observer.h"
#include "padlock/tls/types.h"
#include "padlock/x509/certificate.h"

namespace padlock::tls {

/// Certificates as they are sent, leaf first, each DER (RFC 8446, section 4.4.2), with the leaf's key.
/// Made once and shared by all connections of a site.
struct Credential {
  std::vector<std::vector<std::uint8_t>> chain;
  std::shared_ptr<const crypto::PrivateKey> key;
};

/// What a client asks for. Plain data, shared by its connections.
struct ClientConfig {
  Policy policy = Policy::intermediate;
  std::vector<NamedGroup> groups = {NamedGroup::x25519, NamedGroup::secp256r1};  ///< best first
  std::size_t key_share_count = 1;  ///< shares sent for the first so many groups
  std::vector<CipherSuite> cipher_suites = default_cipher_suites();
  std::vector<SignatureScheme> signature_schemes = default_signature_schemes();
  std::vector<std::string> alpn;        ///< best first, "http/1.1"; empty: not offered
  bool middlebox_compatibility = true;  ///< RFC 8446, appendix D.4
};

/// What a server allows. Plain data, shared by its connections.
struct ServerConfig {
  Policy policy = Policy::intermediate;
  std::vector<NamedGroup> groups = {NamedGroup::x25519, NamedGroup::secp256r1};
  std::vector<CipherSuite> cipher_suites = default_cipher_suites();
  std::vector<std::string> alpn;  ///< best first; empty: ALPN is ignored
};

// ---- events, oldest first
// -----------------------------------------------------------------------------------------------

/// Names a question of one connection. An answer to a question that is gone is refused and changes nothing.
using QuestionId = std::uint32_t;

/// Server: which certificate for this name and these schemes? Answer: a Credential, or `decline`d with an alert's rule.
struct CertificateWanted {
  QuestionId id;
  std::optional<std::string> server_name;  ///< lower case; nothing: the client sent no server_name
  std::vector<SignatureScheme> schemes;    ///< that the client accepts, in its order
};
/// A question for crypto::Provider::answer; the answer is what it returns.
struct CryptoWanted {
  QuestionId id;
  crypto::Question question;
};
/// Client: is this chain to be trusted for `server_name`? Answer: PeerVerified::by_caller(), or `decline`d.
/// May come while CryptoWanted questions are open; the handshake ends when all are answered.
struct ChainVerificationWanted {
  QuestionId id;
  std::string server_name;                       ///< as the caller named the server: host name or IP literal
  std::vector<std::vector<std::uint8_t>> chain;  ///< as sent, leaf first
  std::vector<std::uint8_t> ocsp_staple;         ///< empty: none
};
/// Both Finished are there and good; application data may flow. `ConnectionInfo` is complete.
struct HandshakeComplete {};
/// Plaintext: a view into the span given to the last `feed`; dead at the next one.
struct ApplicationData {
  Bytes bytes;
};
/// The peer sent close_notify: the stream has ended cleanly in this direction.
struct PeerClosed {};
/// The connection is dead. `output()` may still hold the alert for the peer.
struct Failed {
  Error error;
  bool by_peer;  ///< the peer sent the alert (`error.rule` is rules::alert_received), not we
};
using Event = std::variant<CertificateWanted, CryptoWanted, ChainVerificationWanted, HandshakeComplete, ApplicationData,
                           PeerClosed, Failed>;

/// Why a connection does nothing at the moment (style: one face for every protocol).
enum class Waiting : std::uint8_t { peer_bytes, room_for_output, answer, application, deadline, nothing };

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
  std::vector<std::vector<std::uint8_t>> peer_chain;  ///< DER, leaf first; kept for inspection
};

/// Proof that somebody decided that the peer is who it claims to be (style.md, section 3).
class PeerVerified {
 public:
  /// The caller has verified the chain of ChainVerificationWanted.
  static PeerVerified by_caller() { return {}; }
  /// The caller looked away, because the user said so with a flag that has `dangerous` in its name.
  static PeerVerified dangerous_unverified() { return {}; }

 private:
  PeerVerified() = default;
};

/// A TLS 1.3 connection, client or server (RFC 8446), without I/O: bytes and answers go in, events and bytes come out.
///
/// Laws (property-tested): each `feed` takes bytes, yields an event, or `waiting_for()` says why not; and cutting the
/// input at any other places yields the same events. The object is movable and not thread-safe.
class Connection {
 public:
  /// A client that wants to reach `server_name` (host name for SNI, or IP literal, which is not sent). The provider
  /// must outlive the connection. The first flight is ready once the first question (the key share) is answered.
  static Connection client(std::shared_ptr<const ClientConfig> config, std::string server_name,
                           crypto::Provider& provider, Observer* observer = nullptr, KeyLog* key_log = nullptr);
  static Connection server(std::shared_ptr<const ServerConfig> config, crypto::Provider& provider,
                           Observer* observer = nullptr, KeyLog* key_log = nullptr);
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  /// Takes whole records from the front of `input` and decrypts them in place; gives the number of bytes taken. It
  /// stops after a record that yields ApplicationData, so that the views stay valid; the caller keeps the tail and
  /// offers it again, with more bytes. An error is also yielded as `Failed`; later calls take nothing.
  Result<std::size_t> feed(std::span<std::uint8_t> input, Instant now);
  std::optional<Event> next_event();
  /// What the peer should get.
  Bytes output() const;
  void output_sent(std::size_t count);
  Waiting waiting_for() const;

  // Answers, at once or later, in any order.
  Result<void> answer(QuestionId id, std::shared_ptr<const Credential> credential);
  Result<void> answer(QuestionId id, Result<crypto::Answer> answer);
  Result<void> answer(QuestionId id, PeerVerified proof);
  /// The answer is no: the handshake fails with this error and its rule's alert.
  Result<void> decline(QuestionId id, Error error);

  // Sending. Fails before HandshakeComplete and after close.
  /// A gather write: the pieces, one after the other, sealed into as few records as they fill.
  Result<void> send(std::span<const Bytes> pieces);
  Result<void> send(Bytes piece) { return send(std::span(&piece, 1)); }
  /// Lends room for up to `size` bytes of plaintext (at most one record's 16,384) where they will be sealed in place.
  /// One reservation at a time; what the engine says meanwhile goes before it. Valid until commit, drop or send.
  Result<std::span<std::uint8_t>> reserve(std::size_t size);
  /// Seals the first `size` bytes of the reservation as one record.
  Result<void> commit(std::size_t size);
  void drop_reservation();
  /// Says close_notify (RFC 8446, section 6.1); receiving goes on until the peer's.
  void close();
  /// The transport has ended. Without a close_notify before, the next event is Failed with rules::truncated.
  void input_ended();
  /// Kills the connection from our side with this error's alert: deadlines, shutdown, refused host.
  void fail(Error error);
  /// KeyUpdate (RFC 8446, section 4.6.3).
  Result<void> update_keys(bool request_from_peer);

  /// Exported keying material (RFC 8446, section 7.5) of out.size() bytes; fails before HandshakeComplete.
  Result<void> export_keying_material(std::string_view label, Bytes context, std::span<std::uint8_t> out) const;
  const ConnectionInfo& info() const;

 private:
  class Engine;
  explicit Connection(std::unique_ptr<Engine> engine);
  std::unique_ptr<Engine> engine_;
};

}  // namespace padlock::tls
