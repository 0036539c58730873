#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/tls/events.h"
#include "padlock/tls/handshake/outbox.h"
#include "padlock/tls/observer.h"
#include "padlock/tls/wire/certificate.h"
#include "padlock/x509/certificate.h"

/// How either end learns who the other is: by a chain that our caller judges, and a signature over the handshake.
namespace padlock::tls {

/// A proof that somebody checked the peer's signature over the handshake: only the answer to our question makes one.
class SignatureVerified {
 public:
  static std::optional<SignatureVerified> from(crypto::SignatureCheckAnswer answer) {
    return answer.good ? std::optional(SignatureVerified()) : std::nullopt;
  }
  /// Static RSA has no signature: the server's Finished shows that it could decrypt (RFC 5246, appendix F.1.1.2).
  static SignatureVerified left_to_finished() { return {}; }

 private:
  SignatureVerified() = default;
};

/// The two answers without which nobody is known.
struct Authentication {
  std::optional<PeerVerified> chain;
  std::optional<SignatureVerified> signature;
  bool complete() const { return chain && signature; }
};

/// The peer's own certificate, and its public key.
struct Leaf {
  std::shared_ptr<const x509::Certificate> certificate;
  std::shared_ptr<const crypto::PublicKey> key;
};
/// Errors: those of parsing a certificate and of making a key.
Result<Leaf> read_leaf(Bytes leaf, crypto::Provider& provider);

/// The certificates of a Certificate, which are moved out of it.
CertificateChain chain_of(Certificate& certificate);

/// Asks our caller about `out.info.peer_chain`, beside which nothing was sent or is known any more. `server_name`: that
/// a client wants; a server's is empty. `leaf`: null, if the chain is a session's.
void ask_about_chain(std::string server_name, std::shared_ptr<const x509::Certificate> leaf, Outbox& out);

/// RFC 8446, section 4.4.2: a Certificate of the handshake answers no context. `offered`: extensions that may stand
/// beside a certificate.
Result<void> check_certificate(const Certificate& certificate, std::span<const ExtensionType> offered);

/// Fails with `rules::signature_wrong`. `signer`: whose signature it is.
Result<SignatureVerified> check_signature_answer(crypto::SignatureCheckAnswer answer, Sender signer);

/// A scheme that a peer signed with: fails unless `offered` has it and `version` allows it in a handshake
/// (`rules::scheme_not_offered`), and it is for this key (`rules::scheme_does_not_fit_key`; RFC 8446, section 4.4.3;
/// RFC 5246, section 7.4.8).
Result<void> check_signature_scheme(SignatureScheme scheme, std::span<const SignatureScheme> offered,
                                    const crypto::PublicKey& key, ProtocolVersion version);

}  // namespace padlock::tls
