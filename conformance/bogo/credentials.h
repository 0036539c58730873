#pragma once

#include <memory>
#include <string>
#include <vector>

#include "conformance/bogo/options.h"
#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/tls/config.h"
#include "padlock/tls/events.h"

namespace padlock::bogo {

/// A certificate that the shim may show, with what decides whether it does.
struct Candidate {
  std::shared_ptr<const tls::Credential> credential;
  std::string number;                ///< its place in the runner's list; -1: it stands outside
  std::vector<std::uint8_t> issuer;  ///< of the chain's last certificate, DER
  bool must_match_issuer = false;
};

/// Reads the files that the flags name, in the order of preference. `client_authentication`: what a server asks of its
/// clients. Error: a file is not there or is refused.
Result<std::vector<Candidate>> load_candidates(
    const Options& options, const std::shared_ptr<const tls::ClientAuthentication>& client_authentication,
    crypto::Provider& provider);

/// The external keys that the flags name.
Result<tls::ExternalPsks> load_external_psks(const Options& options);

/// The first that the peer can use; null: there is none.
const Candidate* find_candidate(const std::vector<Candidate>& candidates, const tls::CertificateWanted& wanted,
                                tls::ProtocolVersion version);

/// The certificates of a PEM file, DER, in its order.
Result<std::vector<std::vector<std::uint8_t>>> read_chain(const std::string& path);

/// Numbers of the runner as our code points.
template <class CodePoint>
std::vector<CodePoint> code_points(const std::vector<std::uint64_t>& numbers) {
  std::vector<CodePoint> points;
  for (const std::uint64_t number : numbers) points.push_back(static_cast<CodePoint>(number));
  return points;
}

}  // namespace padlock::bogo
