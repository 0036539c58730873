#include "bench/require.h"

#include <cstdlib>
#include <iostream>
#include <string>

namespace padlock::bench {

void fail(std::string_view why) {
  std::cerr << "bench: " << why << '\n';
  std::exit(1);
}

void require(bool done, std::string_view what) {
  if (!done) fail(std::string(what) + " failed");
}

}  // namespace padlock::bench
