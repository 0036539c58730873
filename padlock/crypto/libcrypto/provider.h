#pragma once

#include <memory>
#include <string>

#include "padlock/crypto/provider.h"

namespace padlock::crypto::libcrypto {

using AeadFactory = std::unique_ptr<Aead> (*)(AeadAlgorithm algorithm, Bytes key);

/// Of the libcrypto that is loaded: "3.0.19".
std::string version();

/// A provider on libcrypto whose AEADs come from `factory`. `also`: what else it stands on, for its description.
/// `lanes`: it answers shares of X25519 in lanes (lanes/x25519.h).
std::unique_ptr<Provider> make_provider(AeadFactory factory, std::string also, bool lanes);

}  // namespace padlock::crypto::libcrypto
