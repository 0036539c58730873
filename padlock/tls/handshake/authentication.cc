#include "padlock/tls/handshake/authentication.h"

#include <algorithm>
#include <string>

#include "padlock/crypto/signature.h"
#include "padlock/tls/handshake/choose.h"
#include "padlock/tls/rules.h"

namespace padlock::tls {

Result<Leaf> read_leaf(Bytes leaf, crypto::Provider& provider) {
  auto certificate = PADLOCK_TRY(x509::parse_certificate(leaf));
  auto key = PADLOCK_TRY(provider.make_public_key(certificate->public_key));
  return Leaf{std::move(certificate), std::move(key)};
}

CertificateChain chain_of(Certificate& certificate) {
  CertificateChain::Certificates chain;
  chain.reserve(certificate.certificate_list.size());
  for (CertificateEntry& entry : certificate.certificate_list) chain.push_back(std::move(entry.cert_data));
  return chain;
}

void ask_about_chain(std::string server_name, std::shared_ptr<const x509::Certificate> leaf, Outbox& out) {
  out.ask_chain_verification({.id = {},
                              .server_name = std::move(server_name),
                              .chain = out.info.peer_chain,
                              .leaf = std::move(leaf),
                              .ocsp_staple = {},
                              .signed_certificate_timestamps = {}});
}

Result<void> check_certificate(const Certificate& certificate, std::span<const ExtensionType> offered) {
  if (!certificate.certificate_request_context.empty()) {
    return broken(
        rules::certificate_context_not_empty,
        "Certificate has a context of " + std::to_string(certificate.certificate_request_context.size()) + " bytes");
  }
  for (const CertificateEntry& entry : certificate.certificate_list) {
    PADLOCK_TRY(check_extensions_belong(entry.extension_types, ExtensionPlace::certificate));
    PADLOCK_TRY(check_extensions_were_offered(entry.extension_types, offered, ExtensionPlace::certificate));
  }
  return {};
}

Result<SignatureVerified> check_signature_answer(crypto::SignatureCheckAnswer answer, Sender signer) {
  const auto verified = SignatureVerified::from(answer);
  if (verified) return *verified;
  return broken(rules::signature_wrong, std::string("the ") + (signer == Sender::server ? "server" : "client") +
                                            "'s signature over the handshake is wrong");
}

Result<void> check_signature_scheme(SignatureScheme scheme, std::span<const SignatureScheme> offered,
                                    const crypto::PublicKey& key, ProtocolVersion version) {
  const std::string name(crypto::name_of(scheme));
  if (!may_sign_handshake(scheme, version) || std::ranges::find(offered, scheme) == offered.end()) {
    return broken(rules::scheme_not_offered,
                  "the peer signed with " + name + " (" + std::to_string(static_cast<unsigned>(scheme)) + ")");
  }
  // In TLS 1.2 a scheme names the hash and the kind of key, in TLS 1.3 the curve too.
  const bool fits = version == ProtocolVersion::TLS_1_3 ? crypto::fits(scheme, key.parts())
                                                        : crypto::fits_any_curve(scheme, key.parts());
  if (fits) return {};
  return broken(rules::scheme_does_not_fit_key, "the peer signed with " + name + ", its key is of another kind");
}

}  // namespace padlock::tls
