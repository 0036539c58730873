#include "bench/allocations.h"

#include <malloc.h>
#include <openssl/crypto.h>

#include <cstddef>
#include <cstdlib>
#include <new>

namespace padlock::bench {
namespace {

// The benches have one thread.
Allocations calls;
LiveBytes live;

void* counted_malloc(std::size_t size, const char* /*file*/, int /*line*/) {
  ++calls.library;
  void* const memory = std::malloc(size);
  live.library += malloc_usable_size(memory);
  return memory;
}
void counted_free(void* memory, const char* /*file*/, int /*line*/) {
  live.library -= malloc_usable_size(memory);
  std::free(memory);
}
void* counted_realloc(void* memory, std::size_t size, const char* /*file*/, int /*line*/) {
  ++calls.library;
  live.library -= malloc_usable_size(memory);
  void* const moved = std::realloc(memory, size);
  live.library += malloc_usable_size(moved);
  return moved;
}

void* counted(void* memory) {
  ++calls.own;
  if (memory == nullptr) throw std::bad_alloc();
  live.own += malloc_usable_size(memory);
  return memory;
}
void release(void* memory) {
  live.own -= malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

Allocations allocations() { return calls; }
LiveBytes live_bytes() { return live; }

void count_library_allocations() {
  if (CRYPTO_set_mem_functions(counted_malloc, counted_realloc, counted_free) != 1) std::abort();
}

}  // namespace padlock::bench

void* operator new(std::size_t size) { return padlock::bench::counted(std::malloc(size)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto unit = static_cast<std::size_t>(alignment);
  return padlock::bench::counted(std::aligned_alloc(unit, (size + unit - 1) / unit * unit));
}
void operator delete(void* memory) noexcept { padlock::bench::release(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { padlock::bench::release(memory); }
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept { padlock::bench::release(memory); }
void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
  padlock::bench::release(memory);
}
