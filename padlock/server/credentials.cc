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

/// The first that holds `name` and can sign; without one that can, the first that holds it.
std::shared_ptr<const tls::Credential> find(const std::vector<SiteCredential>& sites, std::string_view name,
                                            std::span<const tls::SignatureScheme> schemes) {
  std::shared_ptr<const tls::Credential> first;
  for (const SiteCredential& site : sites) {
    if (!site.names.hold(name)) continue;
    if (can_sign(site, schemes)) return site.credential;
    if (!first) first = site.credential;
  }
  return first;
}

Result<void> check(const std::vector<SiteCredential>& sites, const std::optional<std::string>& fallback) {
  const auto has_no_names = [](const SiteCredential& site) { return site.names.empty(); };
  if (sites.empty() || std::ranges::any_of(sites, has_no_names))
    return broken(rules::no_names, "a certificate without a name to serve");
  const auto holds_fallback = [&](const SiteCredential& site) { return site.names.hold(*fallback); };
  if (fallback && std::ranges::none_of(sites, holds_fallback))
    return broken(rules::fallback_unknown, "no certificate holds " + escaped(*fallback));
  return {};
}

}  // namespace

Result<std::shared_ptr<Credentials>> Credentials::make(std::vector<SiteCredential> sites,
                                                       std::optional<std::string> fallback) {
  std::shared_ptr<Credentials> credentials(new Credentials(std::move(fallback)));  // the constructor is private
  PADLOCK_TRY(credentials->replace(std::move(sites)));
  return credentials;
}

Result<void> Credentials::replace(std::vector<SiteCredential> sites) {
  PADLOCK_TRY(check(sites, fallback_));
  auto next = std::make_shared<const std::vector<SiteCredential>>(std::move(sites));
  const std::scoped_lock lock(mutex_);
  sites_ = std::move(next);
  return {};
}

Credentials::Sites Credentials::sites() const {
  const std::scoped_lock lock(mutex_);
  return sites_;
}

Result<std::shared_ptr<const tls::Credential>> Credentials::choose(
    const std::optional<std::string>& server_name, const x509::IpAddress& local_address,
    std::span<const tls::SignatureScheme> schemes) const {
  const Sites now = sites();
  if (auto found = find(*now, server_name ? *server_name : x509::to_string(local_address), schemes)) return found;
  if (!server_name && fallback_) return find(*now, *fallback_, schemes);
  if (server_name) return broken(rules::unknown_server_name, "the client asks for " + escaped(*server_name));
  return broken(rules::no_server_name,
                "the client names no server, and connected to " + x509::to_string(local_address));
}

Names Credentials::names() const {
  std::vector<std::string> all;
  for (const SiteCredential& site : *sites()) {
    std::ranges::copy_if(site.names.all(), std::back_inserter(all),
                         [&](const std::string& name) { return std::ranges::find(all, name) == all.end(); });
  }
  return Names(std::move(all));
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

Result<SiteCredential> load_credential(const std::filesystem::path& certificate_file,
                                       const std::filesystem::path& key_file, crypto::Provider& provider) {
  auto [leaf, credential] = PADLOCK_TRY(net::load_credential(certificate_file, key_file, provider));
  Names names(names_of(*leaf));
  if (names.empty())
    return broken(rules::certificate_without_names, certificate_file.string() + " holds neither DNS name nor address");
  return make_site_credential(std::move(names), std::move(credential));
}

}  // namespace padlock::server
