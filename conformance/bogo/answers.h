#pragma once

#include <optional>
#include <string>
#include <vector>

#include "conformance/bogo/options.h"
#include "conformance/bogo/setup.h"
#include "padlock/crypto/provider.h"
#include "padlock/tls/connection.h"

namespace padlock::bogo {

/// What a connection's questions told.
struct Learned {
  std::vector<std::uint8_t> ocsp_staple{};
  std::vector<std::uint8_t> signed_certificate_timestamps{};
  std::optional<tls::SignatureScheme> peer_scheme{};  ///< of the peer's signature
  std::string credential = "-1";                      ///< the number of the one that was shown
  std::vector<std::vector<std::uint8_t>> authorities{};
};

/// Answers a connection's questions as the flags want it.
class Answers {
 public:
  Answers(const Options& options, const Setup& setup, crypto::Provider& provider)
      : options_(options), setup_(setup), provider_(provider) {}
  void answer(tls::Connection& connection, const tls::Event& question);
  const Learned& learned() const { return learned_; }

 private:
  void answer(tls::Connection& connection, const tls::CertificateWanted& wanted);
  void answer(tls::Connection& connection, const tls::CryptoWanted& wanted);
  void answer(tls::Connection& connection, const tls::ChainVerificationWanted& wanted);
  /// The rule that the flags want this chain to break; null: it is to be believed.
  const Rule* judge(const tls::ConnectionInfo& info) const;

  const Options& options_;
  const Setup& setup_;
  crypto::Provider& provider_;
  Learned learned_;
};

}  // namespace padlock::bogo
