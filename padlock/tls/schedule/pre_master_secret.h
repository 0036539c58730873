#pragma once

#include <cstddef>
#include <cstdint>

#include "padlock/base/text.h"
#include "padlock/crypto/provider.h"

/// The pre-master secret of static RSA on the server's side (RFC 5246, section 7.4.7.1).
namespace padlock::tls::tls12 {

/// Client's version and 46 random bytes.
inline constexpr std::size_t pre_master_secret_length = 48;

/// The version and 46 random bytes. Fails if the random source does.
Result<crypto::SharedSecret> make_pre_master_secret(std::uint16_t client_version, crypto::Provider& provider);

/// What an RSA block of a ClientKeyExchange holds: 0, 2, padding without a zero, 0, and the pre-master secret, which
/// begins with the version of the ClientHello. Where anything of that is otherwise, `substitute`, random bytes that
/// only we know: the handshake goes on, and ends when the client's Finished is wrong. Which it was is a secret: nothing
/// here branches on it (docs/threats.md, T21). `block`: as long as the modulus, 256 bytes at least.
crypto::SharedSecret unpad_pre_master_secret(Bytes block, std::uint16_t client_version,
                                             const crypto::SharedSecret& substitute);

/// True if a block of this length could be the key's: as long as the modulus, and below it. Everybody can see that.
bool fits_modulus(Bytes ciphertext, Bytes modulus);

}  // namespace padlock::tls::tls12
