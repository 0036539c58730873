#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "padlock/client/certificate_urls.h"
#include "padlock/client/crlite_cache.h"
#include "padlock/client/evidence_store.h"
#include "padlock/client/fetch.h"
#include "padlock/net/tls_stream.h"
#include "padlock/x509/revocation.h"

namespace padlock::client {

/// Verifies the server's chain, or knows the verdict from the connection whose session is resumed; keeps both. Where
/// the chain alone does not tell, it looks further: at CRLite filters and what is kept from before, then at the URLs of
/// the certificates.
class ChainJudge final : public net::Responder {
 public:
  /// `authority`: "name:port", for sessions; `server`: where the connection goes.
  ChainJudge(std::shared_ptr<const Trust> trust, crypto::Provider& provider, const FetchOptions& options,
             std::string authority, const net::Endpoint& server, std::shared_ptr<const tls::Credential> credential);
  net::NowOrLater<tls::PeerVerified> verify(const tls::ChainVerificationWanted& question) override;
  /// Our own certificate, or null: there is none for this server.
  net::NowOrLater<std::shared_ptr<const tls::Credential>> certificate_for(const tls::CertificateWanted&) override {
    return Result<std::shared_ptr<const tls::Credential>>(credential_);
  }
  void keep(std::shared_ptr<const tls::ClientSession> session) override;
  /// The session to offer, while its leaf is valid.
  tls::Resumption resumption();
  /// `resumed`: the server took the session.
  const std::optional<x509::Verdict>& verdict(bool resumed);
  /// What people should know of the chain beside its verdict: "the server leaves out ...".
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  using Question = tls::ChainVerificationWanted;
  void judge(const Question& question, x509::RevocationMode mode);
  Result<tls::PeerVerified> answer();
  net::Awaitable<Result<tls::PeerVerified>> look_further(Question question);

  bool issuer_is_missing() const;
  net::Awaitable<void> find_issuers(const Question& question, CertificateUrls& urls);
  bool take_stored_issuers(const x509::Certificate& child);
  net::Awaitable<bool> fetch_issuer(const x509::Certificate& child, CertificateUrls& urls);

  bool filters_are_open() const;
  void ask_filters(const Question& question);
  bool revocation_is_open() const;
  net::Awaitable<void> find_revocation(CertificateUrls& urls);
  net::Awaitable<Result<void>> ask_about(const x509::Certificate& certificate, const x509::Certificate& issuer,
                                         CertificateUrls& urls);
  net::Awaitable<Result<void>> ask_list(std::string url, CertificateUrls& urls);
  net::Awaitable<Result<void>> ask_responder(std::string url, const x509::Certificate& certificate,
                                             const x509::Certificate& issuer, CertificateUrls& urls);
  void keep_intermediates() const;

  std::shared_ptr<const Trust> trust_;
  crypto::Provider& provider_;
  const FetchOptions& options_;
  std::string authority_;
  net::Endpoint server_;
  std::shared_ptr<const tls::Credential> credential_;
  std::optional<EvidenceStore> store_;  // nothing: there is no folder for it
  std::optional<CrliteCache> crlite_;   // nothing: there is none
  x509::RevocationEvidence evidence_;
  std::vector<std::shared_ptr<const x509::Certificate>> intermediates_;  // that the server did not send
  std::optional<x509::Verdict> verdict_;
  std::vector<std::string> notes_;
  std::optional<SessionStore::Entry> offered_;
};

}  // namespace padlock::client
