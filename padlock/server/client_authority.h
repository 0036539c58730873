#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/tls/config.h"
#include "padlock/tls/events.h"

namespace padlock::client {
struct Trust;
}

namespace padlock::server {

/// What a site asks of its clients, by the names of files.
struct ClientCertificatesConfig {
  std::vector<std::filesystem::path> authorities{};       ///< PEM: who may have issued them; at least one
  std::vector<std::filesystem::path> revocation_lists{};  ///< PEM or DER; none: nobody is asked about revocation
  bool required = true;                                   ///< else a client may come without a certificate
  friend bool operator==(const ClientCertificatesConfig&, const ClientCertificatesConfig&) = default;
};

/// Whom a site takes as its clients: what its handshakes ask for, and what certificates are judged by (docs/threats.md,
/// T23, T26, H7). Immutable; shared by all workers.
class ClientAuthority {
 public:
  /// Reads the files. Errors: those of client::load_trust, each with its file.
  static Result<std::shared_ptr<const ClientAuthority>> load(const ClientCertificatesConfig& config,
                                                             crypto::Provider& provider);

  /// For the site's credentials. Its policy names authorities and whether they are required.
  const std::shared_ptr<const tls::ClientAuthentication>& asks() const { return asks_; }
  /// Whether this client's chain is good for the site, at a first handshake or when a session goes on: for clientAuth
  /// (RFC 5280, section 4.2.1.12), and where the site has lists, none of its certificates revoked; one that no current
  /// list speaks of is refused. Errors: those of x509::verify_chain.
  Result<void> judge(const tls::ChainVerificationWanted& shown, WallTime now, crypto::Provider& provider) const;

 private:
  ClientAuthority(std::shared_ptr<const client::Trust> trust, std::shared_ptr<const tls::ClientAuthentication> asks);

  std::shared_ptr<const client::Trust> trust_;
  std::shared_ptr<const tls::ClientAuthentication> asks_;
};

/// Whether a client that was asked for what `a` says was asked for what `b` says: null asks for nothing.
bool ask_the_same(const tls::ClientAuthentication* a, const tls::ClientAuthentication* b);

}  // namespace padlock::server
