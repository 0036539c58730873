#pragma once

#include "padlock/crypto/libcrypto/library.h"
#include "padlock/crypto/signature.h"

namespace padlock::crypto::libcrypto {

/// A context that signs digests under one scheme other than Ed25519; null if the key refuses the scheme.
/// It is only copied (EVP_PKEY_CTX_dup), so threads may share it.
PkeyContext prepare_signing(EVP_PKEY* key, const SignatureSchemeParts& scheme);

}  // namespace padlock::crypto::libcrypto
