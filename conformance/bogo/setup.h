#pragma once

#include <memory>
#include <string>
#include <vector>

#include "conformance/bogo/options.h"
#include "padlock/tls/config.h"

namespace padlock::bogo {

/// What Padlock's connection is made with.
struct Setup {
  std::shared_ptr<const tls::ClientConfig> client;
  std::shared_ptr<const tls::ServerConfig> server;
  std::shared_ptr<const tls::Credential> credential;  ///< a server's
};

/// Why Padlock cannot do what the flags ask together, in words; empty: it can.
std::vector<std::string> unsupported(const Options& options);

/// Reads the files that the flags name. Error: one is not there or is refused.
Result<Setup> make_setup(const Options& options, crypto::Provider& provider);

/// The certificates of a PEM file, DER, in its order.
Result<std::vector<std::vector<std::uint8_t>>> read_chain(const std::string& path);

}  // namespace padlock::bogo
