#pragma once

#include <memory>
#include <string>

#include "padlock/crypto/provider.h"

namespace padlock::crypto::ipsec_mb {

/// True if the library was there when Padlock was built, clears keys from registers and stack (SAFE_DATA), passes its
/// self-test, and the CPU has VAES, VPCLMULQDQ and AVX-512. Asked once a process.
bool usable();

/// "1.3.0".
std::string version();

/// An AEAD key on libipsec-mb. Only where `usable()`.
std::unique_ptr<Aead> make_aead(AeadAlgorithm algorithm, Bytes key);

}  // namespace padlock::crypto::ipsec_mb
