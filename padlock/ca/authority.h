#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/base/secret.h"
#include "padlock/ca/limits.h"
#include "padlock/ca/settings.h"
#include "padlock/crypto/provider.h"
#include "padlock/x509/certificate.h"

// The three kinds of certificates that the local CA makes, as calculations; local_ca.h keeps them in files.

namespace padlock::ca {

/// A certificate with its private key.
struct Pair {
  std::shared_ptr<const x509::Certificate> certificate;
  std::shared_ptr<const crypto::PrivateKey> key;
};
/// A new one, with the one copy of the key's bytes (PKCS #8) for its file.
struct NewPair {
  Pair pair;
  SecretBytes pkcs8;
};

/// The key of a server's certificate: P-256, or RSA of 2048 bits.
enum class LeafKey : std::uint8_t { ecdsa, rsa };

/// Where a certificate says that its revocation is told; empty texts: nowhere.
struct StatusUrls {
  std::string crl, ocsp, ca_issuers;
};

/// What may be different between two servers' certificates for the same names.
struct LeafOptions {
  LeafKey key = LeafKey::ecdsa;
  std::chrono::seconds life = leaf_life;
  StatusUrls urls{};
};

/// A root with a key of its own: ECDSA P-256, constrained to `name_constraints()`, one CA below it at most.
Result<NewPair> make_root(crypto::Provider& provider, WallTime now, const Settings& settings = {});
/// An intermediate: the same constraints, no CA below it, for servers' certificates alone.
Result<NewPair> make_intermediate(const Pair& root, crypto::Provider& provider, WallTime now,
                                  const Settings& settings = {}, const StatusUrls& urls = {});
/// A server's certificate for these names, within its issuer's life. An RSA key may decrypt too, for clients that know
/// nothing better (RFC 5246, section 7.4.2). Error: `rules::life_too_long`.
Result<NewPair> make_leaf(const Pair& intermediate, std::span<const x509::GeneralName> names,
                          crypto::Provider& provider, WallTime now, const LeafOptions& options = {});

/// The same for a key that somebody else keeps; of `options` the key is not asked for.
Result<std::shared_ptr<const x509::Certificate>> certify_key(const Pair& intermediate,
                                                             std::span<const x509::GeneralName> names,
                                                             const crypto::PublicKeyParts& key,
                                                             crypto::Provider& provider, WallTime now,
                                                             const LeafOptions& options = {});

/// That a certificate is a root as `make_root` makes them, signed by its own key: an unconstrained CA is never trusted.
/// `more_domains`: what else it may be for.
/// Error: `rules::not_our_root`.
Result<void> check_root(const x509::Certificate& root, crypto::Provider& provider,
                        std::span<const std::string> more_domains = {});
/// True if `root` has signed `intermediate`, which carries its constraints and lives at `now`, with more than a third
/// of its life left.
bool fit_intermediate(const x509::Certificate& intermediate, const x509::Certificate& root, crypto::Provider& provider,
                      WallTime now);

/// True if the issuer's name and key are those that signed a certificate.
bool is_signed_by(const x509::Certificate& certificate, const x509::Certificate& issuer, crypto::Provider& provider);

/// When a certificate should be replaced: a third of its life before its end.
WallTime renewal_time(const x509::Certificate& certificate);

}  // namespace padlock::ca
