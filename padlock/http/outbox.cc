#include "padlock/http/outbox.h"

#include <cassert>

namespace padlock::http {

void Outbox::sent(std::size_t count) {
  constexpr std::size_t kept_capacity = 1024;  // a usual response head
  assert(count <= size());
  sent_ += count;
  if (!empty()) {
    if (sent_ < bytes_.size() / 2) return;
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(sent_));  // never emptied, it would grow
    sent_ = 0;
    return;
  }
  sent_ = 0;
  bytes_.clear();
  if (bytes_.capacity() > kept_capacity) std::vector<std::uint8_t>().swap(bytes_);
}

}  // namespace padlock::http
