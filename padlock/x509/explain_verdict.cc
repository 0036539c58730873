#include <algorithm>
#include <string>

#include "padlock/x509/profile.h"
#include "padlock/x509/rules.h"
#include "padlock/x509/verify.h"

namespace padlock::x509 {

namespace {

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

std::string subject_of(const Certificate& certificate) {
  return certificate.subject.empty() ? "(no subject)" : certificate.subject.text();
}

/// Which end of its validity a certificate is outside of, or both ends.
std::string validity_now(const Certificate& certificate, WallTime now) {
  if (now > certificate.not_after)
    return "notAfter " + padlock::to_string(certificate.not_after) + ", now " + padlock::to_string(now);
  if (now < certificate.not_before)
    return "notBefore " + padlock::to_string(certificate.not_before) + ", now " + padlock::to_string(now);
  return "valid " + padlock::to_string(certificate.not_before) + " to " + padlock::to_string(certificate.not_after);
}

/// "  chain 0  CN=example.test      notAfter 2026-03-01 12:00:00 UTC, now 2026-03-04 09:12:00 UTC".
std::string chain_line(const Certificate& certificate, std::size_t depth, WallTime now) {
  return "  " + padded("chain " + std::to_string(depth), 9) + padded(subject_of(certificate), 30) + "  " +
         validity_now(certificate, now) + "\n";
}

std::string rule_line(const Rule& rule) {
  return "  " + padded("rule", 9) + padded(to_string(rule.source), 30) + "  code " + std::string(rule.code) + "\n";
}

std::string fault_line(const Fault& fault) {
  return "    at " + std::to_string(fault.depth) + ": " + fault.error.what + "\n";
}

std::string path_lines(const Path& path, std::size_t number) {
  std::string text = "  path " + std::to_string(number) + "   ";
  for (std::size_t i = 0; i < path.certificates.size(); ++i)
    text.append(i > 0 ? " <- " : "").append(subject_of(*path.certificates[i]));
  if (path.anchor) text.append(" (").append(name_of(*path.anchor)).append(")");
  text += "\n";
  for (const Fault& fault : path.faults) text += fault_line(fault);
  return text;
}

/// What is known of each certificate's revocation; nothing if nobody asked.
std::string revocation_lines(const Path& path) {
  std::string text;
  for (std::size_t depth = 0; depth < path.revocation.size(); ++depth)
    text += "  " + padded("status " + std::to_string(depth), 9) + describe(path.revocation[depth]) + "\n";
  return text;
}

std::string trusted_text(const Verdict& verdict, std::string_view host, WallTime now) {
  const Path& path = *verdict.good_path();
  const Certificate& leaf = *path.certificates.front();
  std::string text = "padlock: " + escaped(host) + " is trusted: ";
  text += verdict.trusted_directly ? "its certificate itself was given as trusted\n"
                                   : "its certificate leads to a root of " + std::string(name_of(*path.anchor)) + "\n";
  for (std::size_t depth = 0; depth < path.certificates.size(); ++depth)
    text += chain_line(*path.certificates[depth], depth, now);
  return text + revocation_lines(path) + "  next     nothing to do; the certificate is valid for " +
         describe_span(leaf.not_after - now) + " more\n";
}

/// What a user at `host` can do; a hint of the rule, or the look at the whole chain.
std::string next_line(const Error& error, std::string_view host) {
  return "  next     " + std::string(error.rule->hint) + "; `padlock explain https://" + escaped(host) +
         "` shows the whole chain\n";
}

/// "its certificate expired ...", or whose it is if it is not the leaf's.
std::string what_happened(const Verdict& verdict) {
  if (verdict.error_depth == 0) return verdict.error->what;
  if (verdict.error_certificate == nullptr)
    return "certificate " + std::to_string(verdict.error_depth) + " of its chain: " + verdict.error->what;
  return "in its chain " + subject_of(*verdict.error_certificate) + ": " + verdict.error->what;
}

std::string refused_text(const Verdict& verdict, std::string_view host, WallTime now) {
  std::string text = "padlock: cannot trust " + escaped(host) + ": " + what_happened(verdict) + "\n";
  if (const Path* const path = verdict.telling_path()) {
    for (std::size_t depth = 0; depth < path->certificates.size(); ++depth)
      text += chain_line(*path->certificates[depth], depth, now);
    text += revocation_lines(*path);
  } else if (!verdict.unreadable.empty()) {
    text += "  chain " + std::to_string(verdict.error_depth) + "  could not be read\n";
  }
  text += rule_line(*verdict.error->rule);
  if (verdict.paths.size() > 1) {
    for (std::size_t i = 0; i < verdict.paths.size(); ++i) text += path_lines(verdict.paths[i], i + 1);
  }
  return text + next_line(*verdict.error, host);
}

}  // namespace

std::string explain_verdict(const Verdict& verdict, std::string_view host, WallTime now) {
  if (verdict.trusted) return trusted_text(verdict, host, now);
  if (!verdict.error) return "padlock: cannot trust " + escaped(host) + ": nothing was verified\n";
  return refused_text(verdict, host, now);
}

}  // namespace padlock::x509
