#include "padlock/server/credentials.h"

#include <algorithm>
#include <iterator>

#include "padlock/base/text.h"
#include "padlock/net/credential_files.h"
#include "padlock/server/limits.h"
#include "padlock/server/rules.h"
#include "padlock/tls/credential.h"
#include "padlock/tls/handshake/choose.h"

namespace padlock::server {
namespace {

bool can_sign(const SiteCredential& site, std::span<const tls::SignatureScheme> schemes) {
  return std::ranges::any_of(site.credential->key->schemes(), [&](tls::SignatureScheme own) {
    return tls::may_sign_handshake(own) && std::ranges::find(schemes, own) != schemes.end();
  });
}

}  // namespace

Result<std::shared_ptr<Credentials>> Credentials::make(std::vector<SiteCredential> all) {
  std::shared_ptr<Credentials> credentials(new Credentials());  // the constructor is private
  PADLOCK_TRY(credentials->replace(std::move(all)));
  return credentials;
}

std::shared_ptr<Credentials> Credentials::pending() {
  std::shared_ptr<Credentials> credentials(new Credentials());  // the constructor is private
  credentials->all_ = std::make_shared<const std::vector<SiteCredential>>();
  return credentials;
}

Result<void> Credentials::replace(std::vector<SiteCredential> all) {
  const auto has_no_names = [](const SiteCredential& one) { return one.names.empty(); };
  if (all.empty() || std::ranges::any_of(all, has_no_names))
    return broken(rules::no_names, "a certificate without a name to serve");
  auto next = std::make_shared<const std::vector<SiteCredential>>(std::move(all));
  const std::scoped_lock lock(mutex_);
  all_ = std::move(next);
  return {};
}

std::shared_ptr<const std::vector<SiteCredential>> Credentials::all() const {
  const std::scoped_lock lock(mutex_);
  return all_;
}

std::shared_ptr<const SiteCredential> Credentials::find(std::string_view name,
                                                        std::span<const tls::SignatureScheme> schemes) const {
  const All now = all();
  const SiteCredential* first = nullptr;
  for (const SiteCredential& one : *now) {
    if (!one.names.hold(name)) continue;
    if (can_sign(one, schemes)) return {now, &one};
    if (first == nullptr) first = &one;
  }
  return {now, first};
}

Names Credentials::names() const {
  const All now = all();
  std::vector<std::string> names;
  for (const SiteCredential& one : *now) {
    std::ranges::copy_if(one.names.all(), std::back_inserter(names),
                         [&](const std::string& name) { return std::ranges::find(names, name) == names.end(); });
  }
  return Names(std::move(names));
}

std::vector<std::string> names_of(const x509::Certificate& certificate) {
  std::vector<std::string> names;
  for (const x509::GeneralName& name : certificate.subject_alternative_names) {
    if (name.form == x509::GeneralNameForm::dNSName) names.emplace_back(as_text(name.value));
    if (name.form != x509::GeneralNameForm::iPAddress || name.value.size() > 16) continue;
    x509::IpAddress address{.bytes = {}, .length = name.value.size()};
    copy_bytes(name.value, address.bytes);
    names.push_back(x509::to_string(address));
  }
  return names;
}

SiteCredential make_site_credential(Names names, tls::Credential credential) {
  return {std::move(names), std::make_shared<const tls::Credential>(tls::add_compressed_forms(
                                std::move(credential), tls::default_certificate_compression()))};
}

SiteCredential with_clients(SiteCredential site, std::shared_ptr<const ClientAuthority> clients) {
  tls::Credential credential = *site.credential;
  credential.client_authentication = clients->asks();
  return {std::move(site.names), std::make_shared<const tls::Credential>(std::move(credential)), std::move(clients)};
}

SiteCredential with_staple(SiteCredential site, std::vector<std::uint8_t> response) {
  tls::Credential credential = *site.credential;
  credential.ocsp_staple = std::move(response);
  credential.compressed_forms.clear();  // they stand for messages without it
  SiteCredential made = make_site_credential(std::move(site.names), std::move(credential));
  made.clients = std::move(site.clients);
  return made;
}

Result<SiteCredential> load_credential(const std::filesystem::path& certificate_file,
                                       const std::filesystem::path& key_file, crypto::Provider& provider) {
  auto [leaf, credential] = PADLOCK_TRY(net::load_credential(certificate_file, key_file, provider));
  Names names(names_of(*leaf));
  if (names.empty())
    return broken(rules::certificate_without_names, certificate_file.string() + " holds neither DNS name nor address");
  return make_site_credential(std::move(names), std::move(credential));
}

}  // namespace padlock::server
