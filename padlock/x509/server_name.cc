#include <algorithm>
#include <string>

#include "padlock/x509/host_name.h"
#include "padlock/x509/mail_and_uri.h"
#include "padlock/x509/names.h"
#include "padlock/x509/public_suffix.h"
#include "padlock/x509/rules.h"
#include "padlock/x509/verify.h"

namespace padlock::x509 {

namespace {

/// A few names of the certificate, so that the reader sees what it is for.
std::string list_names(const Certificate& leaf) {
  constexpr std::size_t shown = 5;
  std::string text;
  std::size_t count = 0;
  for (const GeneralName& name : leaf.subject_alternative_names) {
    if (name.form != GeneralNameForm::dNSName && name.form != GeneralNameForm::iPAddress) continue;
    if (++count > shown) continue;
    text.append(count > 1 ? ", " : "").append(text_of(name));
    const bool misplaced = name.form == GeneralNameForm::dNSName && parse_ip_address(as_text(name.value));
    if (misplaced) text.append(" (as a host name, where it does not count)");
  }
  if (count > shown) text.append(" and " + std::to_string(count - shown) + " more");
  return text;
}

std::unexpected<Error> mismatch(const Certificate& leaf, std::string_view wanted) {
  const std::string names = list_names(leaf);
  if (names.empty()) {
    const std::string common_name = leaf.subject.common_name();
    return broken(rules::no_subject_alternative_name,
                  "its certificate names no host in subjectAltName" +
                      (common_name.empty() ? "" : " (its common name, " + common_name + ", does not count)"));
  }
  return broken(rules::host_name_mismatch, "its certificate is for " + names + ", not for " + escaped(wanted));
}

bool holds_address(const Certificate& leaf, const IpAddress& address) {
  return std::ranges::any_of(leaf.subject_alternative_names, [&](const GeneralName& name) {
    return name.form == GeneralNameForm::iPAddress && std::ranges::equal(name.value, address.view());
  });
}

/// The dNSName that stands for this host, one without a wildcard before others; null: none does.
const GeneralName* find_host(const Certificate& leaf, std::string_view host) {
  const GeneralName* found = nullptr;
  for (const GeneralName& name : leaf.subject_alternative_names) {
    if (name.form != GeneralNameForm::dNSName || !matches_host(as_text(name.value), host)) continue;
    found = &name;
    if (!as_text(name.value).starts_with('*')) break;
  }
  return found;
}

/// Nobody owns all that is below a public suffix, so a wildcard there stands for nobody.
Result<void> check_wildcard(std::string_view presented) {
  if (!presented.starts_with("*.") || !is_public_suffix(presented.substr(2))) return {};
  return broken(rules::wildcard_over_public_suffix, "its certificate is for " + escaped(presented) + ", and " +
                                                        escaped(presented.substr(2)) + " is a public suffix");
}

/// A name whose last label is a number is no host name but a mistyped address (RFC 1123, section 2.1).
bool ends_in_number(std::string_view host) {
  const std::string_view last = host.substr(host.rfind('.') + 1);
  return std::ranges::all_of(last, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<void> verify_server_name(const Certificate& leaf, std::string_view server_name) {
  PADLOCK_TRY(check_names(leaf));
  if (const auto address = parse_ip_address(server_name)) {
    if (holds_address(leaf, *address)) return {};
    return mismatch(leaf, server_name);
  }
  const std::string_view host =
      server_name.ends_with('.') ? server_name.substr(0, server_name.size() - 1) : server_name;
  if (!is_host_name(host) || ends_in_number(host))
    return broken(rules::malformed_server_name, "\"" + escaped(server_name) + "\" is no host name and no IP address");
  const GeneralName* const found = find_host(leaf, host);
  return found != nullptr ? check_wildcard(as_text(found->value)) : mismatch(leaf, server_name);
}

Result<void> verify_mail_address(const Certificate& leaf, std::string_view address) {
  const bool holds = std::ranges::any_of(leaf.subject_alternative_names, [&](const GeneralName& name) {
    return name.form == GeneralNameForm::rfc822Name && same_mailbox(as_text(name.value), address);
  });
  if (holds) return {};
  return broken(rules::mail_address_mismatch, "its certificate is not for the mail address " + escaped(address));
}

}  // namespace padlock::x509
