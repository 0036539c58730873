// bogo_shim: what BoringSSL's ssl/test/runner starts for each of its tests, to speak to Padlock (`./dev conformance
// bogo`). Exit codes: 0 the exchange went well, 1 it did not, 89 the test asks for what Padlock or the shim has not.
#include <array>
#include <chrono>
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

std::optional<std::string> exchange(const Options& options, Lasting& lasting, bool resumption, const Options& retry,
                                    crypto::Provider& provider) {
  if (resumption && !options.server && lasting.session == nullptr) return "there is no session to offer";
  const auto setup = make_setup(options, lasting, provider);
  if (!setup) return setup.error().to_string();
  auto socket = RunnerSocket::connect(options.port, options.ipv6, options.shim_id);
  if (!socket) return "the runner is not there";
  auto fault = Exchange(options, retry, *setup, lasting, resumption, *socket, provider).run();
  lasting.pass(std::chrono::seconds(options.resumption_delay.value_or(0)));
  return fault;
}

/// The first connection, and those that would like to go on from the one before.
std::optional<std::string> exchange_all(const CommandLine& line) {
  const auto provider = crypto::make_provider();
  const std::array<std::uint8_t, 32> root{};  // its tickets are worth nothing
  Lasting lasting;
  lasting.ticket_keys =
      std::make_shared<tls::TicketKeys>(*provider, Secret<32>(root), lasting.now.wall, tls::TicketSource{});
  auto fault = exchange(line.initial, lasting, false, line.retry, *provider);
  for (std::uint64_t i = 0; i < line.initial.resume_count && !fault; ++i) {
    fault = exchange(line.resume, lasting, true, line.retry, *provider);
  }
  return fault;
}

int run(std::span<const std::string> arguments) {
  CommandLine line = parse_command_line(arguments);
  if (line.initial.is_handshaker_supported) {
    std::cout << "No\n";
    return 0;
  }
  for (std::string& reason : unsupported(line.initial)) line.unsupported.push_back(std::move(reason));
  if (line.unsupported.empty()) line.unsupported = unsupported(line.resume);
  if (line.unsupported.empty()) line.unsupported = unsupported(line.retry);
  if (!line.unsupported.empty()) return tell_unsupported(line.unsupported);
  const auto fault = exchange_all(line);
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
