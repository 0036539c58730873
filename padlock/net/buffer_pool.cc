#include "padlock/net/buffer_pool.h"

#include <cassert>
#include <utility>

namespace padlock::net {

PooledBuffer::PooledBuffer(PooledBuffer&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)), bytes_(std::exchange(other.bytes_, {})) {}

PooledBuffer& PooledBuffer::operator=(PooledBuffer&& other) noexcept {
  if (this != &other) {
    release();
    pool_ = std::exchange(other.pool_, nullptr);
    bytes_ = std::exchange(other.bytes_, {});
  }
  return *this;
}

void PooledBuffer::release() {
  if (pool_ != nullptr) std::exchange(pool_, nullptr)->give_back(std::exchange(bytes_, {}));
}

PooledBuffer BufferPool::take() {
  free_.reserve(max_free);  // once, so that giving back asks for no memory (docs/threats.md, P3)
  std::vector<std::uint8_t> bytes;
  if (free_.empty()) {
    bytes.resize(buffer_bytes);
  } else {
    bytes = std::move(free_.back());
    free_.pop_back();
  }
  ++lent_;
  return {this, std::move(bytes)};
}

void BufferPool::give_back(std::vector<std::uint8_t> bytes) {
  assert(lent_ > 0);
  --lent_;
  if (free_.size() < max_free) free_.push_back(std::move(bytes));
}

}  // namespace padlock::net
