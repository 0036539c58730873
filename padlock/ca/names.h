#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/x509/certificate.h"

// The names that the local CA is for: this machine, private networks and the names that nobody can own.

namespace padlock::ca {

/// RFC 6761 (localhost, test), RFC 8375 (home.arpa) and ICANN's `internal`.
inline constexpr std::array<std::string_view, 4> permitted_domains{"localhost", "test", "internal", "home.arpa"};

/// An address prefix: RFC 1122 and RFC 4291 (loopback), RFC 1918 and RFC 4193 (private), RFC 3927 and RFC 4291 (link).
struct AddressRange {
  x509::IpAddress address;
  unsigned prefix_bits;
};
std::span<const AddressRange> permitted_ranges();

/// The constraints of root and intermediate (RFC 5280, section 4.2.1.10): DNS names and addresses as above; no mail
/// address and no URI at all. For these two the one host that is permitted is excluded too, since RFC 5280 gives the
/// empty text no meaning there and verifiers disagree on it.
/// Directory names are left to the key purpose `serverAuth` in both CAs: Go refuses every chain with a critical
/// constraint on them, and no server is known by its directory name.
/// `more`: domains that this CA is for besides.
x509::NameConstraints name_constraints(std::span<const std::string> more = {});

/// A domain that a CA may be made for besides: `lan`, `corp.example.com`; in lower case. One below which anybody can
/// have names is none. Error: `rules::domain_unfit`.
Result<std::string> canonical_domain(std::string_view text);

/// The domains of a root's or an intermediate's constraints besides `permitted_domains`.
std::vector<std::string> more_domains(const x509::Certificate& certificate);

/// True if both permit and exclude the same subtrees in the same order.
bool same_constraints(const x509::NameConstraints& a, const x509::NameConstraints& b);

/// The subjectAltName of a leaf for these names: lower case, sorted, none twice.
/// Errors: `rules::name_count`, `rules::malformed_name`, `rules::name_outside`.
/// `more`: domains that this CA is for besides.
Result<std::vector<x509::GeneralName>> alternative_names(std::span<const std::string> names,
                                                         std::span<const std::string> more = {});

/// What people read: "localhost", "127.0.0.1".
std::string to_text(const x509::GeneralName& name);

/// A name as a file's, safe in any shell: no `:` and no `*`. Two names have two of them.
std::string file_name_of(std::string name);

/// A folder's name for a set of names, safe in any shell: "localhost", "localhost+2-1a2b3c4d".
std::string folder_name(std::span<const x509::GeneralName> names);

}  // namespace padlock::ca
