#include "padlock/tls/handshake/client_certificate.h"

#include <utility>

#include "padlock/tls/rules.h"

namespace padlock::tls::server {

Result<std::shared_ptr<const crypto::PublicKey>> take_chain(CertificateChain chain,
                                                            const ClientAuthentication& asks_client, Outbox& out) {
  if (chain.empty()) {
    if (!asks_client.required) return nullptr;
    return broken(out.info.version == ProtocolVersion::TLS_1_3 ? rules::client_certificate_required
                                                               : rules::client_certificate_required_12,
                  "the client has shown no certificate");
  }
  Leaf leaf = PADLOCK_TRY(read_leaf(chain.front(), out.provider));
  out.info.peer_chain = std::move(chain);
  ask_about_chain({}, std::move(leaf.certificate), out);
  return std::move(leaf.key);
}

ClientProofs take_chain_of(const Session& session, Outbox& out) {
  out.info.peer_chain = session.peer_chain;
  if (out.info.peer_chain.empty()) return {};
  ask_about_chain({}, nullptr, out);
  return {.chain_wanted = true};
}

Result<void> note(ClientProofs& proofs, PeerVerified proof) {
  proofs.given.chain = proof;
  return {};
}

Result<void> note(ClientProofs& proofs, crypto::SignatureCheckAnswer answer) {
  proofs.given.signature = PADLOCK_TRY(check_signature_answer(answer, Sender::client));
  return {};
}

}  // namespace padlock::tls::server
