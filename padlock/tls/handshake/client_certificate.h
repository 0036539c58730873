#pragma once

#include <memory>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/tls/handshake/outbox.h"
#include "padlock/tls/handshake/server_states.h"

/// What a server makes of its client's certificate, in both versions.
namespace padlock::tls::server {

/// The chain that the client has shown, or none: fails if the site requires one. Otherwise our caller is asked about
/// it, and the leaf's key is what the client must sign with; null: there is none. (RFC 8446, section 4.4.2.4; RFC 5246,
/// section 7.4.6; docs/threats.md, T23)
Result<std::shared_ptr<const crypto::PublicKey>> take_chain(CertificateChain chain,
                                                            const ClientAuthentication& asks_client, Outbox& out);

/// A session's chain, which our caller judges as if it were shown again.
ClientProofs take_chain_of(const Session& session, Outbox& out);

Result<void> note(ClientProofs& proofs, PeerVerified proof);
Result<void> note(ClientProofs& proofs, crypto::SignatureCheckAnswer answer);

}  // namespace padlock::tls::server
