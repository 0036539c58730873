#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "padlock/explain/ladder.h"

namespace padlock::explain {

/// A run of a message's bytes with its name. Rows cover the message without gap or overlap.
struct ByteRow {
  std::size_t offset;
  std::size_t length;  ///< 0: a heading without bytes of its own
  unsigned depth;
  std::string name;
  std::string meaning;  ///< "TLS_AES_128_GCM_SHA256", "508"
};

/// Orders a message's fields and names the bytes between them: lengths in front of vectors, and what no parser named.
std::vector<ByteRow> byte_rows(const std::vector<ByteField>& fields, std::size_t message_length);

}  // namespace padlock::explain
