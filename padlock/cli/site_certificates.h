#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/ca/local_ca.h"
#include "padlock/cli/acme_service.h"
#include "padlock/cli/staples.h"
#include "padlock/crypto/provider.h"
#include "padlock/server/config/config.h"
#include "padlock/server/credentials.h"
#include "padlock/tls/types.h"

namespace padlock::cli {

/// The local CA of this user as a source of certificates for sites: opened, or made, when the first one needs it.
class LocalIssuer {
 public:
  explicit LocalIssuer(crypto::Provider& provider) : provider_(&provider) {}

  /// What the CA has for these names, or makes. Errors: rules::no_state_directory, those of LocalCa.
  struct Issued {
    std::vector<server::SiteCredential> credentials;
    WallTime renew_at{}, not_after{};
  };
  Result<Issued> issue(const std::vector<std::string>& names, tls::Policy policy);
  /// The CA's response for one of its certificates, by itself. Errors: those of LocalCa.
  Result<std::vector<std::uint8_t>> answer_ocsp(const StapleSubject& subject);
  /// Differs when something was issued, revoked or renewed since; empty while the CA is not open.
  std::string state_of_files() const { return ca_ ? ca_->state_of_files() : std::string(); }
  /// Once it is open: the file of its root.
  const std::filesystem::path& root_file() const { return root_file_; }

 private:
  Result<void> open();
  Result<server::SiteCredential> issue(const std::vector<std::string>& names, ca::LeafKey key, Issued& issued);

  crypto::Provider* provider_;
  std::optional<ca::LocalCa> ca_;
  std::filesystem::path root_file_;
  std::optional<ca::StatusAnswers> answers_;
  std::string answers_state_;  ///< state_of_files when they were made
  std::size_t told_ = 0;       ///< notices that were printed
};

/// The certificates of one site, kept as they should be: read again when their files change, or those that its clients'
/// are judged by, or issued by the local CA
/// and replaced when they are due or revoked, or had by ACME.
class SiteCertificates {
 public:
  /// Issuer and `acme` outlive it; `acme` is null where no site is certified so. A site that waits for its first
  /// certificate has none yet. Errors: those of files, credentials and the issuer.
  static Result<SiteCertificates> open(const server::SiteConfig& site, tls::Policy policy, LocalIssuer& issuer,
                                       AcmeService* acme, crypto::Provider& provider);

  const std::shared_ptr<server::Credentials>& credentials() const { return credentials_; }
  /// Looks whether a replacement is due, and puts it in place. `ca_changed`: something was issued or revoked by the
  /// local CA since the last look. Error: what is there serves on.
  Result<void> renew(bool ca_changed);
  /// Shows clients the OCSP responses that are good now, from the next handshake on. Errors: those of Credentials.
  Result<void> staple(Staples& staples);
  /// Asks for those that are due.
  net::Awaitable<void> ask_for_staples(Staples& staples);
  /// Why some were not had.
  std::vector<Error> staple_troubles(const Staples& staples) const;
  /// Certificates that clients refuse without an OCSP response (RFC 7633), while there is none: a line each.
  std::vector<std::string> missing_staples() const;
  /// Ports of the responders that may be asked.
  std::vector<std::uint16_t> responder_ports() const;
  /// Where they come from: a line each.
  const std::string& description() const { return description_; }

 private:
  SiteCertificates(server::SiteConfig site, tls::Policy policy, LocalIssuer& issuer, AcmeService* acme,
                   crypto::Provider& provider)
      : site_(std::move(site)), policy_(policy), issuer_(&issuer), acme_(acme), provider_(&provider) {}
  Result<std::vector<server::SiteCredential>> load();
  Result<std::vector<server::SiteCredential>> make(std::string& description);
  bool is_due(bool ca_changed) const;
  std::string state_of_files() const;
  void note_subjects();
  bool is_asked_for(const StapleSubject& subject) const { return site_.staple && !subject.responder.empty(); }

  server::SiteConfig site_;
  tls::Policy policy_;
  LocalIssuer* issuer_;
  AcmeService* acme_;
  std::uint64_t acme_version_ = 0;  ///< when it was asked last
  crypto::Provider* provider_;
  std::shared_ptr<server::Credentials> credentials_;
  std::vector<std::optional<StapleSubject>> subjects_;  ///< of the credentials, in their order
  WallTime renew_at_{};
  std::string description_;
  std::string files_;  ///< state_of_files when they were loaded
};

/// The certificates that the configuration of a site names, in its order. Errors: those of server::load_credential.
Result<std::vector<server::SiteCredential>> load_files(const server::SiteConfig& site, crypto::Provider& provider);

}  // namespace padlock::cli
