#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/require.h"

namespace padlock::bench {

/// A part of an operation. What the other end of a connection does in between is not measured.
struct Step {
  std::function<void()> run;
  bool measured = true;
};

/// Calls of allocators.
struct AllocationsPerOperation {
  double own = 0;
  double library = 0;
};

/// One side of a case.
struct Contender {
  /// One measured step, before which `prepare`, if any, is called, does the operation `operations` times.
  Contender(std::string peer_name, std::size_t operations, std::function<void()> run,
            std::function<void()> prepare = {});
  /// `steps`, one after the other, do the operation `operations` times.
  Contender(std::string peer_name, std::size_t operations, std::vector<Step> steps);
  /// One that measures itself, as it does where it is another process. Nobody counts its allocations.
  Contender(std::string peer_name, std::function<double(double)> measured_round)
      : peer(std::move(peer_name)), round(std::move(measured_round)) {}

  std::string peer;  ///< "padlock", "libcrypto", "libssl", "rustls", "floor"
  /// Does the operation until it has taken so many nanoseconds of CPU time in all, once at least; gives those of one.
  std::function<double(double)> round;
  std::function<AllocationsPerOperation()> allocations = {};  ///< empty: nobody counts them
};

/// What our best may cost, as a multiple of the peer's best.
struct Bound {
  std::string peer;
  double most;
};

/// The same work by several; the first contender is ours, and ratios are ours to each of the others.
/// Contenders are made when the case's turn comes, so that its keys and buffers live no longer.
struct Case {
  std::string name;  ///< "aead.seal.aes_128_gcm.1350"
  std::function<std::vector<Contender>()> contenders;
  std::vector<Bound> bounds = {};
  /// Allocations of our own that an operation may make.
  std::optional<double> most_allocations = {};
  std::optional<double> most_ns = {};  ///< of our best: a limit against attacks, on any machine
};

/// Bytes that something holds while it lives: no time is measured.
struct MemoryCase {
  std::string name;
  struct Holder {
    std::string peer;
    std::function<double()> bytes;
  };
  std::function<std::vector<Holder>()> holders;
  std::optional<double> most_bytes = {};  ///< of ours, the first
};

struct Options {
  std::string json_file;  ///< empty: none
  std::string only;       ///< cases whose name holds this
  std::string peer;       ///< contenders of this name; empty: all
  std::size_t rounds = 9;
  bool check = false;  ///< a bound that is missed makes the exit code 1
};

/// Reads `[--json FILE] [--only PART] [--peer NAME] [--rounds N] [--check]`, runs the cases in interleaved rounds of
/// CPU time, prints a row for each contender and writes a JSON line for each. Returns the program's exit code.
int run_bench(std::span<const std::string> arguments, std::span<const Case> cases,
              std::span<const MemoryCase> memory_cases = {});

}  // namespace padlock::bench
