#pragma once

#include <cstdint>
#include <memory>

#include "padlock/certs/acme_challenges.h"
#include "padlock/server/on_demand/certificates.h"
#include "padlock/server/route.h"
#include "padlock/server/site.h"
#include "padlock/server/timers.h"
#include "padlock/tls/config.h"

namespace padlock::server {

/// What can be replaced while a server runs.
struct Service {
  std::shared_ptr<const Sites> sites;
  tls::Policy policy = tls::Policy::intermediate;
  bool early_data = false;  ///< safe requests are answered before the handshake is complete (0-RTT)
  Timers timers{};
  std::shared_ptr<const PlainAnswers> plain_answers{};        ///< what plain http does not redirect; none: nothing
  std::shared_ptr<const certs::ChallengeBoard> challenges{};  ///< what ACME servers see of us; null: they never ask
  std::shared_ptr<OnDemandCertificates> on_demand{};          ///< null: configured names alone have certificates
};

/// What a server does at one moment. Immutable: when it is replaced, connections keep the one that they began with.
struct Snapshot {
  std::shared_ptr<const Sites> sites;
  std::shared_ptr<const tls::ServerConfig> tls;  ///< but for what is a worker's own
  std::shared_ptr<const PlainAnswers> plain_answers;
  std::shared_ptr<const certs::ChallengeBoard> challenges;
  std::shared_ptr<OnDemandCertificates> on_demand;
  Route challenge;        ///< http-01, on plain http
  Route plain, redirect;  ///< of plain http: those answers (no handler: none), and all else
  Route wrong_port;
  Timers timers;
};

/// `https_port`: where plain http sends its clients.
std::shared_ptr<const Snapshot> make_snapshot(Service service, std::uint16_t https_port);

}  // namespace padlock::server
