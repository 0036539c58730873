#include "padlock/http/h1/outbox.h"

#include <cassert>

namespace padlock::http::h1 {

void Outbox::sent(std::size_t count) {
  constexpr std::size_t kept_capacity = 1024;  // a usual response head
  assert(count <= size());
  sent_ += count;
  if (!empty()) return;
  sent_ = 0;
  bytes_.clear();
  if (bytes_.capacity() > kept_capacity) std::vector<std::uint8_t>().swap(bytes_);
}

}  // namespace padlock::http::h1
