#include "padlock/cli/site_certificates.h"

#include <utility>

#include "padlock/base/lists.h"
#include "padlock/base/text.h"
#include "padlock/ca/limits.h"
#include "padlock/cli/command.h"
#include "padlock/cli/rules.h"
#include "padlock/client/trust.h"
#include "padlock/client/verdict.h"
#include "padlock/http/message/url.h"
#include "padlock/net/clock.h"
#include "padlock/net/file_state.h"
#include "padlock/server/site.h"

namespace padlock::cli {
Result<std::vector<server::SiteCredential>> load_files(const server::SiteConfig& site, crypto::Provider& provider) {
  std::vector<server::SiteCredential> loaded;
  loaded.reserve(site.files.size());
  for (const server::CertificateFiles& files : site.files)
    loaded.push_back(PADLOCK_TRY(server::load_credential(files.certificate, files.key, provider)));
  return loaded;
}

// ---- the local CA ---------------------------------------------------------------------------------------------------

Result<void> LocalIssuer::open() {
  const auto directory = client::state_directory();
  if (!directory) return broken(rules::no_state_directory, "there is no place for the local CA");
  ca_ = PADLOCK_TRY(ca::LocalCa::open_or_create(*directory, *provider_, net::now().wall));
  root_file_ = *directory / "ca" / "root.pem";
  return {};
}

Result<LocalIssuer::Issued> LocalIssuer::issue(const std::vector<std::string>& names, tls::Policy policy) {
  if (!ca_) PADLOCK_TRY(open());
  Issued issued;
  issued.credentials.push_back(PADLOCK_TRY(issue(names, ca::LeafKey::ecdsa, issued)));
  // Old key exchanges need a key that is old.
  if (policy == tls::Policy::legacy) issued.credentials.push_back(PADLOCK_TRY(issue(names, ca::LeafKey::rsa, issued)));
  return issued;
}

Result<server::SiteCredential> LocalIssuer::issue(const std::vector<std::string>& names, ca::LeafKey key,
                                                  Issued& issued) {
  auto leaf = PADLOCK_TRY(ca_->issue(names, net::now().wall, key));
  for (; told_ < ca_->notices().size(); ++told_) print_error(ca_->notices()[told_]);
  issued.renew_at = leaf.renew_at;
  issued.not_after = leaf.not_after;
  const auto certificate = PADLOCK_TRY(x509::parse_certificate(leaf.credential.chain.front()));
  return server::make_site_credential(server::Names(server::names_of(*certificate)), std::move(leaf.credential));
}

Result<std::vector<std::uint8_t>> LocalIssuer::answer_ocsp(const StapleSubject& subject) {
  if (!ca_) PADLOCK_TRY(open());
  const WallTime now = net::now().wall;
  const bool fresh = answers_ && now >= answers_->made_at() && now < answers_->made_at() + ca::answers_life;
  if (std::string state = ca_->state_of_files(); !fresh || state != answers_state_) {
    answers_ = PADLOCK_TRY(ca_->make_answers(now));
    answers_state_ = std::move(state);
  }
  const Bytes answer = answers_->answer_ocsp(x509::make_ocsp_request(*subject.leaf, *subject.issuer));
  return std::vector<std::uint8_t>(answer.begin(), answer.end());
}

// ---- a site ---------------------------------------------------------------------------------------------------------

Result<SiteCertificates> SiteCertificates::open(const server::SiteConfig& site, tls::Policy policy, LocalIssuer& issuer,
                                                AcmeService* acme, crypto::Provider& provider) {
  SiteCertificates certificates(site, policy, issuer, acme, provider);
  auto loaded = PADLOCK_TRY(certificates.load());
  certificates.credentials_ =
      loaded.empty() ? server::Credentials::pending() : PADLOCK_TRY(server::Credentials::make(std::move(loaded)));
  certificates.files_ = certificates.state_of_files();
  certificates.note_subjects();
  return certificates;
}

Result<std::vector<server::SiteCredential>> SiteCertificates::load() {
  auto loaded = PADLOCK_TRY(load_files(site_, *provider_));
  std::string description;
  for (std::size_t at = 0; at < loaded.size(); ++at) {
    description += "certificate for " + list_of(loaded[at].names.all()) + " from " +
                   escaped(site_.files[at].certificate.native()) + "\n";
  }
  if (loaded.empty()) loaded = PADLOCK_TRY(make(description));
  if (site_.clients) {
    const auto clients = PADLOCK_TRY(server::ClientAuthority::load(*site_.clients, *provider_));
    for (server::SiteCredential& one : loaded) one = server::with_clients(std::move(one), clients);
  }
  description_ = std::move(description);
  return loaded;
}

/// By ACME, if there is one yet, else by the local CA.
Result<std::vector<server::SiteCredential>> SiteCertificates::make(std::string& description) {
  if (site_.acme && acme_ != nullptr) {
    acme_version_ = acme_->version();
    auto found = PADLOCK_TRY(acme_->find(site_.names));
    if (!found) {
      description = "the certificate for " + list_of(server::Names(site_.names).all()) + " by " + escaped(acme_->ca()) +
                    " is being asked for\n";
      return std::vector<server::SiteCredential>();
    }
    description = "certificate for " + list_of(found->credential.names.all()) + " by " + escaped(found->ca) + "\n";
    return std::vector{std::move(found->credential)};
  }
  auto issued = PADLOCK_TRY(issuer_->issue(site_.names, policy_));
  renew_at_ = issued.renew_at;
  description = "certificate for " + list_of(issued.credentials.front().names.all()) +
                " by the Padlock local CA, valid until " + client::minute_text(issued.not_after) + "\n";
  return std::move(issued.credentials);
}

std::string SiteCertificates::state_of_files() const {
  std::string state;
  for (const server::CertificateFiles& files : site_.files)
    state += net::state_of_file(files.certificate) + net::state_of_file(files.key);
  if (!site_.clients) return state;
  for (const auto* const list : {&site_.clients->authorities, &site_.clients->revocation_lists}) {
    for (const std::filesystem::path& file : *list) state += net::state_of_file(file);
  }
  return state;
}

bool SiteCertificates::is_due(bool ca_changed) const {
  if (!site_.files.empty()) return false;
  if (site_.acme && acme_ != nullptr) return acme_->version() != acme_version_;
  return ca_changed || net::now().wall >= renew_at_;
}

/// Files are often replaced one after the other: while a key does not fit its certificate, or one is missing, what was
/// read before serves on, and the next look tries again.
Result<void> SiteCertificates::renew(bool ca_changed) {
  std::string files = state_of_files();
  if (!is_due(ca_changed) && files == files_) return {};
  auto loaded = PADLOCK_TRY(load());
  if (loaded.empty()) return {};  // it waits for its first one
  const auto next = PADLOCK_TRY(server::Credentials::make(loaded));
  PADLOCK_TRY(server::check_certified(site_.names, next->names()));
  PADLOCK_TRY(credentials_->replace(std::move(loaded)));
  files_ = std::move(files);
  note_subjects();
  return {};
}

// ---- OCSP responses -------------------------------------------------------------------------------------------------

void SiteCertificates::note_subjects() {
  subjects_.clear();
  for (const server::SiteCredential& one : *credentials_->all()) subjects_.push_back(staple_subject(*one.credential));
}

Result<void> SiteCertificates::staple(Staples& staples) {
  const auto now = credentials_->all();
  std::vector<server::SiteCredential> next;
  for (std::size_t at = 0; at < subjects_.size(); ++at) {
    if (!subjects_[at] || !is_asked_for(*subjects_[at])) continue;
    auto response = staples.find(*subjects_[at], net::now().wall);
    if (response == (*now)[at].credential->ocsp_staple) continue;
    if (next.empty()) next = *now;
    next[at] = server::with_staple(std::move(next[at]), std::move(response));
  }
  return next.empty() ? Result<void>{} : credentials_->replace(std::move(next));
}

/// They may be replaced while a responder takes its time.
net::Awaitable<void> SiteCertificates::ask_for_staples(Staples& staples) {
  const auto subjects = subjects_;
  for (const auto& subject : subjects) {
    if (!subject || !is_asked_for(*subject) || !staples.is_due(*subject, net::now().wall)) continue;
    if (!site_.files.empty() || !subject->issuer) {
      const auto asked = co_await staples.ask(*subject);
      static_cast<void>(asked);  // staple_troubles tells
      continue;
    }
    const auto answer = issuer_->answer_ocsp(*subject);
    const WallTime now = net::now().wall;
    const auto taken = answer ? staples.take(*subject, *answer, now) : staples.failed(*subject, answer.error(), now);
    static_cast<void>(taken);  // as above
  }
}

std::vector<Error> SiteCertificates::staple_troubles(const Staples& staples) const {
  std::vector<Error> troubles;
  for (const auto& subject : subjects_) {
    if (!subject || !is_asked_for(*subject)) continue;
    if (const Error* const trouble = staples.trouble(*subject)) troubles.push_back(*trouble);
  }
  return troubles;
}

std::vector<std::string> SiteCertificates::missing_staples() const {
  std::vector<std::string> missing;
  const auto now = credentials_->all();
  for (std::size_t at = 0; at < subjects_.size(); ++at) {
    if (!subjects_[at] || !subjects_[at]->leaf->must_staple || !(*now)[at].credential->ocsp_staple.empty()) continue;
    missing.push_back("the certificate for " + list_of((*now)[at].names.all()) +
                      " demands an OCSP response beside it (must-staple, RFC 7633), and there is none" +
                      (is_asked_for(*subjects_[at]) ? " yet" : "") + ": clients refuse it");
  }
  return missing;
}

std::vector<std::uint16_t> SiteCertificates::responder_ports() const {
  std::vector<std::uint16_t> ports;
  for (const auto& subject : subjects_) {
    if (!subject || !is_asked_for(*subject)) continue;
    if (const auto url = http::parse_url(subject->responder)) ports.push_back(url->port);
  }
  return ports;
}

}  // namespace padlock::cli
