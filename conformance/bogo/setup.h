#pragma once

#include <memory>
#include <string>
#include <vector>

#include "conformance/bogo/credentials.h"
#include "conformance/bogo/lasting.h"
#include "conformance/bogo/options.h"
#include "padlock/tls/config.h"

namespace padlock::bogo {

/// What one of Padlock's connections is made with.
struct Setup {
  std::shared_ptr<const tls::ClientConfig> client;
  std::shared_ptr<const tls::ServerConfig> server;
  std::vector<Candidate> credentials;
};

/// Why Padlock cannot do what the flags ask together, in words; empty: it can.
std::vector<std::string> unsupported(const Options& options);

/// Reads the files that the flags name. Error: one is not there or is refused.
Result<Setup> make_setup(const Options& options, const Lasting& lasting, crypto::Provider& provider);

/// Names as the runner writes them: DER in hex, with commas between them; none for its words "<EMPTY>" and "<NULL>".
std::vector<std::vector<std::uint8_t>> parse_names(std::string_view list);

}  // namespace padlock::bogo
