#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/tls/handshake/client_states.h"
#include "padlock/tls/handshake/outbox.h"
#include "padlock/tls/wire/certificate_authorities.h"

/// A client's own certificate, in both versions.
namespace padlock::tls::client {

/// The server's wish: our caller is asked, if it has certificates at all.
Requested requested(List<SignatureScheme> schemes, DistinguishedNames authorities, const Client& client, Outbox& out);

/// A certificate to show, and the scheme that its key will sign with.
struct OwnCertificate {
  std::shared_ptr<const Credential> credential;
  SignatureScheme scheme;
};
/// Nothing: there is none, or none that the server could check (RFC 8446, section 4.4.2.3).
std::optional<OwnCertificate> choose_own_certificate(const Requested& request, ProtocolVersion version,
                                                     const Outbox& out);

/// What our Certificate holds; nothing to show: nothing.
std::span<const std::vector<std::uint8_t>> chain_of(const std::optional<OwnCertificate>& shown);

// What the answers say.
Result<void> note(Answers& answers, PeerVerified proof);
Result<void> note(Answers& answers, crypto::SignatureCheckAnswer answer);
Result<void> note(Answers& answers, std::shared_ptr<const Credential> credential);

}  // namespace padlock::tls::client
