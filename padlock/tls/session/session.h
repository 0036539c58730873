#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/reader.h"
#include "padlock/base/secret.h"
#include "padlock/base/writer.h"
#include "padlock/crypto/hkdf.h"
#include "padlock/tls/certificate_chain.h"
#include "padlock/tls/types.h"

namespace padlock::tls {

/// What a server must know of an earlier connection to go on from it: the content of a ticket (RFC 8446, section 4.6.1;
/// RFC 5077, section 4). It is bound to the name, the protocol and the client authentication that it was made under
/// (docs/threats.md, T26).
struct Session {
  ProtocolVersion version{};
  CipherSuite cipher_suite{};
  crypto::HashSecret secret{};          ///< TLS 1.3: the ticket's PSK; TLS 1.2: the master secret
  WallTime authenticated{};             ///< when the certificates were shown: resumption does not make that younger
  WallTime issued{};                    ///< when the ticket was made
  std::uint32_t ticket_age_add{};       ///< TLS 1.3
  std::uint32_t max_early_data_size{};  ///< bytes that the ticket may bring as early data
  std::optional<std::string> server_name{};
  std::optional<std::string> alpn{};
  std::string client_authentication{};  ///< what was asked of the client: binding_of the policy
  CertificateChain peer_chain{};        ///< the client's certificates

  /// A second owner of the secret, said aloud.
  Session duplicate() const;
};

/// No longer is it when it is written.
std::size_t written_size_limit(const Session& session);
/// In our own format, which only servers of one version of this program read.
void write_session(Writer& out, const Session& session);
Result<Session> parse_session(Reader in);

}  // namespace padlock::tls
