#include "padlock/server/snapshot.h"

#include <utility>

#include "padlock/server/challenge_handler.h"
#include "padlock/server/limits.h"

namespace padlock::server {

std::shared_ptr<const Snapshot> make_snapshot(Service service, std::uint16_t https_port) {
  auto tls = std::make_shared<tls::ServerConfig>();
  tls->policy = service.policy;
  if (service.early_data) tls->max_early_data_size = limits::early_data_bytes;
  tls->alpn = {"h2", "http/1.1"};
  // Last: who offers another one too is no ACME server, which offers this alone (RFC 8737, section 3).
  if (service.challenges) tls->alpn.emplace_back(acme::acme_tls_protocol);
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->sites = std::move(service.sites);
  snapshot->tls = std::move(tls);
  if (service.plain_answers) snapshot->plain.handler = std::make_shared<PlainAnswersHandler>(service.plain_answers);
  snapshot->plain_answers = std::move(service.plain_answers);
  snapshot->challenges = service.challenges;
  snapshot->on_demand = std::move(service.on_demand);
  if (service.challenges)
    snapshot->challenge.handler = std::make_shared<ChallengeHandler>(std::move(service.challenges));
  snapshot->redirect.handler = std::make_shared<HttpsRedirectHandler>(https_port);
  snapshot->wrong_port.handler = std::make_shared<WrongPortHandler>();
  snapshot->timers = service.timers;
  return snapshot;
}

}  // namespace padlock::server
