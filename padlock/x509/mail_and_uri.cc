#include "padlock/x509/mail_and_uri.h"

#include <algorithm>

#include "padlock/base/text.h"
#include "padlock/x509/certificate.h"
#include "padlock/x509/host_name.h"

namespace padlock::x509 {

namespace {

/// A host, or `.` and a domain, as constraints of both forms have it.
bool is_host_or_domain(std::string_view base) {
  return base.empty() || is_host_name(base.starts_with('.') ? base.substr(1) : base);
}

/// `.domain` holds hosts below it and not the domain itself; anything else is one host.
bool host_within(std::string_view host, std::string_view base) {
  if (base.empty()) return true;
  if (!base.starts_with('.')) return equal_ignoring_ascii_case(host, base);
  return host.size() > base.size() && equal_ignoring_ascii_case(host.substr(host.size() - base.size()), base);
}

}  // namespace

bool is_mailbox(std::string_view text) {
  const std::size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && is_host_name(text.substr(at + 1));
}

bool is_mail_constraint(std::string_view base) {
  return base.contains('@') ? is_mailbox(base) : is_host_or_domain(base);
}

bool mail_within(std::string_view mailbox, std::string_view base) {
  if (!is_mailbox(mailbox)) return false;
  return base.contains('@') ? same_mailbox(mailbox, base) : host_within(mailbox.substr(mailbox.find('@') + 1), base);
}

bool same_mailbox(std::string_view a, std::string_view b) {
  const std::size_t at = a.find('@');
  return at != std::string_view::npos && a.substr(0, at + 1) == b.substr(0, std::min(at + 1, b.size())) &&
         equal_ignoring_ascii_case(a.substr(at + 1), b.substr(at + 1));
}

std::optional<std::string_view> host_of_uri(std::string_view uri) {
  const std::size_t slashes = uri.find("://");
  if (slashes == std::string_view::npos || slashes == 0) return std::nullopt;
  std::string_view host = uri.substr(slashes + 3);
  host = host.substr(0, host.find_first_of("/?#"));
  if (const std::size_t at = host.rfind('@'); at != std::string_view::npos) host = host.substr(at + 1);
  host = host.substr(0, host.find(':'));
  return is_host_name(host) && !parse_ip_address(host) ? std::optional(host) : std::nullopt;
}

bool is_uri_constraint(std::string_view base) { return is_host_or_domain(base); }

bool uri_within(std::string_view uri, std::string_view base) {
  const auto host = host_of_uri(uri);
  return host && host_within(*host, base);
}

}  // namespace padlock::x509
