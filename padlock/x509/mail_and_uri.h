#pragma once

#include <optional>
#include <string_view>

namespace padlock::x509 {

/// Names that are a host with something around it: rfc822Name and uniformResourceIdentifier (RFC 5280, sections 4.2.1.6
/// and 4.2.1.10). Hosts compare without case, what stands before the `@` compares as bytes (section 7.5).

/// "local@host": something before the one `@`, a host name behind it. Quoted local parts that hold another `@` are
/// none.
bool is_mailbox(std::string_view text);
/// A mailbox, a host, `.` and a domain, or nothing: any mailbox.
bool is_mail_constraint(std::string_view base);
/// True if this mailbox is `base`, is on that host, or on a host below that domain.
bool mail_within(std::string_view mailbox, std::string_view base);
/// True if both are the same mailbox.
bool same_mailbox(std::string_view a, std::string_view b);

/// The host of "scheme://[user@]host[:port][/...]"; nothing if there is none or it is an address.
std::optional<std::string_view> host_of_uri(std::string_view uri);
/// A host, `.` and a domain, or nothing: any host.
bool is_uri_constraint(std::string_view base);
/// True if the URI's host is `base`, or is below that domain.
bool uri_within(std::string_view uri, std::string_view base);

}  // namespace padlock::x509
