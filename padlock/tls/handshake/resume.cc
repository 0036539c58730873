#include "padlock/tls/handshake/resume.h"

#include <algorithm>
#include <array>
#include <utility>

#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/session/session_cache.h"
#include "padlock/tls/session/ticket_keys.h"
#include "padlock/tls/wire/code_points.h"
#include "padlock/tls/wire/post_handshake.h"

namespace padlock::tls {

namespace {

bool may_go_on(const Session& session, const SessionTerms& terms, WallTime now) {
  return session.version == terms.version && session.server_name == terms.server_name && session.alpn == terms.alpn &&
         now < session.authenticated + std::chrono::seconds(limits::ticket_lifetime);
}

}  // namespace

std::optional<Session> open_ticket(Bytes ticket, const SessionTerms& terms, const ServerConfig& config,
                                   const Outbox& out) {
  if (config.ticket_keys == nullptr) return std::nullopt;
  auto copy = copy_of(ticket, out.arena);
  const auto opened = config.ticket_keys->open(copy, out.now.wall);
  const WipedAtEnd wiped(copy);
  if (!opened) return std::nullopt;
  auto session = parse_session(Reader(*opened, "Session"));
  if (!session || !may_go_on(*session, terms, out.now.wall)) return std::nullopt;
  return *std::move(session);
}

std::string binding_of(const Credential& credential) {
  const ClientAuthentication* const asks = credential.client_authentication.get();
  if (asks == nullptr) return {};
  return (asks->required ? "required " : "optional ") + asks->policy;
}

bool fits_into_ticket(const ConnectionInfo& info) {
  std::size_t size = 0;
  for (const auto& certificate : info.peer_chain) size += certificate.size();
  return size <= limits::chain_in_ticket;
}

List<std::uint8_t> seal_session(const Session& session, const ServerConfig& config, const Outbox& out) {
  List<std::uint8_t> written(out.arena);
  written.reserve(written_size_limit(session));  // it must not move: each place that it leaves would keep the secret
  Writer writer(written);
  write_session(writer, session);
  const WipedAtEnd wiped(written);
  return config.ticket_keys->seal(written, out.now.wall, out.arena);
}

}  // namespace padlock::tls

