#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/base/secret.h"
#include "padlock/base/text.h"

namespace padlock::der {

/// One block of a PEM text (RFC 7468, section 2). `bytes` of a private key belong into a SecretBytes at once.
struct PemBlock {
  std::string label;  ///< "CERTIFICATE"
  std::vector<std::uint8_t> bytes;
  /// What stands between this block and the one before (RFC 7468, section 5.2): a view into the text.
  std::string_view explanatory_text{};
};

/// The blocks with this label, in the order of the text; an empty `label`: all of them. Text between blocks is passed
/// over (RFC 7468, section 5.2); nothing found is an empty list.
/// Inside a block each line holds base64 alone (padding right, unused bits zero), ended by LF or CRLF.
/// Errors: `rules::pem_unterminated` for a block of any label, `rules::pem_malformed` for one that was asked for.
Result<std::vector<PemBlock>> find_all(std::string_view text, std::string_view label);

/// A block with 64 characters a line, ended by a line feed (RFC 7468, section 3, stricttextualmsg).
std::string write_pem(std::string_view label, Bytes bytes);

/// The same for a private key: the text is wiped when its owner goes.
SecretBytes write_secret_pem(std::string_view label, Bytes bytes);

}  // namespace padlock::der
