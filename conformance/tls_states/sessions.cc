#include "conformance/tls_states/sessions.h"

#include <array>

#include "padlock/tls/session/session_cache.h"

namespace padlock::tls_states {

namespace {

using tls::testing::SessionPtr;

/// So many that no full handshake of a flight pushes the one out that the flights go on from.
constexpr std::size_t cached_sessions = 1'000'000;

SessionPtr make_session(const Tested& tested) {
  const tls::ServerConfig server = server_with_sessions(tested);
  const tls::ClientConfig client{.policy = server.policy, .max_version = server.max_version, .resumption = true};
  return tls::testing::resume(client, server, nullptr, tls::testing::later({})).client.sessions.at(0);
}

}  // namespace

tls::ServerConfig server_with_sessions(const Tested& tested) {
  static const auto cache = std::make_shared<tls::SessionCache>(cached_sessions);
  static const auto keys = tls::testing::ticket_keys();
  const bool tls12 = tested.version == Version::tls12;
  tls::ServerConfig config{.policy = tls12 ? tls::Policy::intermediate : tls::Policy::modern,
                           .max_version = tls12 ? tls::ProtocolVersion::TLS_1_2 : tls::ProtocolVersion::TLS_1_3};
  if (tested.has == Has::session) config.ticket_keys = keys;
  if (tested.has == Has::session_id) config.session_cache = cache;
  return config;
}

SessionPtr session_for(const Tested& tested) {
  if (tested.has != Has::session && tested.has != Has::session_id) return nullptr;
  static const SessionPtr ticket13 = make_session({Role::server, Version::tls13, Has::session, true});
  static const SessionPtr ticket12 = make_session({Role::server, Version::tls12, Has::session, false});
  static const SessionPtr id12 = make_session({Role::server, Version::tls12, Has::session_id, false});
  if (tested.version == Version::tls13) return ticket13;
  return tested.has == Has::session ? ticket12 : id12;
}

}  // namespace padlock::tls_states
