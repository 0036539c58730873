#pragma once

#include <string_view>

namespace padlock::bench {

/// Ends the bench with one line and exit code 1.
[[noreturn]] void fail(std::string_view why);

/// Fails a bench whose peers do not do what they should: a figure of work that failed is worth nothing.
void require(bool done, std::string_view what);

}  // namespace padlock::bench
