#include "padlock/certs/acme_issuer.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "padlock/acme/identifier.h"
#include "padlock/base/text.h"
#include "padlock/der/pem.h"
#include "padlock/http/message/url.h"
#include "padlock/net/clock.h"
#include "padlock/tls/credential.h"

namespace padlock::certs {
namespace {

/// A stored account: directory and account URL, a line each, then the key as PEM. It holds no JSON, so that the key
/// passes through no parser's memory.
SecretBytes write_account(std::string_view directory, std::string_view url, const SecretBytes& key_pem) {
  const std::string head = std::string(directory) + "\n" + std::string(url) + "\n";
  std::vector<std::uint8_t> bytes(head.size() + key_pem.reveal().size());
  copy_bytes(key_pem.reveal(), copy_bytes(as_bytes(head), bytes));
  return SecretBytes(std::move(bytes));
}

struct StoredAccount {
  std::string directory, url;
  SecretBytes key_pem;
};
std::optional<StoredAccount> parse_account(Bytes value) {
  StoredAccount account;
  for (std::string* const line : {&account.directory, &account.url}) {
    const std::string_view text = as_text(value);
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    *line = text.substr(0, end);
    value = value.subspan(end + 1);
  }
  account.key_pem = SecretBytes({value.begin(), value.end()});
  return account;
}

}  // namespace

Result<std::string> ca_of_directory(std::string_view directory) {
  PADLOCK_TRY(acme::Origin::of(directory));
  const http::Url url = PADLOCK_TRY(http::parse_url(directory));
  std::string ca = url.host;
  std::ranges::replace(ca, ':', '_');  // of an IPv6 address
  return url.port == http::default_port("https") ? ca : ca + "_" + std::to_string(url.port);
}

Result<std::unique_ptr<AcmeIssuer>> AcmeIssuer::make(AcmeSettings settings, StoreFolder& store,
                                                     ChallengeAnswers& answers, crypto::Provider& provider) {
  std::string ca = PADLOCK_TRY(ca_of_directory(settings.directory));
  std::unique_ptr<AcmeIssuer> issuer(new AcmeIssuer(std::move(settings), std::move(ca), store, answers, provider));
  const AcmeSettings& own = issuer->settings_;
  issuer->wish_ = {.email = own.email, .terms_of_service_agreed = own.agree, .external = {}};
  if (!own.eab_key_identifier.empty()) {
    issuer->wish_.external = std::make_shared<const acme::ExternalAccount>(
        PADLOCK_TRY(acme::make_external_account(own.eab_key_identifier, own.eab_mac_key)));
  }
  return issuer;
}

// ---- the account ----------------------------------------------------------------------------------------------------

bool AcmeIssuer::has_account() const {
  const auto stored = store_->get(account_key());
  const auto account = stored && *stored ? parse_account((*stored)->reveal()) : std::nullopt;
  return account && account->directory == settings_.directory && !account->url.empty();
}

Result<AcmeClient*> AcmeIssuer::open() {
  if (std::exchange(forgotten_, false)) client_.reset();
  if (!client_) {
    client::TrustOptions trust;
    trust.ca_files = settings_.ca_files;
    client_.emplace(PADLOCK_TRY(open_session()), wish_, std::move(trust), *answers_);
  }
  return &*client_;
}

/// With the stored account, if it is one of this directory's, else with a new key, which is stored before it is used.
Result<acme::Session> AcmeIssuer::open_session() {
  const auto stored = PADLOCK_TRY(store_->get(account_key()));
  auto account = stored ? parse_account(stored->reveal()) : std::nullopt;
  const bool ours = account && account->directory == settings_.directory;
  if (ours) {
    auto key = PADLOCK_TRY(tls::parse_private_key(as_text(account->key_pem.reveal()), *provider_));
    auto session =
        PADLOCK_TRY(acme::Session::make(settings_.directory, PADLOCK_TRY(acme::AccountKey::make(std::move(key)))));
    if (!account->url.empty()) PADLOCK_TRY(session.set_account_url(account->url));
    key_pem_ = std::move(account->key_pem);
    kept_url_ = std::move(account->url);
    return session;
  }
  auto made = PADLOCK_TRY(provider_->generate_private_key(crypto::KeyKind::ecdsa_p256));
  key_pem_ = der::write_secret_pem("PRIVATE KEY", made.pkcs8.reveal());
  PADLOCK_TRY(keep_account(key_pem_, ""));
  return acme::Session::make(settings_.directory, PADLOCK_TRY(acme::AccountKey::make(std::move(made.key))));
}

Result<void> AcmeIssuer::keep_account(const SecretBytes& key_pem, std::string_view url) {
  PADLOCK_TRY(store_->put(account_key(), write_account(settings_.directory, url, key_pem).reveal()));
  kept_url_ = url;
  return {};
}

Result<void> AcmeIssuer::keep_account_of(const acme::Session& session) {
  if (session.account_url() == kept_url_) return {};
  return keep_account(key_pem_, session.account_url());
}

Result<std::string> stored_account_url(const AcmeSettings& settings, StoreFolder& store) {
  const auto stored = PADLOCK_TRY(store.get(account_key_at(PADLOCK_TRY(ca_of_directory(settings.directory)))));
  const auto account = stored ? parse_account(stored->reveal()) : std::nullopt;
  return account && account->directory == settings.directory ? account->url : "";
}

net::Awaitable<Result<acme::PersistentProof>> AcmeIssuer::persistent_proof() {
  auto client = open();
  PADLOCK_CO_TRY(client);
  acme::Introduction introduction;
  auto done = co_await (*client)->run(introduction);
  PADLOCK_CO_TRY(done);
  const acme::Session& session = (*client)->session();
  const auto kept = keep_account_of(session);
  PADLOCK_CO_TRY(kept);
  acme::PersistentProof proof{{}, session.account_url()};
  std::ranges::copy_if(session.directory()->caa_identities, std::back_inserter(proof.issuer_domain_names),
                       acme::is_issuer_domain_name);
  co_return proof;
}

// ---- orders ---------------------------------------------------------------------------------------------------------

net::Awaitable<Result<CertificateEntry>> AcmeIssuer::issue(const IssueRequest& request) {
  failure_ = {};
  auto identifiers = acme::make_identifiers(request.names);
  PADLOCK_CO_TRY(identifiers);
  auto client = open();
  PADLOCK_CO_TRY(client);
  auto made = provider_->generate_private_key(crypto::KeyKind::ecdsa_p256);  // fresh at each renewal
  PADLOCK_CO_TRY(made);
  const std::string profile = request.profile.empty() ? settings_.profile : request.profile;
  acme::OrderJob job({.identifiers = *std::move(identifiers),
                      .challenges = settings_.challenges,
                      .key = made->key,
                      .profile = profile,
                      .replaces = request.replaces,
                      .preferred_root = settings_.preferred_root},
                     *provider_);
  bool asked = false;
  AcmeClient::Guard guard = [&]() -> net::Awaitable<Result<void>> {
    const std::string* const order = job.finalized_order();
    if (order == nullptr || asked || !request.before_finalize) co_return Result<void>();
    asked = true;
    std::string url = *order;
    co_return co_await request.before_finalize(std::move(url));
  };
  auto done = co_await (*client)->run(job, std::move(guard));
  const auto kept = keep_account_of((*client)->session());
  PADLOCK_CO_TRY(kept);
  if (!done) failure_ = {(*client)->retry_after(), job.failed().size()};
  PADLOCK_CO_TRY(done);
  const auto ari_id = acme::renewal_identifier(job.chain()->leaf());
  co_return CertificateEntry{.chain_pem = job.chain()->pem(),
                             .key_pem = der::write_secret_pem("PRIVATE KEY", made->pkcs8.reveal()),
                             .issuer = settings_.directory,
                             .profile = profile,
                             .ari_id = ari_id.value_or(""),
                             .obtained = net::now().wall,
                             .names = request.names};
}

net::Awaitable<Result<AcmeIssuer::Renewal>> AcmeIssuer::ask_renewal(std::string ari_id) {
  auto client = open();
  PADLOCK_CO_TRY(client);
  acme::RenewalInquiry inquiry(std::move(ari_id));
  auto done = co_await (*client)->run(inquiry);
  PADLOCK_CO_TRY(done);
  co_return Renewal{*inquiry.info(), inquiry.ask_again_in()};
}

net::Awaitable<Result<void>> AcmeIssuer::revoke(const x509::Certificate& certificate, acme::RevocationReason reason) {
  auto client = open();
  PADLOCK_CO_TRY(client);
  acme::Revocation revocation(certificate.der, reason);
  co_return co_await (*client)->run(revocation);
}

net::Awaitable<Result<void>> AcmeIssuer::roll_key() {
  auto client = open();
  PADLOCK_CO_TRY(client);
  auto made = provider_->generate_private_key(crypto::KeyKind::ecdsa_p256);
  PADLOCK_CO_TRY(made);
  auto next = acme::AccountKey::make(made->key);
  PADLOCK_CO_TRY(next);
  acme::KeyRollover rollover(*std::move(next));
  auto done = co_await (*client)->run(rollover);
  PADLOCK_CO_TRY(done);
  key_pem_ = der::write_secret_pem("PRIVATE KEY", made->pkcs8.reveal());
  co_return keep_account(key_pem_, (*client)->session().account_url());
}

}  // namespace padlock::certs
