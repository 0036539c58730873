// bench_tls [--json FILE]: TLS and what it is made of, against its peers in the same run.
#include <iterator>
#include <string>
#include <vector>

#include "bench/allocations.h"
#include "bench/tls/cases.h"

int main(int argc, char** argv) {
  padlock::bench::count_library_allocations();
  namespace bench = padlock::bench;
  auto cases = bench::handshake_cases();
  for (auto&& more : {bench::record_cases(), bench::ml_kem_cases(), bench::primitive_cases()})
    cases.insert(cases.end(), more.begin(), more.end());
  const std::vector<std::string> arguments(argv, std::next(argv, argc));
  return bench::run_bench(arguments, cases, bench::memory_cases());
}
