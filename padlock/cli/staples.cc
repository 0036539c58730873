#include "padlock/cli/staples.h"

#include <algorithm>
#include <array>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/cli/rules.h"
#include "padlock/client/certificate_urls.h"
#include "padlock/crypto/hash.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/clock.h"
#include "padlock/x509/limits.h"
#include "padlock/x509/revocation_status.h"

namespace padlock::cli {
namespace {

/// For name, connection and answer of a responder: nobody waits for it.
constexpr std::chrono::seconds patience{20};
/// Until a question that failed is asked again; twice as long each time, ...
constexpr std::chrono::seconds first_retry{5};
/// ... up to this power of two: about an hour and a half.
constexpr unsigned most_doublings = 10;

std::string name_of(const StapleSubject& subject) { return subject.leaf->subject.short_text(); }

}  // namespace

std::optional<StapleSubject> staple_subject(const tls::Credential& credential) {
  auto leaf = x509::parse_certificate(credential.chain.front());
  if (!leaf) return std::nullopt;
  StapleSubject subject{*std::move(leaf), nullptr, {}};
  if (credential.chain.size() > 1) {
    auto issuer = x509::parse_certificate(credential.chain[1]);
    if (issuer) subject.issuer = *std::move(issuer);
  }
  const auto found = std::ranges::find_if(
      subject.leaf->ocsp_urls, [](const std::string& url) { return to_lower_ascii(url).starts_with("http://"); });
  if (found != subject.leaf->ocsp_urls.end()) subject.responder = *found;
  return subject;
}

WallTime refresh_time(const x509::RevocationStatus& status, std::uint8_t draw) {
  const auto life = std::chrono::floor<std::chrono::seconds>(*status.next_update - *status.this_update);
  return *status.this_update + life / 2 + life * draw / 2560;
}

Staples::Staples(std::optional<std::filesystem::path> directory, crypto::Provider& provider)
    : directory_(std::move(directory)), provider_(&provider) {}

std::filesystem::path Staples::file_of(const StapleSubject& subject) const {
  const auto digest = crypto::hash_of(crypto::HashAlgorithm::sha256, subject.leaf->der);
  return *directory_ / "staples" / (to_hex(digest) + ".ocsp");
}

/// What was kept from before counts if it is still good.
Staples::Kept& Staples::kept(const StapleSubject& subject, WallTime now) {
  const auto [at, is_new] = kept_.try_emplace(subject.leaf->der);
  if (!is_new || !directory_) return at->second;
  const auto stored = net::read_file(file_of(subject), x509::max_ocsp_response_bytes);
  if (stored) static_cast<void>(judge(subject, *stored, now, at->second));  // else one is asked for
  return at->second;
}

std::vector<std::uint8_t> Staples::find(const StapleSubject& subject, WallTime now) {
  const Kept& found = kept(subject, now);
  return found.response.empty() || now >= found.next_update ? std::vector<std::uint8_t>() : found.response;
}

bool Staples::is_due(const StapleSubject& subject, WallTime now) { return now >= kept(subject, now).due; }

const Error* Staples::trouble(const StapleSubject& subject) const {
  const auto found = kept_.find(subject.leaf->der);
  return found == kept_.end() || !found->second.trouble ? nullptr : &*found->second.trouble;
}

Result<void> Staples::judge(const StapleSubject& subject, Bytes response, WallTime now, Kept& kept) {
  if (!subject.issuer)
    return broken(rules::no_staple, "the file of " + name_of(subject) + " lacks the certificate of its issuer");
  const auto parsed = PADLOCK_TRY(x509::parse_ocsp_response(response));
  const auto status = x509::check_ocsp_response(parsed, *subject.leaf, *subject.issuer, now, *provider_);
  if (status.state != x509::RevocationState::good) {
    const std::string why = status.why ? status.why->what : std::string(x509::name_of(status.state));
    return broken(rules::no_staple, "what the responder says of " + name_of(subject) + " is not stapled: " + why);
  }
  std::array<std::uint8_t, 1> draw{};
  PADLOCK_TRY(provider_->random(draw));
  kept.response.assign(response.begin(), response.end());
  kept.next_update = *status.next_update;
  kept.due = refresh_time(status, draw[0]);
  return {};
}

Result<void> Staples::take(const StapleSubject& subject, Bytes response, WallTime now) {
  Kept& kept = this->kept(subject, now);
  if (auto judged = judge(subject, response, now, kept); !judged)
    return failed(subject, std::move(judged).error(), now);
  // A responder may repeat what it has said until it says something new.
  kept.due = std::max(kept.due, now + first_retry);
  kept.failures = 0;
  kept.trouble.reset();
  return {};
}

Result<void> Staples::store(const StapleSubject& subject, Bytes response) const {
  if (!directory_) return {};
  PADLOCK_TRY(net::make_private_directory(*directory_ / "staples"));
  return net::write_file_atomically(file_of(subject), response, net::private_file_mode);
}

Result<void> Staples::failed(const StapleSubject& subject, Error error, WallTime now) {
  Kept& kept = this->kept(subject, now);
  kept.due = now + first_retry * (1U << std::min(kept.failures++, most_doublings));
  kept.trouble = error;
  return std::unexpected(std::move(error));
}

net::Awaitable<Result<void>> Staples::ask(StapleSubject subject) {
  const WallTime before = net::now().wall;
  if (!subject.issuer) co_return take(subject, {}, before);  // says so
  auto urls = client::CertificateUrls::of_our_own(net::deadline_in(patience));
  client::UrlQuestion question{.url = subject.responder,
                               .most_bytes = x509::max_ocsp_response_bytes,
                               .body = x509::make_ocsp_request(*subject.leaf, *subject.issuer),
                               .content_type = "application/ocsp-request"};
  auto answer = co_await urls.ask(std::move(question));
  const WallTime now = net::now().wall;
  if (answer) {
    auto taken = take(subject, answer->body, now);
    PADLOCK_CO_TRY(taken);
    auto stored = store(subject, answer->body);
    if (!stored) kept(subject, now).trouble = stored.error();  // it is stapled all the same
    co_return stored;
  }
  co_return failed(subject,
                   {&rules::no_staple, "no OCSP response for " + name_of(subject) + " from " +
                                           escaped(subject.responder) + ": " + answer.error().what},
                   now);
}

}  // namespace padlock::cli
