#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "padlock/crypto/provider.h"
#include "padlock/tls/compression/certificate_compression.h"
#include "padlock/tls/limits.h"
#include "padlock/tls/session/external_psk.h"
#include "padlock/tls/types.h"

namespace padlock::tls {

/// Records under one key before our own KeyUpdate (RFC 8446, section 5.5). Fewer is allowed, more is not.
struct RekeyAfter {
  std::uint64_t gcm_records = limits::records_per_gcm_key;
  std::uint64_t chacha_records = limits::records_per_chacha_key;
};

/// Hides how long the content of protected records is (RFC 8446, section 5.4): they are filled with zeros until content
/// and type are a multiple of so many bytes, as far as a record goes. 1: no padding.
struct RecordPadding {
  std::uint16_t to_multiple_of = 1;
};

/// What a site asks of its clients (RFC 8446, section 4.3.2; RFC 5246, section 7.4.4).
struct ClientAuthentication {
  bool required = true;  ///< without a certificate there is no connection; else the site decides what that means
  /// Distinguished names (DER) of whoever may have issued it, as a hint; empty: any.
  std::vector<std::vector<std::uint8_t>> authorities{};
  /// Names the policy that certificates are judged by: a session goes on under the same one alone (docs/threats.md,
  /// T26).
  std::string policy{};
};

/// A Certificate message of a credential, and what compression makes of it (RFC 8879).
struct CompressedForms {
  struct Form {
    CertificateCompressionAlgorithm algorithm;
    std::vector<std::uint8_t> compressed;
  };
  std::vector<std::uint8_t> certificate;  ///< the message's body, for which the forms stand
  std::vector<Form> forms;                ///< each smaller than that, the smallest first
};

/// Certificates as they are sent, leaf first, each DER (RFC 8446, section 4.4.2), with the leaf's key.
/// Made once and shared by all connections of a site.
struct Credential {
  std::vector<std::vector<std::uint8_t>> chain;
  std::shared_ptr<const crypto::PrivateKey> key;
  /// Shown to clients that ask for them; empty: there are none.
  std::vector<std::uint8_t> ocsp_staple{};                    ///< an OCSPResponse (RFC 6960) for the leaf, DER
  std::vector<std::uint8_t> signed_certificate_timestamps{};  ///< a SignedCertificateTimestampList (RFC 6962)
  /// Of a server: what whoever sees this certificate must show in turn; null: nothing.
  std::shared_ptr<const ClientAuthentication> client_authentication{};
  /// By `add_compressed_forms` (tls/credential.h), of all that stands above; empty: it is sent as it is.
  std::vector<CompressedForms> compressed_forms{};
};

/// The versions that a policy allows up to `most`, newest first; may be none.
std::span<const ProtocolVersion> versions_of(Policy policy, ProtocolVersion most);

/// What a client asks for. Plain data, shared by its connections.
struct ClientConfig {
  Policy policy = Policy::modern;
  ProtocolVersion max_version = ProtocolVersion::TLS_1_3;
  std::vector<NamedGroup> groups = default_groups();  ///< best first
  std::size_t key_share_count = 2;                    ///< shares sent for the first so many groups, as far as there are
  std::vector<CipherSuite> cipher_suites = default_cipher_suites();
  std::vector<SignatureScheme> signature_schemes = default_signature_schemes();
  std::vector<std::string> alpn{};      ///< best first, "http/1.1"; empty: not offered
  bool middlebox_compatibility = true;  ///< RFC 8446, appendix D.4
  bool grease = true;                   ///< offers values that mean nothing, so that servers stay tolerant (RFC 8701)
  bool status_request = true;           ///< asks for a stapled OCSP response
  bool signed_certificate_timestamp = true;
  /// Offered for the server's certificate, and used for our own; empty: neither (TLS 1.3 alone).
  std::vector<CertificateCompression> certificate_compression = default_certificate_compression();
  /// Content, type and padding of a record that the peer may send, 64 to 16,385 bytes (RFC 8449).
  std::uint16_t record_size_limit = limits::inner_plaintext;
  RecordPadding padding{};
  RekeyAfter rekey_after{};
  /// Yields CertificateWanted where a server asks for a certificate; without it the answer is that there is none.
  bool certificates = false;
  /// Keys that were given to both ends outside of TLS: a server that knows one shows no certificate (TLS 1.3 alone).
  ExternalPsks external_psks{};
  /// Asks for tickets and yields SessionReceived; without it no session is offered either.
  bool resumption = false;
  /// Asks about a session's chain once more when the session goes on (ChainVerificationWanted, without what stood
  /// beside the certificate). Else the proof that the session holds counts for as long as it lives.
  bool verify_resumed = false;
  /// Offers early data (0-RTT; RFC 8446, section 2.3) where a session allows it: what is sent before the handshake is
  /// complete has no forward secrecy, and somebody on the way may have it read more than once.
  bool early_data = false;
};

class SessionCache;
class TicketKeys;

struct ServerConfig;

/// Which configuration holds for a name that a client asks for.
class ConfigByName {
 public:
  ConfigByName() = default;
  virtual ~ConfigByName() = default;
  ConfigByName(const ConfigByName&) = delete;
  ConfigByName& operator=(const ConfigByName&) = delete;
  /// Null: the one that asks. Its own `by_name` is not looked at.
  virtual std::shared_ptr<const ServerConfig> find(std::string_view server_name) const = 0;
};

/// What a server allows. Plain data, shared by its connections.
struct ServerConfig {
  Policy policy = Policy::modern;
  ProtocolVersion max_version = ProtocolVersion::TLS_1_3;
  std::vector<NamedGroup> groups = default_groups();
  std::vector<CipherSuite> cipher_suites = default_cipher_suites();
  std::vector<SignatureScheme> signature_schemes = default_signature_schemes();  ///< of clients' certificates
  std::vector<std::string> alpn{};                                               ///< best first; empty: ALPN is ignored
  /// Used for our certificate, and offered for those of clients; empty: neither (TLS 1.3 alone).
  std::vector<CertificateCompression> certificate_compression = default_certificate_compression();
  /// As a client's.
  std::uint16_t record_size_limit = limits::inner_plaintext;
  RecordPadding padding{};
  RekeyAfter rekey_after{};
  /// Of the worker that these connections belong to; null: no tickets are made and none is taken.
  std::shared_ptr<TicketKeys> ticket_keys{};
  /// Of the same worker, for TLS 1.2 clients that know session IDs alone; null: they never resume.
  std::shared_ptr<SessionCache> session_cache{};
  std::size_t tickets = 2;  ///< for each full handshake of TLS 1.3; a resumed one gives back the one it took
  /// Keys that clients may show they know, instead of certificates of either end (TLS 1.3 alone).
  ExternalPsks external_psks{};
  /// Bytes of early data that a ticket may bring (0-RTT; RFC 8446, section 4.2.10); 0: none is taken. Whoever sets it
  /// answers EarlyDataWanted.
  std::uint32_t max_early_data_size = 0;
  /// Asked as soon as a ClientHello names a server, before anything is chosen; null: this configuration is for all.
  std::shared_ptr<const ConfigByName> by_name{};
};

}  // namespace padlock::tls
