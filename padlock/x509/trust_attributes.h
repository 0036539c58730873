#pragma once

#include <optional>
#include <string_view>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"

namespace padlock::x509 {

/// What a bundle in p11-kit's persistent form ("[p11-kit-object-v1]", as Fedora and openSUSE ship theirs) says of one
/// root: a PEM bundle cannot.
struct TrustAttributes {
  bool trusted = false;
  bool distrusted = false;
  /// Mozilla's date for a root that goes: what servers got from it later does not count.
  std::optional<WallTime> server_distrust_after;
};

/// Reads the lines before a certificate. Nothing: they are not in that form. Attributes that concern no server are
/// passed over. Error: `rules::refused_trust_file_entry` for a date that cannot be read.
Result<std::optional<TrustAttributes>> parse_trust_attributes(std::string_view explanatory_text);

}  // namespace padlock::x509
