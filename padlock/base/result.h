#pragma once

#include <expected>
#include <string>
#include <utility>

#include "padlock/base/rule.h"

namespace padlock {

/// What went wrong: the rule that was broken and what happened, with the actual values.
struct Error {
  const Rule* rule;  ///< never null; points at an `inline constexpr` object
  std::string what;  ///< "server chose TLS_AES_256_GCM_SHA384"

  /// "server chose ... (RFC 8446, section 4.1.3; tls.server_hello.cipher_suite_not_offered)".
  std::string to_string() const;
};

/// A value, or the reason why there is none. For faults of peers, disk, network and users; `assert` is for our own.
template <class T>
using Result = std::expected<T, Error>;

/// Fails with `rule`: `return broken(cipher_suite_not_offered, "server chose " + name_of(suite));`
[[nodiscard]] inline std::unexpected<Error> broken(const Rule& rule, std::string what) {
  return std::unexpected(Error{&rule, std::move(what)});
}
std::unexpected<Error> broken(const Rule&& rule, std::string what) = delete;  // a rule outlives its errors

}  // namespace padlock

/// Gives the value of a Result, or returns its error from the enclosing function. May be nested: each use has a name of
/// its own.
#define PADLOCK_TRY(...) PADLOCK_TRY_COUNTED(__COUNTER__, __VA_ARGS__)
#define PADLOCK_TRY_COUNTED(number, ...) PADLOCK_TRY_NAMED(number, __VA_ARGS__)
#define PADLOCK_TRY_NAMED(number, ...)                                                                        \
  (__extension__({                                                                                            \
    auto padlock_try_result_##number = (__VA_ARGS__);                                                         \
    if (!padlock_try_result_##number) return std::unexpected(std::move(padlock_try_result_##number).error()); \
    *std::move(padlock_try_result_##number);                                                                  \
  }))

/// The same in a coroutine, after `auto r = co_await f();` (g++ 12 cannot take co_await inside the expression).
#define PADLOCK_CO_TRY(result) \
  if (!(result)) co_return std::unexpected(std::move(result).error())