namespace padlock::tls::server13 {

bool takes_psk_dhe_ke(const ClientHello& hello) {
  return hello.psk_key_exchange_modes && contains(*hello.psk_key_exchange_modes, psk_dhe_ke);
}

namespace {

/// The session of a ticket, if it may go on with suites of this hash.
std::optional<ChosenPsk> find_ticket(const PskIdentity& identity, const SessionTerms& terms, crypto::HashAlgorithm hash,
                                     const ServerConfig& config, const Outbox& out) {
  auto session = open_ticket(identity.identity, terms, config, out);
  if (!session || hash_of(session->cipher_suite) != hash) return std::nullopt;
  ChosenPsk psk{.ticket_age = std::chrono::milliseconds(
                    static_cast<std::uint32_t>(identity.obfuscated_ticket_age - session->ticket_age_add)),
                .session = *std::move(session)};
  if (!is_external_binding(psk.session.client_authentication)) return psk;
  psk.external = find_by_binding(config.external_psks, psk.session.client_authentication);
  if (psk.external == nullptr) return std::nullopt;  // the key was taken away
  return psk;
}

/// The external key of an identity, as if it were a session from now.
Result<std::optional<ChosenPsk>> find_external(Bytes identity, const SessionTerms& terms, CipherSuite suite,
                                               const ServerConfig& config, const Outbox& out) {
  auto external = PADLOCK_TRY(find_by_identity(config.external_psks, identity, hash_of(suite)));
  if (external == nullptr) return std::nullopt;
  ChosenPsk psk{.session = {.version = terms.version,
                            .cipher_suite = suite,
                            .secret = external->imported(hash_of(suite)).key.duplicate(),
                            .authenticated = out.now.wall,
                            .issued = out.now.wall,
                            .client_authentication = external->binding()},
                .external = external,
                .resumed = false};
  return psk;
}

}  // namespace

Result<std::optional<ChosenPsk>> choose_psk(const ClientHello& hello, Bytes message, Transcript before,
                                            CipherSuite suite, const ServerConfig& config, const Outbox& out) {
  if (!hello.pre_shared_key || !takes_psk_dhe_ke(hello)) return std::nullopt;
  const SessionTerms terms{ProtocolVersion::TLS_1_3, hello.server_name, out.info.alpn};
  const OfferedPsks& psks = *hello.pre_shared_key;
  for (std::size_t i = 0; i < psks.identities.size(); ++i) {
    auto psk = find_ticket(psks.identities[i], terms, hash_of(suite), config, out);
    if (!psk) psk = PADLOCK_TRY(find_external(psks.identities[i].identity, terms, suite, config, out));
    if (!psk) continue;
    before.add(message.first(message.size() - psks.binders_length));
    psk->early_secret = early_secret(hash_of(suite), psk->session.secret.reveal());
    const auto binder =
        psk_binder(hash_of(suite), psk->early_secret, psk->resumed ? "res binder" : "imp binder", before.digest());
    if (!equal_constant_time(psks.binders[i], binder)) {
      return broken(rules::psk_binder_wrong, "the binder of identity " + std::to_string(i) + " is wrong");
    }
    psk->selected_identity = static_cast<std::uint16_t>(i);
    return psk;
  }
  return std::nullopt;
}

std::string_view obstacle_to_early_data(const std::optional<ChosenPsk>& psk, CipherSuite suite,
                                        const ServerConfig& config, WallTime now) {
  if (config.max_early_data_size == 0) return "this server takes none";
  if (!psk) return "there is no session to go on from";
  if (psk->session.max_early_data_size == 0) return "its ticket allows none";
  if (psk->selected_identity != 0) return "it belongs to another session than the one that goes on";
  if (psk->session.cipher_suite != suite) return "it has another cipher suite than this connection";
  // Both ends count from the same moment; what is between them is the way there and back, and how clocks go.
  if (std::chrono::abs(psk->ticket_age - (now - psk->session.issued)) > limits::early_data_window) {
    return "the hello was not made just now";
  }
  return "";
}

namespace {

/// What this connection is remembered by.
Session session_of(const Negotiated& negotiated, crypto::HashSecret psk, std::uint32_t age_add,
                   const TicketTerms& terms, std::uint32_t max_early_data_size, const Outbox& out) {
  return {.version = ProtocolVersion::TLS_1_3,
          .cipher_suite = negotiated.cipher_suite,
          .secret = std::move(psk),
          .authenticated = terms.authenticated,
          .issued = out.now.wall,
          .ticket_age_add = age_add,
          .max_early_data_size = max_early_data_size,
          .server_name = out.info.server_name,
          .alpn = out.info.alpn,
          .client_authentication = terms.client_authentication,
          .peer_chain = out.info.peer_chain};
}

}  // namespace

Result<void> send_tickets(const Negotiated& negotiated, const TicketTerms& terms, const ServerConfig& config,
                          Outbox& out) {
  if (terms.count == 0 || !fits_into_ticket(out.info)) return {};
  const crypto::HashAlgorithm hash = hash_of(negotiated.cipher_suite);
  const auto secret = resumption_master_secret(hash, negotiated.secrets.master_secret, negotiated.transcript.digest());
  out.derived("resumption_master_secret", secret.size());
  for (std::size_t i = 0; i < terms.count; ++i) {
    const std::array nonce = {static_cast<std::uint8_t>(i)};
    std::array<std::uint8_t, 4> age_add;
    PADLOCK_TRY(out.provider.random(age_add));
    const Session session = session_of(negotiated, resumption_psk(hash, secret, nonce),
                                       PADLOCK_TRY(Reader(age_add, "NewSessionTicket").u32("ticket_age_add")), terms,
                                       config.max_early_data_size, out);
    NewSessionTicket ticket{
        .ticket_lifetime = static_cast<std::uint32_t>(config.ticket_keys->lifetime(out.now.wall).count()),
        .ticket_age_add = session.ticket_age_add,
        .ticket_nonce = copy_of(nonce, out.arena),
        .ticket = seal_session(session, config, out)};
    if (config.max_early_data_size > 0) ticket.early_data = config.max_early_data_size;
    out.send(HandshakeType::new_session_ticket, [&](Writer& body) { write_new_session_ticket(body, ticket); });
  }
  return {};
}

}  // namespace padlock::tls::server13

namespace padlock::tls::server12 {

std::optional<Session> find_session(const ClientHello& hello, const ServerConfig& config, const Outbox& out) {
  const SessionTerms terms{ProtocolVersion::TLS_1_2, hello.server_name, out.info.alpn};
  std::optional<Session> session;
  if (hello.session_ticket && !hello.session_ticket->empty()) {
    session = open_ticket(*hello.session_ticket, terms, config, out);
  } else if (config.session_cache != nullptr) {
    session = config.session_cache->find(hello.legacy_session_id, out.now.wall);
    if (session && !may_go_on(*session, terms, out.now.wall)) return std::nullopt;
  }
  if (!session || !contains(hello.cipher_suites, session->cipher_suite) ||
      !contains(config.cipher_suites, session->cipher_suite) || !allows(config.policy, session->cipher_suite)) {
    return std::nullopt;
  }
  return session;
}

}  // namespace padlock::tls::server12
