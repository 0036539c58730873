#include "padlock/client/assessment.h"

#include <algorithm>
#include <array>
#include <optional>

#include "padlock/base/text.h"
#include "padlock/ca/authority.h"
#include "padlock/x509/describe.h"
#include "padlock/x509/names.h"
#include "padlock/x509/profile.h"
#include "padlock/x509/revocation_rules.h"

namespace padlock::client {
namespace {

using Findings = std::vector<Finding>;

bool begins(const Error& error, std::string_view code) { return error.rule->code.starts_with(code); }

bool is_about_revocation(const Error& error) {
  constexpr std::array codes{"x509.revocation.", "x509.crl.", "x509.ocsp.", "x509.crlite.", "client.crlite."};
  return std::ranges::any_of(codes, [&](std::string_view code) { return begins(error, code); });
}

Finding bad(std::string_view topic, const Error& error) {
  return {topic, Grade::bad, error.what + "; " + std::string(error.rule->hint)};
}

/// The server's own certificate; null: none came, or it cannot be read.
std::shared_ptr<const x509::Certificate> leaf_of(const SecurityVerdict& security) {
  if (security.connection->peer_chain.empty()) return nullptr;
  return x509::parse_certificate(security.connection->peer_chain.front()).value_or(nullptr);
}

/// Leaves of today have no common name, and often no subject at all.
std::string leaf_text(const x509::Certificate& leaf) {
  const auto& names = leaf.subject_alternative_names;
  const std::string common_name = leaf.subject.common_name();
  return !common_name.empty() || names.empty() ? leaf.subject.short_text() : x509::text_of(names.front());
}

std::string path_text(const x509::Path& path) {
  std::string text = leaf_text(*path.certificates.front());
  for (std::size_t i = 1; i < path.certificates.size(); ++i)
    text.append(" <- ").append(path.certificates[i]->subject.short_text());
  return path.anchor ? text + " (" + std::string(x509::name_of(*path.anchor)) + ")" : text;
}

/// The first fault that is not about dates, the name or revocation, which have lines of their own.
std::optional<Error> chain_fault(const x509::Verdict& verdict) {
  const auto other = [](const Error& error) {
    return !begins(error, "x509.validity.") && !begins(error, "x509.name.") && !is_about_revocation(error);
  };
  if (verdict.trusted) return std::nullopt;
  if (other(*verdict.error)) return verdict.error;
  const x509::Path* const path = verdict.telling_path();
  if (path == nullptr) return verdict.error;
  for (const x509::Fault& fault : path->faults) {
    if (other(fault.error) || (fault.depth > 0 && begins(fault.error, "x509.validity."))) return fault.error;
  }
  return std::nullopt;
}

void add_chain(const x509::Verdict& verdict, Findings& findings) {
  const x509::Path* const path = verdict.telling_path();
  if (const auto fault = chain_fault(verdict)) return findings.push_back(bad("chain", *fault));
  findings.push_back({"chain", Grade::good, path_text(*path)});
}

void add_names(const x509::Certificate& leaf, const std::string& host, Findings& findings) {
  const auto named = x509::verify_server_name(leaf, host);
  if (!named) return findings.push_back(bad("names", named.error()));
  findings.push_back({"names", Grade::good, x509::names_text(leaf)});
}

/// Its end comes before a list would tell (Baseline Requirements, section 4.9.1: revocation may be left out).
bool is_short_lived(const x509::Certificate& leaf) { return leaf.not_after - leaf.not_before <= std::chrono::days(10); }

void add_revocation(const x509::Verdict& verdict, Findings& findings) {
  const x509::Path* const path = verdict.telling_path();
  if (path == nullptr || path->revocation.empty()) return;
  const auto& leaf = path->revocation.front();
  const auto revoked =
      std::ranges::find(path->revocation, x509::RevocationState::revoked, &x509::RevocationStatus::state);
  if (revoked != path->revocation.end()) {
    return findings.push_back({"revocation", Grade::bad, x509::describe(*revoked)});
  }
  if (leaf.state == x509::RevocationState::unknown && is_short_lived(*path->certificates.front()) &&
      leaf.why->rule == &x509::rules::no_revocation_source)
    return findings.push_back({"revocation", Grade::good, "not asked for: it is short-lived and names no CRL"});
  const Grade grade = leaf.state == x509::RevocationState::good ? Grade::good
                      : verdict.trusted                         ? Grade::warning
                                                                : Grade::bad;
  findings.push_back({"revocation", grade, x509::describe(leaf)});
}

void add_validity(const x509::Certificate& leaf, WallTime now, Findings& findings) {
  if (const auto valid = x509::check_validity(leaf, now); !valid)
    return findings.push_back(bad("validity", valid.error()));
  const auto left = leaf.not_after - now;
  const std::string text = "until " + padlock::to_string(leaf.not_after) + ", " + x509::describe_span(left) + " left";
  const WallTime due = std::max(ca::renewal_time(leaf), leaf.not_after - std::chrono::days(14));
  if (now <= due) return findings.push_back({"validity", Grade::good, text});
  findings.push_back({"validity", Grade::warning, text + "; renew it now"});
}

/// Each certificate's signature, but for the root's, which nothing hangs on.
void add_signatures(const x509::Verdict& verdict, Findings& findings) {
  const x509::Path* const path = verdict.telling_path();
  if (path == nullptr) return;
  std::string text;
  Grade grade = Grade::good;
  for (const auto& certificate : path->certificates) {
    if (certificate == path->certificates.back() && path->anchor && !verdict.trusted_directly) break;
    text.append(text.empty() ? "" : ", ").append(der::describe(certificate->signature_algorithm));
    if (!certificate->signature_scheme) grade = Grade::bad;
  }
  findings.push_back({"signatures", grade, text});
}

void add_protocol(const tls::ConnectionInfo& info, const std::optional<Error>& error, Findings& findings) {
  // A chain that is refused is told by its own lines.
  if (error && !begins(*error, "x509.")) findings.push_back(bad("handshake", *error));
  if (!info.version) return;
  const bool newest = *info.version == tls::ProtocolVersion::TLS_1_3;
  findings.push_back({"protocol", newest ? Grade::good : Grade::warning,
                      std::string(tls::name_of(*info.version)) + (newest ? "" : "; the server should offer TLS 1.3")});
  if (info.cipher_suite) findings.push_back({"suite", Grade::good, std::string(tls::name_of(*info.cipher_suite))});
  if (!info.group) return;
  const bool hybrid = *info.group == tls::NamedGroup::X25519MLKEM768;
  findings.push_back(
      {"key exchange", Grade::good,
       std::string(crypto::name_of(*info.group)) + (hybrid ? ", which a later quantum computer cannot undo" : "")});
}

}  // namespace

std::string_view name_of(Grade grade) {
  switch (grade) {
    case Grade::good: return "ok";
    case Grade::warning: return "warning";
    case Grade::bad: return "bad";
  }
  return "unknown";
}

std::vector<Finding> assess(const ProbeOutcome& outcome, WallTime now) {
  Findings findings;
  const SecurityVerdict& security = outcome.security;
  if (!security.connection) return findings;
  if (security.verdict) add_chain(*security.verdict, findings);
  // A leaf that cannot be read is refused before there is anything to judge.
  const bool unreadable = !security.verdict && outcome.error && begins(*outcome.error, "x509.");
  if (unreadable) findings.push_back(bad("chain", *outcome.error));
  if (const auto leaf = leaf_of(security)) {
    add_names(*leaf, security.host, findings);
    add_validity(*leaf, now, findings);
    if (security.verdict) add_revocation(*security.verdict, findings);
    findings.push_back({"key", Grade::good, x509::describe_key(leaf->public_key)});
  }
  if (security.verdict) add_signatures(*security.verdict, findings);
  add_protocol(*security.connection, outcome.error, findings);
  return findings;
}

}  // namespace padlock::client
