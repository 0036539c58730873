#pragma once

#include <string_view>

namespace padlock::x509 {

/// Names as bytes: ASCII letters compare without case, nothing else is folded, mapped or decoded (docs/threats.md, X6).
/// Internationalised names are A-labels ("xn--...") on both sides.

/// The preferred syntax of RFC 1034, section 3.5, as RFC 1123, section 2.1, has it: labels of 1 to 63 letters, digits
/// and hyphens, no hyphen at their ends, at most 253 characters, no trailing dot.
bool is_host_name(std::string_view text);

/// A dNSName of a certificate: a host name, or `*.` with a host name of two or more labels (RFC 9525, section 6.3).
bool is_presented_name(std::string_view text);

/// True if a presented name stands for this host: equal, or its `*` stands for the host's leftmost label.
bool matches_host(std::string_view presented, std::string_view host);

/// True if `name` is `base` or below it; an empty base holds every name (RFC 5280, section 4.2.1.10).
bool is_within(std::string_view name, std::string_view base);

}  // namespace padlock::x509
