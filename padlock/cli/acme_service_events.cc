// What happens to certificates by ACME, for whoever watches over them.
#include <utility>

#include "padlock/cli/acme_service.h"
#include "padlock/net/clock.h"

namespace padlock::cli {

using EventKind = certs::CertificateEvent::Kind;

void AcmeService::happened(certs::CertificateEvent event) {
  event.time = net::now().wall;
  if (listener_.happened) listener_.happened(event);
}

/// Of a name on demand that has never been had nobody knows when it is tried again.
void AcmeService::tell_of_failure(const std::vector<std::string>& names, const Error& error) {
  ++counts_.failed[error.rule->code];
  tell_of_cas();
  certs::CertificateEvent event{.kind = EventKind::cert_failed, .names = names, .ca = ca(), .why = error};
  if (const certs::RenewalState* const state = plan_.find(names.front())) {
    if (state->exists()) event.not_after = state->not_after;
    event.failures = state->failures;
    event.next_try = state->next_try;
  }
  happened(std::move(event));
}

/// One that is away stays so for many orders.
void AcmeService::tell_of_cas() {
  for (auto& [ca, why] : cas_->passed_over()) {
    if (!told_of_cas_.insert(ca).second) continue;
    ++counts_.passed_over[ca];
    happened({.kind = EventKind::ca_passed_over, .ca = ca, .why = why});
  }
}

/// A CA that is about to revoke a certificate says that it should have been renewed already (RFC 9773, section 4.2).
void AcmeService::note_answer(const std::string& name, const certs::AcmeIssuer::Renewal& answer, std::string ca) {
  const WallTime now = net::now().wall;
  const certs::RenewalState* const state = plan_.find(name);
  if (state == nullptr) return;
  const bool was_due = certs::renew_at(*state, name) <= now;
  plan_.told(name, {answer.info.start, answer.info.end}, answer.ask_again_in, net::now());
  keep_state(name);
  const auto site = sites_.find(name);
  if (was_due || answer.info.end > now || site == sites_.end()) return;
  happened({.kind = EventKind::cert_recalled,
            .names = site->second,
            .ca = std::move(ca),
            .not_after = state->not_after,
            .explanation_url = answer.info.explanation_url});
}

server::OrderCounts AcmeService::counts() const {
  server::OrderCounts counts = counts_;
  counts.under_way = desks_.size() - free_desks_.size();
  return counts;
}

}  // namespace padlock::cli
