#include "tests/support/failing_memory.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string_view>

// g++'s libbacktrace, as its <backtrace.h> has it, which clang does not find.
extern "C" {
struct backtrace_state;
using backtrace_error_callback = void (*)(void* data, const char* message, int error);
using backtrace_full_callback = int (*)(void* data, std::uintptr_t pc, const char* file, int line,
                                        const char* function);
backtrace_state* backtrace_create_state(const char* file, int threaded, backtrace_error_callback failed, void* data);
int backtrace_full(backtrace_state* state, int skip, backtrace_full_callback look, backtrace_error_callback failed,
                   void* data);
}

namespace padlock::test {
namespace {

std::atomic<std::int64_t> to_meet = 0;    ///< before the first that is refused
std::atomic<std::int64_t> to_refuse = 0;  ///< behind those
std::atomic<bool> refused = false;
std::atomic<std::int64_t> blocks = 0;  ///< held by somebody
thread_local int spared = 0;           ///< how often

/// Where Asio begins what a coroutine waits for, it cannot tell that it got no memory: that `await_suspend` is
/// noexcept, and the process ends. Such requests are met (docs/threats.md, P3).
bool is_begun_by_asio() {
  static backtrace_state* const program = ::backtrace_create_state(nullptr, 1, [](void*, const char*, int) {}, nullptr);
  bool found = false;
  const auto look = [](void* data, std::uintptr_t, const char*, int, const char* function) {
    const std::string_view name = function == nullptr ? "" : function;
    // The library has the names of inlined functions as they are written, others mangled.
    if (name.find("await_suspend") != std::string_view::npos) *static_cast<bool*>(data) = true;
    return 0;
  };
  ::backtrace_full(program, 0, look, [](void*, const char*, int) {}, &found);
  return found;
}

bool is_refused() {
  if (spared > 0 || to_refuse <= 0 || to_meet.fetch_sub(1) > 0) return false;
  const SparedThread looking;
  if (is_begun_by_asio() || to_refuse.fetch_sub(1) <= 0) return false;
  refused = true;
  return true;
}

// NOLINTBEGIN(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory,clang-analyzer-unix.Malloc): this is the
// allocator itself

void* counted(void* memory) {
  if (memory != nullptr) ++blocks;
  return memory;
}
void take_back(void* memory) noexcept {
  if (memory != nullptr) --blocks;
  std::free(memory);
}

void* malloc_of_libcrypto(std::size_t size, const char* /*file*/, int /*line*/) {
  return is_refused() ? nullptr : counted(std::malloc(size));
}
void* realloc_of_libcrypto(void* memory, std::size_t size, const char* /*file*/, int /*line*/) {
  if (size == 0) {
    take_back(memory);
    return nullptr;
  }
  if (is_refused()) return nullptr;
  return memory == nullptr ? counted(std::malloc(size)) : std::realloc(memory, size);
}
void free_of_libcrypto(void* memory, const char* /*file*/, int /*line*/) { take_back(memory); }

}  // namespace

bool take_over_libcrypto() {
  return CRYPTO_set_mem_functions(malloc_of_libcrypto, realloc_of_libcrypto, free_of_libcrypto) == 1;
}

void refuse_memory(std::size_t met, std::size_t refused_then) {
  refused = false;
  to_meet = static_cast<std::int64_t>(met);
  to_refuse = static_cast<std::int64_t>(refused_then);
}

bool give_memory_again() {
  to_refuse = 0;
  return refused;
}

SparedThread::SparedThread() { ++spared; }
SparedThread::~SparedThread() { --spared; }

std::size_t live_blocks() { return static_cast<std::size_t>(blocks.load()); }

namespace {

void* give(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  return counted(memory);
}

void* give(std::size_t size) { return give(is_refused() ? nullptr : std::malloc(std::max<std::size_t>(size, 1))); }

void* give(std::size_t size, std::align_val_t alignment) {
  // std::pmr asks with less than the usual alignment, too.
  const std::size_t unit = std::max(static_cast<std::size_t>(alignment), sizeof(void*));
  const std::size_t whole = (std::max<std::size_t>(size, 1) + unit - 1) / unit * unit;
  return give(is_refused() ? nullptr : std::aligned_alloc(unit, whole));
}

}  // namespace
}  // namespace padlock::test

using padlock::test::give;
using padlock::test::take_back;

void* operator new(std::size_t size) { return give(size); }
void* operator new[](std::size_t size) { return give(size); }
void* operator new(std::size_t size, std::align_val_t alignment) { return give(size, alignment); }
void* operator new[](std::size_t size, std::align_val_t alignment) { return give(size, alignment); }
// std::stable_sort asks so, and goes on without.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return give(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void* operator new[](std::size_t size, const std::nothrow_t& none) noexcept { return operator new(size, none); }
void operator delete(void* memory) noexcept { take_back(memory); }
void operator delete[](void* memory) noexcept { take_back(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { take_back(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { take_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { take_back(memory); }
void operator delete[](void* memory, std::size_t) noexcept { take_back(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { take_back(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { take_back(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { take_back(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { take_back(memory); }
// NOLINTEND(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory,clang-analyzer-unix.Malloc)
