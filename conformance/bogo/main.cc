// bogo_shim: what BoringSSL's ssl/test/runner starts for each of its tests, to speak to Padlock (`./dev conformance
// bogo`). Exit codes: 0 the exchange went well, 1 it did not, 89 the test asks for what Padlock or the shim has not.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#include "conformance/bogo/exchange.h"

namespace padlock::bogo {
namespace {

constexpr int unimplemented = 89;

/// What tests ask for in vain is counted by tools/bogo.py: a line a test in the file that BOGO_UNSUPPORTED names.
int tell_unsupported(const std::vector<std::string>& reasons) {
  std::string line;
  for (const std::string& reason : reasons) line += (line.empty() ? "" : ", ") + reason;
  std::cerr << "unsupported: " << line << '\n';
  if (const char* const log = std::getenv("BOGO_UNSUPPORTED")) std::ofstream(log, std::ios::app) << line + '\n';
  return unimplemented;
}

std::optional<std::string> exchange(const Options& options) {
  const auto provider = crypto::make_provider();
  const auto setup = make_setup(options, *provider);
  if (!setup) return setup.error().to_string();
  auto socket = RunnerSocket::connect(options.port, options.ipv6, options.shim_id);
  if (!socket) return "the runner is not there";
  return Exchange(options, *setup, *socket, *provider).run();
}

int run(std::span<const std::string> arguments) {
  CommandLine line = parse_command_line(arguments);
  if (line.options.is_handshaker_supported) {
    std::cout << "No\n";
    return 0;
  }
  for (std::string& reason : unsupported(line.options)) line.unsupported.push_back(std::move(reason));
  if (!line.unsupported.empty()) return tell_unsupported(line.unsupported);
  const auto fault = exchange(line.options);
  if (fault) std::cerr << *fault << '\n';
  return fault ? 1 : 0;
}

}  // namespace
}  // namespace padlock::bogo

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(std::next(argv), std::next(argv, argc));
  const int code = padlock::bogo::run(arguments);
  std::cerr << "--- DONE ---\n";  // the runner takes what follows for a sanitizer's report
  return code;
}
