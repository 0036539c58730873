// bench_tls [--json FILE]: TLS and what it is made of, against its peers in the same run.
#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "bench/allocations.h"
#include "bench/tls/cases.h"

int main(int argc, char** argv) {
  padlock::bench::count_library_allocations();
  auto cases = padlock::bench::primitive_cases();
  std::ranges::move(padlock::bench::ml_kem_cases(), std::back_inserter(cases));
  return padlock::bench::run_bench(std::vector<std::string>(argv, std::next(argv, argc)), cases);
}
