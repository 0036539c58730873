#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace padlock::bench {

/// One side of a case. `run` does the operation `batch` times; `prepare`, if any, is called before and not measured.
struct Contender {
  std::string peer;  ///< "padlock", "libcrypto", "libssl", ...
  std::size_t batch = 1;
  std::function<void()> run;
  std::function<void()> prepare = {};
};

/// The same work by several: the first contender is ours, ratios are against the best of the others.
/// Contenders are made when the case's turn comes, so that its keys and buffers live no longer.
struct Case {
  std::string name;  ///< "aead.seal.aes_128_gcm.1350"
  std::function<std::vector<Contender>()> contenders;
};

struct Options {
  std::string json_file;  ///< empty: none
  std::string only;       ///< cases whose name holds this
  std::size_t rounds = 9;
};

/// Fails a bench whose peers do not do what they should: a figure of work that failed is worth nothing.
void require(bool done, std::string_view what);

/// Reads `[--json FILE] [--only PART] [--rounds N]`, runs the cases in interleaved rounds of CPU time, prints a row for
/// each contender and writes a JSON line for each. Returns the program's exit code.
int run_bench(const std::vector<std::string>& arguments, const std::vector<Case>& cases);

}  // namespace padlock::bench
