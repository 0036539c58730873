#pragma once

#include <string>
#include <string_view>

namespace padlock::x509 {

/// True for a domain below which anybody can register a name, "co.uk": the ICANN section of the Public Suffix List, as
/// libpsl brings it. The list's other section, of companies that give out names below theirs, does not count: wildcards
/// over those are in use (`*.s3.amazonaws.com`), and the company owns what they stand for.
bool is_public_suffix(std::string_view domain);

/// The part of a host name (lower case) that somebody has registered: the public suffix above it and one label more,
/// "example.co.uk" of "www.example.co.uk"; of a suffix itself the whole. By all of the list: customers of a company
/// that gives out names are as many registrants.
std::string registrable_domain(std::string_view host);

}  // namespace padlock::x509
