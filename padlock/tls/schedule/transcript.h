#pragma once

#include <optional>
#include <vector>

#include "padlock/base/text.h"
#include "padlock/crypto/hash.h"

namespace padlock::tls {

/// The hash over all handshake messages so far, headers included (RFC 8446, section 4.4.1). A value: a copy forks it.
class Transcript {
 public:
  explicit Transcript(crypto::HashAlgorithm algorithm) : hash_(algorithm) {}
  void add(Bytes message) {
    hash_.update(message);
    if (messages_) messages_->insert(messages_->end(), message.begin(), message.end());
  }
  /// Transcript-Hash of the messages so far.
  crypto::Digest digest() const { return hash_.digest(); }
  crypto::HashAlgorithm algorithm() const { return hash_.algorithm(); }
  /// After a HelloRetryRequest the first ClientHello, which is all that was added, counts as a `message_hash`.
  void replace_with_message_hash();

  /// From the first message on, keeps them too: a TLS 1.2 client signs them with a hash that is chosen later (RFC 5246,
  /// section 7.4.8).
  void keep_messages() { messages_.emplace(); }
  /// All of them; they are not kept any longer.
  std::vector<std::uint8_t> take_messages() {
    auto messages = std::move(messages_).value_or(std::vector<std::uint8_t>());
    messages_.reset();
    return messages;
  }

 private:
  crypto::Hash hash_;
  std::optional<std::vector<std::uint8_t>> messages_;
};

}  // namespace padlock::tls
