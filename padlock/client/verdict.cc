#include "padlock/client/verdict.h"

#include <string_view>

#include "padlock/base/text.h"

namespace padlock::client {
namespace {

/// As people know the groups; the registry writes x25519 and secp256r1.
std::string_view group_text(tls::NamedGroup group) {
  switch (group) {
    case tls::NamedGroup::x25519: return "X25519";
    case tls::NamedGroup::secp256r1: return "P-256";
    case tls::NamedGroup::secp384r1: return "P-384";
    case tls::NamedGroup::secp521r1: return "P-521";
    default: return crypto::name_of(group);
  }
}

std::string protocol_text(const tls::ConnectionInfo& connection) {
  std::string text = connection.version ? std::string(tls::name_of(*connection.version)) : "TLS";
  if (connection.group) text.append(", ").append(group_text(*connection.group));
  return text;
}

std::string locked_line(const SecurityVerdict& verdict, std::string_view separator) {
  std::string line = "[locked] " + escaped(verdict.host);
  if (verdict.connection) line.append(separator).append(protocol_text(*verdict.connection));
  line.append(separator).append(vouched_by(verdict));
  const x509::Path* const path = verdict.verdict ? verdict.verdict->good_path() : nullptr;
  if (path != nullptr) {
    line.append(separator).append("valid until ").append(minute_text(path->certificates.front()->not_after));
  }
  return line;
}

std::string rule_lines(const Error& error) {
  std::string text = "  rule     " + to_string(error.rule->source) + "  code " + std::string(error.rule->code) + "\n";
  if (!error.rule->hint.empty()) text += "  next     " + std::string(error.rule->hint) + "\n";
  return text;
}

/// What is known of the leaf's revocation; nothing if nobody asked.
std::string revocation_line(const SecurityVerdict& verdict) {
  const x509::Path* const path = verdict.verdict ? verdict.verdict->good_path() : nullptr;
  if (path == nullptr || path->revocation.empty()) return {};
  return "  revoked  " + x509::describe(path->revocation.front()) + "\n";
}

}  // namespace

std::string_view name_of(SecurityLevel level) {
  switch (level) {
    case SecurityLevel::none: return "none";
    case SecurityLevel::locked: return "locked";
    case SecurityLevel::not_secure: return "not secure";
    case SecurityLevel::broken: return "broken";
  }
  return "unknown";
}

std::string minute_text(WallTime time) { return padlock::to_string(time).substr(0, 16) + " UTC"; }

std::string vouched_by(const SecurityVerdict& verdict) {
  const x509::Path* const path = verdict.verdict ? verdict.verdict->good_path() : nullptr;
  if (path == nullptr) return {};
  if (verdict.verdict->trusted_directly) return "given certificate";
  if (path->anchor == x509::TrustSource::local_ca) return "Padlock local CA";
  const std::string text = path->certificates.back()->subject.short_text();
  return path->anchor == x509::TrustSource::given_file ? text + " (given)" : text;
}

std::string verdict_line(const SecurityVerdict& verdict, bool utf8) {
  switch (verdict.level) {
    case SecurityLevel::none: return {};
    case SecurityLevel::locked: return locked_line(verdict, utf8 ? " \xc2\xb7 " : " - ");
    case SecurityLevel::not_secure: return "[NOT SECURE] plain http: everybody on the way can read and change it";
    case SecurityLevel::broken: break;
  }
  return "[BROKEN] " + escaped(verdict.host) + ": " + (verdict.error ? verdict.error->what : "not verified");
}

std::string verdict_details(const SecurityVerdict& verdict, WallTime now) {
  std::string text;
  if (verdict.level == SecurityLevel::broken && verdict.verdict && !verdict.verdict->trusted) {
    const std::string whole = x509::explain_verdict(*verdict.verdict, verdict.authority, now);
    text = whole.substr(std::min(whole.find('\n'), whole.size() - 1) + 1);  // the first line is ours
  } else if (verdict.level == SecurityLevel::broken && verdict.error) {
    text = rule_lines(*verdict.error);
  }
  text += revocation_line(verdict);
  for (const std::string& note : verdict.notes) text += "  note     " + note + "\n";
  return text;
}

}  // namespace padlock::client
