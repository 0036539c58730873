#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "padlock/base/secret.h"
#include "padlock/crypto/hkdf.h"
#include "padlock/crypto/provider.h"
#include "padlock/tls/schedule/key_schedule.h"
#include "padlock/tls/types.h"
#include "padlock/tls/wire/client_hello.h"

/// RFC 5246, sections 5, 6.3 and 8: from the pre-master secret to every key of TLS 1.2. Calculations only.
namespace padlock::tls::tls12 {

inline constexpr std::size_t verify_data_length = 12;  // RFC 5246, section 7.4.9

/// PRF(secret, label, seed), out.size() bytes (RFC 5246, section 5). `secret`: an Hmac keyed with it. `seed`: its
/// pieces.
void prf(const crypto::Hmac& secret, std::string_view label, std::span<const Bytes> seed, std::span<std::uint8_t> out);

/// 48 bytes.
using MasterSecret = Secret<48>;

/// "master secret" over both randoms (RFC 5246, section 8.1), for peers that know nothing better.
MasterSecret master_secret(crypto::HashAlgorithm hash, Bytes pre_master_secret, const Random& client_random,
                           const Random& server_random);

/// "extended master secret" over the session hash: all messages through ClientKeyExchange (RFC 7627, section 4).
MasterSecret extended_master_secret(crypto::HashAlgorithm hash, Bytes pre_master_secret, Bytes session_hash);

/// The write keys of both ends. The IVs have 4 bytes for AES-GCM (RFC 5288, section 3), 12 for ChaCha20 (RFC 7905). CBC
/// has a MAC's key instead, as long as its hash.
struct KeyBlock {
  TrafficKeys client;
  TrafficKeys server;
};
KeyBlock expand_keys(CipherSuite suite, const MasterSecret& master_secret, const Random& client_random,
                     const Random& server_random);

/// Finished.verify_data: 12 bytes. `label`: "client finished" or "server finished".
crypto::Digest finished_verify_data(crypto::HashAlgorithm hash, const MasterSecret& master_secret,
                                    std::string_view label, Bytes transcript_hash);

/// Keying material exporter (RFC 5705, section 4), out.size() bytes. No context is not the same as an empty one.
void export_keying_material(crypto::HashAlgorithm hash, const MasterSecret& master_secret, const Random& client_random,
                            const Random& server_random, std::string_view label, std::optional<Bytes> context,
                            std::span<std::uint8_t> out);

}  // namespace padlock::tls::tls12
