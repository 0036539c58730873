#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace padlock::net {

class BufferPool;

/// A buffer of `BufferPool::buffer_bytes`, lent by a pool; goes back to it on destruction. Empty when default-made.
class PooledBuffer {
 public:
  PooledBuffer() = default;
  PooledBuffer(PooledBuffer&& other) noexcept;
  PooledBuffer& operator=(PooledBuffer&& other) noexcept;
  ~PooledBuffer() { release(); }
  std::span<std::uint8_t> bytes() { return bytes_; }
  bool empty() const { return bytes_.empty(); }
  void release();

 private:
  friend class BufferPool;
  PooledBuffer(BufferPool* pool, std::vector<std::uint8_t> bytes) : pool_(pool), bytes_(std::move(bytes)) {}
  BufferPool* pool_ = nullptr;
  std::vector<std::uint8_t> bytes_;
};

/// Buffers of one size for the streams of one worker. Not thread-safe; outlives its buffers.
class BufferPool {
 public:
  /// Four of TLS' largest records (RFC 8446, section 5.2): one read of the socket can take as many.
  static constexpr std::size_t buffer_bytes = std::size_t{4} * (5 + 16'384 + 256);
  /// Free buffers kept for later; what comes back beyond goes to the heap.
  static constexpr std::size_t max_free = 64;

  PooledBuffer take();
  std::size_t lent() const { return lent_; }
  std::size_t free() const { return free_.size(); }

 private:
  friend class PooledBuffer;
  void give_back(std::vector<std::uint8_t> bytes);
  std::vector<std::vector<std::uint8_t>> free_;
  std::size_t lent_ = 0;
};

}  // namespace padlock::net
