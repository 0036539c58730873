#include "padlock/client/chain_judge.h"

#include <algorithm>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/client/rules.h"
#include "padlock/net/clock.h"
#include "padlock/x509/crlite/status.h"
#include "padlock/x509/limits.h"
#include "padlock/x509/rules.h"

namespace padlock::client {
namespace {

std::optional<EvidenceStore> open_store(const FetchOptions& options) {
  const auto directory = state_directory_of(options.trust);
  return directory ? std::optional(EvidenceStore(*directory / "cache")) : std::nullopt;
}

std::optional<CrliteCache> find_filters(const RevocationOptions& options) {
  return options.mode == x509::RevocationMode::off ? std::nullopt : CrliteCache::find(options.crlite_folder);
}

bool by_plain_http(const std::string& url) { return to_lower_ascii(url).starts_with("http://"); }

/// The first URL that may be followed; nothing: there is none.
std::optional<std::string> first_url(const std::vector<std::string>& urls) {
  const auto found = std::ranges::find_if(urls, by_plain_http);
  return found == urls.end() ? std::nullopt : std::optional(*found);
}

bool can_be_asked_about(const x509::Certificate& certificate) {
  return first_url(certificate.crl_urls) || first_url(certificate.ocsp_urls);
}

/// Filters know certificates by their timestamps.
bool may_be_in_filters(const x509::Certificate& certificate, const x509::RevocationEvidence& evidence) {
  return !certificate.signed_certificate_timestamp_list.empty() &&
         std::ranges::find(evidence.filters, certificate.der, &x509::FilterStatus::certificate) ==
             evidence.filters.end();
}

/// Current, and not fetched too long ago.
bool is_fresh(const StoredList& stored, WallTime now) {
  const auto& next = stored.list->next_update;
  return next && now <= *next && now - stored.fetched < limits::list_refresh && stored.fetched <= now;
}

}  // namespace

ChainJudge::ChainJudge(std::shared_ptr<const Trust> trust, crypto::Provider& provider, const FetchOptions& options,
                       std::string authority, const net::Endpoint& server,
                       std::shared_ptr<const tls::Credential> credential)
    : trust_(std::move(trust)),
      provider_(provider),
      options_(options),
      authority_(std::move(authority)),
      server_(server),
      credential_(std::move(credential)),
      store_(open_store(options)),
      crlite_(find_filters(options.revocation)) {
  evidence_.lists = trust_->lists;
}

/// What can be decided without the disk and the network is decided at once.
net::NowOrLater<tls::PeerVerified> ChainJudge::verify(const Question& question) {
  evidence_.staple = question.ocsp_staple;
  judge(question, options_.revocation.mode);
  if (issuer_is_missing() || filters_are_open() || revocation_is_open()) return look_further(question);
  return answer();
}

void ChainJudge::judge(const Question& question, x509::RevocationMode mode) {
  verdict_ = x509::verify_chain({.chain = question.chain,
                                 .leaf = question.leaf,
                                 .server_name = question.server_name,
                                 .now = net::now().wall,
                                 .key_usage = question.key_usage,
                                 .known_intermediates = intermediates_,
                                 .revocation = mode,
                                 .evidence = &evidence_},
                                trust_->store, provider_);
}

Result<tls::PeerVerified> ChainJudge::answer() {
  if (options_.observer != nullptr) options_.observer->verdict(*verdict_);
  if (verdict_->trusted) {
    keep_intermediates();
    return tls::PeerVerified::by_caller();
  }
  if (options_.trust.dangerous_accept_any_certificate) return tls::PeerVerified::dangerous_unverified();
  return std::unexpected(*verdict_->error);
}

net::Awaitable<Result<tls::PeerVerified>> ChainJudge::look_further(Question question) {
  CertificateUrls urls(server_, net::deadline_in(limits::certificate_fetch_time));
  if (issuer_is_missing()) co_await find_issuers(question, urls);
  ask_filters(question);
  if (revocation_is_open()) {
    co_await find_revocation(urls);
    judge(question, options_.revocation.mode);
  }
  co_return answer();
}

// Incomplete chains: who signed the last certificate is neither in the chain nor trusted.

bool ChainJudge::issuer_is_missing() const {
  return !verdict_->trusted && verdict_->error->rule == &x509::rules::unknown_issuer &&
         verdict_->telling_path() != nullptr;
}

/// One certificate after the other, as long as each brings the chain further.
net::Awaitable<void> ChainJudge::find_issuers(const Question& question, CertificateUrls& urls) {
  while (issuer_is_missing()) {
    const auto last = verdict_->telling_path()->certificates.back();
    bool found = take_stored_issuers(*last);
    if (!found) found = co_await fetch_issuer(*last, urls);
    if (!found) co_return;
    judge(question, options_.revocation.mode);
  }
}

/// False: nothing new is kept of that name.
bool ChainJudge::take_stored_issuers(const x509::Certificate& child) {
  if (!store_) return false;
  bool any = false;
  for (auto& found : store_->find_intermediates(child.issuer.der)) {
    const bool known = std::ranges::any_of(intermediates_, [&](const auto& one) { return one->der == found->der; });
    if (known) continue;
    notes_.push_back("the server leaves out the intermediate " + found->subject.short_text() +
                     ", which is known from another connection; it should send its whole chain");
    intermediates_.push_back(std::move(found));
    any = true;
  }
  return any;
}

net::Awaitable<bool> ChainJudge::fetch_issuer(const x509::Certificate& child, CertificateUrls& urls) {
  const auto url = first_url(child.ca_issuers_urls);
  if (!url || urls.exhausted()) co_return false;
  UrlQuestion question{.url = *url, .most_bytes = x509::max_certificate_bytes};
  const auto answer = co_await urls.ask(std::move(question));
  if (!answer) {
    notes_.push_back("the missing issuer of " + child.subject.short_text() +
                     " could not be fetched: " + answer.error().what);
    co_return false;
  }
  auto certificate = x509::parse_certificate(answer->body);
  if (!certificate) {
    notes_.push_back("what " + escaped(*url) + " sends is no certificate: " + certificate.error().what);
    co_return false;
  }
  notes_.push_back("the server leaves out the intermediate " + (*certificate)->subject.short_text() +
                   ", which was fetched from " + escaped(*url) + "; it should send its whole chain");
  intermediates_.push_back(*std::move(certificate));
  co_return true;
}

/// For servers that will leave them out.
void ChainJudge::keep_intermediates() const {
  const x509::Path& path = *verdict_->good_path();
  if (!store_ || path.anchor != x509::TrustSource::system_bundle) return;
  for (std::size_t depth = 1; depth + 1 < path.certificates.size(); ++depth) {
    const auto kept = store_->keep_intermediate(*path.certificates[depth]);
    static_cast<void>(kept);  // a full disk costs the next connection a fetch, no more
  }
}

// Revocation by filters, which cost no question to anybody.

/// True if there are filters, and a certificate with timestamps about which they were not asked.
bool ChainJudge::filters_are_open() const {
  const x509::Path* const path = verdict_->telling_path();
  if (!crlite_ || path == nullptr) return false;
  for (std::size_t depth = 0; depth < path->revocation.size(); ++depth) {
    if (may_be_in_filters(*path->certificates[depth], evidence_)) return true;
  }
  return false;
}

/// Again where what they say leads to another path.
void ChainJudge::ask_filters(const Question& question) {
  while (filters_are_open()) {
    const x509::Path path = *verdict_->telling_path();
    for (std::size_t depth = 0; depth < path.revocation.size(); ++depth) {
      const x509::Certificate& certificate = *path.certificates[depth];
      if (!may_be_in_filters(certificate, evidence_)) continue;
      auto status = crlite_->ask(certificate, *path.certificates[depth + 1], net::now().wall);
      const bool troubled = status.state == x509::RevocationState::unknown && !x509::crlite::says_nothing(status);
      if (troubled) notes_.push_back(status.why->what + "; " + std::string(status.why->rule->hint));
      evidence_.filters.push_back({certificate.der, std::move(status)});
    }
    judge(question, options_.revocation.mode);
  }
}

// Revocation: what the handshake brought does not tell.

/// True if somebody could be asked about a certificate of which nothing is known, and it could change the verdict.
bool ChainJudge::revocation_is_open() const {
  const x509::RevocationMode mode = options_.revocation.mode;
  if (mode == x509::RevocationMode::off || !options_.revocation.fetch) return false;
  const x509::Path* const path = verdict_->telling_path();
  if (path == nullptr || (!verdict_->trusted && mode == x509::RevocationMode::soft)) return false;
  for (std::size_t depth = 0; depth < path->revocation.size(); ++depth) {
    const bool open = path->revocation[depth].state == x509::RevocationState::unknown;
    if (open && can_be_asked_about(*path->certificates[depth])) return true;
  }
  return false;
}

net::Awaitable<void> ChainJudge::find_revocation(CertificateUrls& urls) {
  const x509::Path path = *verdict_->telling_path();
  for (std::size_t depth = 0; depth < path.revocation.size(); ++depth) {
    if (path.revocation[depth].state != x509::RevocationState::unknown) continue;
    const auto& certificate = path.certificates[depth];
    auto asked = co_await ask_about(*certificate, *path.certificates[depth + 1], urls);
    if (!asked) evidence_.failures.push_back({certificate->der, std::move(asked).error()});
  }
}

/// A list before a responder: it is kept, and tells nobody which site is visited.
net::Awaitable<Result<void>> ChainJudge::ask_about(const x509::Certificate& certificate,
                                                   const x509::Certificate& issuer, CertificateUrls& urls) {
  const auto list = first_url(certificate.crl_urls);
  const auto responder = first_url(certificate.ocsp_urls);
  if (!list && !responder) co_return Result<void>();
  if (!list) co_return co_await ask_responder(*responder, certificate, issuer, urls);
  auto asked = co_await ask_list(*list, urls);
  if (asked || !responder || urls.exhausted()) co_return asked;
  co_return co_await ask_responder(*responder, certificate, issuer, urls);
}

net::Awaitable<Result<void>> ChainJudge::ask_list(std::string url, CertificateUrls& urls) {
  const WallTime now = net::now().wall;
  auto stored = store_ ? store_->find_list(url) : std::nullopt;
  if (stored) evidence_.lists.push_back(stored->list);
  if (stored && is_fresh(*stored, now)) co_return Result<void>();
  UrlQuestion question{.url = url, .most_bytes = x509::max_crl_bytes};
  if (stored) {
    question.etag = stored->etag;
    question.last_modified = stored->last_modified;
  }
  auto answer = co_await urls.ask(std::move(question));
  PADLOCK_CO_TRY(answer);
  StoredList fetched{stored ? stored->list : nullptr, std::move(answer->etag), std::move(answer->last_modified), now};
  if (!answer->not_modified) {
    auto list = x509::read_certificate_list(answer->body);
    PADLOCK_CO_TRY(list);
    fetched.list = *std::move(list);
    evidence_.lists.push_back(fetched.list);
  }
  if (store_ && fetched.list) {
    const auto kept = store_->keep_list(url, fetched.list->der, fetched);
    static_cast<void>(kept);  // as above
  }
  co_return Result<void>();
}

net::Awaitable<Result<void>> ChainJudge::ask_responder(std::string url, const x509::Certificate& certificate,
                                                       const x509::Certificate& issuer, CertificateUrls& urls) {
  UrlQuestion question{.url = std::move(url),
                       .most_bytes = x509::max_ocsp_response_bytes,
                       .body = x509::make_ocsp_request(certificate, issuer),
                       .content_type = "application/ocsp-request"};
  auto answer = co_await urls.ask(std::move(question));
  PADLOCK_CO_TRY(answer);
  auto response = x509::parse_ocsp_response(answer->body);
  PADLOCK_CO_TRY(response);
  evidence_.responses.push_back(*std::move(response));
  co_return Result<void>();
}

// Sessions.

void ChainJudge::keep(std::shared_ptr<const tls::ClientSession> session) {
  const std::optional<x509::Verdict>& known = verdict_ ? verdict_ : offered_ ? offered_->verdict : verdict_;
  if (options_.sessions != nullptr && known) options_.sessions->put(authority_, {std::move(session), *known});
}

tls::Resumption ChainJudge::resumption() {
  if (options_.sessions == nullptr) return {};
  const Instant now = net::now();
  offered_ = options_.sessions->take(authority_, now);
  const bool valid = offered_ && now.wall <= offered_->verdict.good_path()->certificates.front()->not_after;
  if (!valid) offered_.reset();
  return {.session = offered_ ? offered_->session : nullptr, .now = now};
}

const std::optional<x509::Verdict>& ChainJudge::verdict(bool resumed) {
  if (resumed && offered_) verdict_ = offered_->verdict;
  return verdict_;
}

}  // namespace padlock::client
