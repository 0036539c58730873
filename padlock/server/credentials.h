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
#include "padlock/server/names.h"
#include "padlock/tls/connection.h"
#include "padlock/x509/certificate.h"

namespace padlock::server {

/// A certificate chain with its key, and the names that its leaf holds.
struct SiteCredential {
  Names names;
  std::shared_ptr<const tls::Credential> credential;
};

/// A credential as connections share it, with its compressed forms: they are made here, once, not while a client waits.
SiteCredential make_site_credential(Names names, tls::Credential credential);

/// The certificates of a server, by name. Shared by all workers; replaced while it runs, when one is renewed.
class Credentials {
 public:
  /// `fallback`: a name of one of them, whose certificate is shown to clients that name no server.
  /// Errors: rules::no_names, ::fallback_unknown.
  static Result<std::shared_ptr<Credentials>> make(std::vector<SiteCredential> sites,
                                                   std::optional<std::string> fallback = std::nullopt);

  /// The certificate for a client (docs/threats.md, T29): the one that holds `server_name`, or without server_name the
  /// one that holds the local address, else the fallback's. Of several the first whose key can sign a handshake with
  /// one of `schemes`. Errors: rules::unknown_server_name, ::no_server_name.
  Result<std::shared_ptr<const tls::Credential>> choose(const std::optional<std::string>& server_name,
                                                        const x509::IpAddress& local_address,
                                                        std::span<const tls::SignatureScheme> schemes) const;

  /// Every name that a certificate holds, each once.
  Names names() const;
  /// Takes effect for the next handshake. Errors as of `make`; nothing is changed then.
  Result<void> replace(std::vector<SiteCredential> sites);

 private:
  using Sites = std::shared_ptr<const std::vector<SiteCredential>>;
  explicit Credentials(std::optional<std::string> fallback) : fallback_(std::move(fallback)) {}
  Sites sites() const;

  std::optional<std::string> fallback_;
  mutable std::mutex mutex_;  ///< held for the copy of a pointer
  Sites sites_;
};

/// A certificate chain and its private key from PEM files, as `--cert` and `--key` name them. The names are those of
/// the leaf's subjectAltName. Errors: rules::certificate_without_names, those of net's files and of tls/credential.h;
/// each names its file.
Result<SiteCredential> load_credential(const std::filesystem::path& certificate_file,
                                       const std::filesystem::path& key_file, crypto::Provider& provider);

/// DNS names and IP addresses of a certificate's subjectAltName, as text.
std::vector<std::string> names_of(const x509::Certificate& certificate);

}  // namespace padlock::server
