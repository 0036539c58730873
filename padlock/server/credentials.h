#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/server/client_authority.h"
#include "padlock/server/names.h"
#include "padlock/tls/connection.h"
#include "padlock/x509/certificate.h"

namespace padlock::server {

/// A certificate chain with its key, and the names that its leaf holds.
struct SiteCredential {
  Names names;
  std::shared_ptr<const tls::Credential> credential;
  std::shared_ptr<const ClientAuthority> clients{};  ///< who judges what clients show; null: they are asked for nothing
};

/// The same, for connections that take such clients.
SiteCredential with_clients(SiteCredential site, std::shared_ptr<const ClientAuthority> clients);

/// A credential as connections share it, with its compressed forms: they are made here, once, not while a client waits.
SiteCredential make_site_credential(Names names, tls::Credential credential);

/// The same, with this OCSP response beside the leaf; empty: without one.
SiteCredential with_staple(SiteCredential site, std::vector<std::uint8_t> response);

/// The certificates of a site. Shared by all workers; replaced while the server runs, when one is renewed.
class Credentials {
 public:
  /// Error: rules::no_names.
  static Result<std::shared_ptr<Credentials>> make(std::vector<SiteCredential> all);
  /// None yet: clients are refused until `replace`.
  static std::shared_ptr<Credentials> pending();

  /// The first that holds `name` and whose key can sign a handshake with one of `schemes`; without one that can, the
  /// first that holds it; null: none holds it.
  std::shared_ptr<const SiteCredential> find(std::string_view name,
                                             std::span<const tls::SignatureScheme> schemes) const;

  /// All of them, as they are now.
  std::shared_ptr<const std::vector<SiteCredential>> all() const;
  /// What clients are asked for now; null: nothing.
  std::shared_ptr<const tls::ClientAuthentication> client_authentication() const {
    const All now = all();
    return now->empty() ? nullptr : now->front().credential->client_authentication;
  }
  /// Every name that a certificate holds, each once.
  Names names() const;
  /// Takes effect for the next handshake. Errors as of `make`; nothing is changed then.
  Result<void> replace(std::vector<SiteCredential> all);

 private:
  using All = std::shared_ptr<const std::vector<SiteCredential>>;
  Credentials() = default;

  mutable std::mutex mutex_;  ///< held for the copy of a pointer
  All all_;
};

/// A certificate chain and its private key from PEM files, as `--cert` and `--key` name them. The names are those of
/// the leaf's subjectAltName. Errors: rules::certificate_without_names, those of net's files and of tls/credential.h;
/// each names its file.
Result<SiteCredential> load_credential(const std::filesystem::path& certificate_file,
                                       const std::filesystem::path& key_file, crypto::Provider& provider);

/// DNS names and IP addresses of a certificate's subjectAltName, as text.
std::vector<std::string> names_of(const x509::Certificate& certificate);

}  // namespace padlock::server
