// libcrypto's X.509 as a careful user calls it: a peer to measure against.
#pragma once

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

#include "bench/tls/libcrypto_peer.h"
#include "bench/tls/pki.h"
#include "padlock/base/text.h"

namespace padlock::bench {

using X509Handle = std::unique_ptr<X509, FreedBy<X509_free>>;

/// Reads a certificate and ends the bench if that fails.
X509Handle read_x509(Bytes der);

/// A store with one root. `verify` judges leaf and intermediate from their bytes: path, dates, purpose, name.
class LibcryptoChain {
 public:
  explicit LibcryptoChain(const Pki& pki);
  void verify() const;

 private:
  const Pki& pki_;
  std::unique_ptr<X509_STORE, FreedBy<X509_STORE_free>> store_;
};

}  // namespace padlock::bench
