#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/base/secret.h"
#include "padlock/base/text.h"
#include "padlock/crypto/hkdf.h"
#include "padlock/dns/name.h"

// Messages that a shared key signs (RFC 8945).

namespace padlock::dns {

/// A key that we share with a name server. Its secret is not kept: the states of HMAC are, and they are wiped.
struct TsigKey {
  Name name;
  Name algorithm;  ///< "hmac-sha256"
  crypto::Hmac hmac;
};

/// Reads `hmac-sha256:NAME:BASE64`, as `nsupdate -y` takes it, or what `tsig-keygen` prints:
/// `key "NAME" { algorithm hmac-sha256; secret "BASE64"; };`. Lines that begin with `#` or `//` are comments.
/// hmac-sha256, hmac-sha384 and hmac-sha512 are known (RFC 8945, section 6). Error: `rules::malformed_key`, which holds
/// no secret.
Result<TsigKey> parse_tsig_key(std::string_view text);

/// Signs a message in place (RFC 8945, section 5.1). Gives the MAC, which the answer's covers.
std::vector<std::uint8_t> sign(std::vector<std::uint8_t>& message, const TsigKey& key, WallTime now);

/// Checks that an answer is signed by the key for the request with this MAC, at this time (RFC 8945, section 5.3).
/// Errors: `rules::answer_unsigned`, `answer_forged`, `wrong_time`; what the server had against our signature:
/// `key_unknown`, `signature_refused`, `wrong_time`; those of messages.
Result<void> verify_answer(Bytes answer, const TsigKey& key, Bytes request_mac, WallTime now);

}  // namespace padlock::dns
