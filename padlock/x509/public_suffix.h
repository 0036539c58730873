#pragma once

#include <string_view>

namespace padlock::x509 {

/// True for a domain below which anybody can register a name, "co.uk": the ICANN section of the Public Suffix List, as
/// libpsl brings it. The list's other section, of companies that give out names below theirs, does not count: wildcards
/// over those are in use (`*.s3.amazonaws.com`), and the company owns what they stand for.
bool is_public_suffix(std::string_view domain);

}  // namespace padlock::x509
