#include "bench/allocations.h"

#include <openssl/crypto.h>

#include <cstddef>
#include <cstdlib>
#include <new>

namespace padlock::bench {
namespace {

// The benches have one thread.
std::uint64_t own = 0;
std::uint64_t library = 0;

void* counted_malloc(std::size_t size, const char* /*file*/, int /*line*/) {
  ++library;
  return std::malloc(size);
}
void* counted_realloc(void* memory, std::size_t size, const char* /*file*/, int /*line*/) {
  ++library;
  return std::realloc(memory, size);
}
void counted_free(void* memory, const char* /*file*/, int /*line*/) { std::free(memory); }

void* counted(void* memory) {
  ++own;
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

Allocations allocations() { return {own, library}; }

void count_library_allocations() {
  if (CRYPTO_set_mem_functions(counted_malloc, counted_realloc, counted_free) != 1) std::abort();
}

}  // namespace padlock::bench

void* operator new(std::size_t size) { return padlock::bench::counted(std::malloc(size)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto unit = static_cast<std::size_t>(alignment);
  return padlock::bench::counted(std::aligned_alloc(unit, (size + unit - 1) / unit * unit));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept { std::free(memory); }
