#include "padlock/crypto/hash.h"

#include <algorithm>
#include <cassert>

namespace padlock::crypto {

Digest::Digest(Bytes bytes) : size_(bytes.size()) {
  assert(bytes.size() <= max_hash_length);
  copy_bytes(bytes, bytes_);
}

Digest hash_of(HashAlgorithm algorithm, Bytes bytes) {
  Hash hash(algorithm);
  hash.update(bytes);
  return hash.finish();
}

}  // namespace padlock::crypto
