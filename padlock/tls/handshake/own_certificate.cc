#include "padlock/tls/handshake/own_certificate.h"

#include <utility>

#include "padlock/tls/handshake/choose.h"
#include "padlock/tls/handshake/server_checks.h"

namespace padlock::tls::client {

Requested requested(List<SignatureScheme> schemes, DistinguishedNames authorities, const Client& client, Outbox& out) {
  const bool asks = client.config.certificates;
  if (asks) out.ask_certificate(out.info.server_name, schemes, std::move(authorities));
  return {.schemes = std::move(schemes), .compressions = {}, .answered = !asks, .credential = nullptr};
}

std::optional<OwnCertificate> choose_own_certificate(const Requested& request, ProtocolVersion version,
                                                     const Outbox& out) {
  constexpr std::string_view what = "client_certificate";
  if (request.credential == nullptr) {
    out.chose(what, "none", "there is none for this server");
    return std::nullopt;
  }
  const auto scheme = choose_scheme(request.credential->key->schemes(), request.schemes, version);
  if (!scheme) {
    out.chose(what, "none", "the server accepts no scheme that its key makes");
    return std::nullopt;
  }
  out.chose(what, crypto::name_of(scheme->value), "it is the first scheme of its key that the server accepts");
  return OwnCertificate{request.credential, scheme->value};
}

std::span<const std::vector<std::uint8_t>> chain_of(const std::optional<OwnCertificate>& shown) {
  if (!shown) return {};
  return shown->credential->chain;
}

Result<void> note(Answers& answers, PeerVerified proof) {
  answers.server.chain = proof;
  return {};
}

Result<void> note(Answers& answers, crypto::SignatureCheckAnswer answer) {
  answers.server.signature = PADLOCK_TRY(check_signature_answer(answer, Sender::server));
  return {};
}

Result<void> note(Answers& answers, std::shared_ptr<const Credential> credential) {
  if (credential != nullptr) PADLOCK_TRY(check_credential(credential.get()));
  answers.request->answered = true;
  answers.request->credential = std::move(credential);
  return {};
}

}  // namespace padlock::tls::client
