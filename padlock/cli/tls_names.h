#pragma once

#include <string_view>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/tls/types.h"

namespace padlock::cli {

/// What --groups takes: names of key exchange groups, best first, between commas or colons. X25519, P-256 and the
/// registry's x25519, secp256r1 are read in any case. Errors: client::rules::bad_option.
Result<std::vector<tls::NamedGroup>> parse_groups(std::string_view text);

/// What --cipher-suites takes: the registry's names of suites, best first, likewise.
Result<std::vector<tls::CipherSuite>> parse_cipher_suites(std::string_view text);

}  // namespace padlock::cli
