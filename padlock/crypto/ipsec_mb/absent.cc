// Built in place of the other sources of this folder where libipsec-mb is not installed or the CPU is no x86-64.
#include <cstdlib>

#include "padlock/crypto/ipsec_mb/aead.h"

namespace padlock::crypto::ipsec_mb {

bool usable() { return false; }
std::string version() { return {}; }
std::unique_ptr<Aead> make_aead(AeadAlgorithm /*algorithm*/, Bytes /*key*/) { std::abort(); }

}  // namespace padlock::crypto::ipsec_mb
