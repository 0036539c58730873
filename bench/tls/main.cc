// bench_tls [--json FILE]: TLS and what it is made of, against its peers in the same run.
#include <iterator>
#include <string>
#include <vector>

#include "bench/allocations.h"
#include "bench/tls/cases.h"

int main(int argc, char** argv) {
  padlock::bench::count_library_allocations();
  return padlock::bench::run_bench(std::vector<std::string>(argv, std::next(argv, argc)),
                                   padlock::bench::primitive_cases());
}
