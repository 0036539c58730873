// bench_x509 [--json FILE]: certificates and their verification, against peers in the same run.
#include <iterator>
#include <string>
#include <vector>

#include "bench/allocations.h"
#include "bench/x509/cases.h"

int main(int argc, char** argv) {
  padlock::bench::count_library_allocations();
  namespace bench = padlock::bench;
  auto cases = bench::verify_cases();
  for (auto&& more : {bench::parse_cases(), bench::constraint_cases()})
    cases.insert(cases.end(), more.begin(), more.end());
  const std::vector<std::string> arguments(argv, std::next(argv, argc));
  return bench::run_bench(arguments, cases);
}
