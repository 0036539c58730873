#pragma once

#include "padlock/base/text.h"
#include "padlock/crypto/hash.h"

namespace padlock::tls {

/// The hash over all handshake messages so far, headers included (RFC 8446, section 4.4.1). A value: a copy forks it.
class Transcript {
 public:
  explicit Transcript(crypto::HashAlgorithm algorithm) : hash_(algorithm) {}
  void add(Bytes message) { hash_.update(message); }
  /// Transcript-Hash of the messages so far.
  crypto::Digest digest() const { return hash_.digest(); }
  crypto::HashAlgorithm algorithm() const { return hash_.algorithm(); }
  /// After a HelloRetryRequest the first ClientHello, which is all that was added, counts as a `message_hash`.
  void replace_with_message_hash();

 private:
  crypto::Hash hash_;
};

}  // namespace padlock::tls
