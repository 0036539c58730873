#include "padlock/tls/handshake/offer.h"

#include <algorithm>
#include <utility>

#include "padlock/tls/handshake/choose.h"
#include "padlock/tls/limits.h"
#include "padlock/tls/wire/code_points.h"
#include "padlock/x509/certificate.h"

namespace padlock::tls::client {

List<KeyShareEntry> entries_of(const KeyShares& keys, std::span<const NamedGroup> groups, Arena arena) {
  List<KeyShareEntry> entries(arena);
  entries.reserve(keys.size() + 1);  // GREASE
  for (const NamedGroup group : groups) {
    const auto key = std::ranges::find(keys, group, [](const auto& each) { return each->group(); });
    if (key != keys.end()) entries.push_back({group, copy_of((*key)->public_share(), arena)});
  }
  return entries;
}

namespace {

/// The n-th of the sixteen values of RFC 8701, section 2: 0x0a0a, 0x1a1a, ...
std::uint16_t grease_value(std::uint8_t n) { return static_cast<std::uint16_t>(0x0a0a + 0x1010 * (n % 16)); }

/// Offers beside the real ones, which no server may choose (RFC 8701, section 3.1). Which they are may be known: they
/// are taken from the public random.
void add_grease(ClientHello& hello) {
  const auto group = static_cast<NamedGroup>(grease_value(hello.random[0]));
  const std::uint8_t extension = hello.random[1];
  hello.supported_groups->insert(hello.supported_groups->begin(), group);
  if (auto& shares = hello.key_share) {
    List<std::uint8_t> share(std::size_t{1}, std::uint8_t{0}, shares->get_allocator());
    shares->insert(shares->begin(), {group, std::move(share)});
  }
  hello.cipher_suites.insert(hello.cipher_suites.begin(), static_cast<CipherSuite>(grease_value(hello.random[2])));
  if (hello.supported_versions) {
    hello.supported_versions->insert(hello.supported_versions->begin(),
                                     static_cast<ProtocolVersion>(grease_value(hello.random[3])));
  }
  hello.grease = {static_cast<ExtensionType>(grease_value(extension)),
                  static_cast<ExtensionType>(grease_value(static_cast<std::uint8_t>(extension + 1)))};
}

Result<void> add_tls13(ClientHello& hello, const ClientConfig& config, std::span<const ProtocolVersion> versions,
                       const KeyShares& keys, Outbox& out) {
  if (config.middlebox_compatibility) {
    const Random session_id = PADLOCK_TRY(out.random());
    hello.legacy_session_id = copy_of(session_id, out.arena);
  }
  hello.supported_versions = List<ProtocolVersion>(versions.begin(), versions.end(), out.arena);
  hello.key_share = entries_of(keys, config.groups, out.arena);
  if (const auto& compressions = config.certificate_compression; !compressions.empty()) {
    hello.compress_certificate = algorithms_of(compressions, out.arena);
  }
  return {};
}

/// A client of TLS 1.2 alone has no use for groups that only TLS 1.3 has, and its records are smaller by their type.
void add_tls12(ClientHello& hello, Arena arena) {
  if (!hello.supported_versions) {
    std::erase_if(*hello.supported_groups, crypto::has_kem);
    hello.record_size_limit = std::min<std::uint16_t>(*hello.record_size_limit, limits::plaintext);
  }
  hello.extended_master_secret = true;
  hello.encrypt_then_mac =
      std::ranges::any_of(hello.cipher_suites, [](CipherSuite suite) { return cbc_of(suite).has_value(); });
  hello.ec_point_formats.emplace(std::size_t{1}, std::uint8_t{0}, arena);
  hello.renegotiated_connection.emplace(arena);
}

}  // namespace

Result<ClientHello> make_client_hello(const Client& client, const KeyShares& keys, Outbox& out) {
  const ClientConfig& config = client.config;
  const auto versions = versions_of(config.policy, config.max_version);
  ClientHello hello(out.arena);
  hello.random = PADLOCK_TRY(out.random());
  hello.cipher_suites.reserve(config.cipher_suites.size() + 1);  // GREASE
  for (const CipherSuite suite : config.cipher_suites) {
    const auto version = version_of(suite);
    if (version && contains(versions, *version) && allows(config.policy, suite)) hello.cipher_suites.push_back(suite);
  }
  // An IP address is not sent (RFC 6066, section 3).
  if (!x509::parse_ip_address(client.server_name)) hello.server_name = to_lower_ascii(client.server_name);
  hello.signature_algorithms = list_of(config.signature_schemes, out.arena);
  hello.supported_groups = list_of(config.groups, out.arena);
  if (!config.alpn.empty()) hello.application_layer_protocol_negotiation = list_of(config.alpn, out.arena);
  hello.status_request = config.status_request;
  hello.signed_certificate_timestamp = config.signed_certificate_timestamp;
  if (out.carrier() == nullptr) {
    hello.record_size_limit = config.record_size_limit;
  } else {
    hello.quic_transport_parameters = copy_of(out.carrier()->transport_parameters(), out.arena);
  }
  if (contains(versions, ProtocolVersion::TLS_1_3)) PADLOCK_TRY(add_tls13(hello, config, versions, keys, out));
  if (contains(versions, ProtocolVersion::TLS_1_2)) add_tls12(hello, out.arena);
  if (config.grease) add_grease(hello);
  return hello;
}

namespace {

/// The session that the hello can ask for, in a configuration that still offers what it needs; null: none.
std::shared_ptr<const ClientSession> usable_session(const Client& client, const ClientHello& hello, Instant now) {
  const auto& session = client.session;
  if (session == nullptr || !client.config.resumption || session->server_name != client.server_name ||
      !session->alive(now)) {
    return nullptr;
  }
  const bool suite_offered = std::ranges::any_of(hello.cipher_suites, [&](CipherSuite suite) {
    return version_of(suite) == session->version && hash_of(suite) == hash_of(session->cipher_suite) &&
           (session->version == ProtocolVersion::TLS_1_3 || suite == session->cipher_suite);
  });
  return suite_offered ? session : nullptr;
}

/// With a ticket the ID is one that nobody can know: its echo says that the ticket was taken (RFC 5077, section 3.4).
Result<void> add_session12(ClientHello& hello, const ClientSession& session, Outbox& out) {
  if (session.ticket.empty()) {
    hello.legacy_session_id = copy_of(session.session_id, out.arena);
    return {};
  }
  hello.session_ticket = copy_of(session.ticket, out.arena);
  if (hello.legacy_session_id.empty()) {
    const Random session_id = PADLOCK_TRY(out.random());
    hello.legacy_session_id = copy_of(session_id, out.arena);
  }
  return {};
}

/// Early data is under the session's suite and of its protocol, so the hello must offer both (RFC 8446,
/// section 4.2.10).
bool may_send_early_data(const ClientHello& hello, const ClientSession& session, const ClientConfig& config) {
  return config.early_data && session.max_early_data_size > 0 && contains(hello.cipher_suites, session.cipher_suite) &&
         (!session.alpn || contains(config.alpn, *session.alpn));
}

/// Asks for tickets, and to go on from a session.
Result<void> add_resumption(Offer& offer, const Client& client, Outbox& out) {
  if (!client.config.resumption) return {};
  ClientHello& hello = offer.hello;
  if (hello.extended_master_secret) hello.session_ticket.emplace(out.arena);
  if (hello.key_share) hello.psk_key_exchange_modes.emplace(std::size_t{1}, psk_dhe_ke, out.arena);
  offer.session = usable_session(client, hello, out.now);
  if (offer.session == nullptr) return {};
  if (offer.session->version == ProtocolVersion::TLS_1_2) return add_session12(hello, *offer.session, out);
  offer.early_secret = early_secret(hash_of(offer.session->cipher_suite), offer.session->secret.reveal());
  hello.early_data = may_send_early_data(hello, *offer.session, client.config);
  return {};
}

/// Offers each external key once for each hash that the suites have (RFC 9258, section 5).
void add_external_psks(Offer& offer, const Client& client, Outbox& out) {
  ClientHello& hello = offer.hello;
  if (client.config.external_psks.empty() || !hello.key_share) return;
  hello.psk_key_exchange_modes.emplace(std::size_t{1}, psk_dhe_ke, out.arena);
  for (const auto& psk : client.config.external_psks) {
    for (const auto hash : {crypto::HashAlgorithm::sha256, crypto::HashAlgorithm::sha384}) {
      const bool has_suite = std::ranges::any_of(hello.cipher_suites, [&](CipherSuite suite) {
        return version_of(suite) == ProtocolVersion::TLS_1_3 && hash_of(suite) == hash;
      });
      if (has_suite) offer.imported.push_back(&psk->imported(hash));
    }
  }
}

/// Calls `on_key(hash, early_secret, label)` for each key of pre_shared_key, in its order.
template <class OnKey>
void for_each_key(const Offer& offer, OnKey&& on_key) {
  if (offer.has_session13()) {
    on_key(hash_of(offer.session->cipher_suite), offer.early_secret, "res binder");
  }
  for (const ImportedPsk* psk : offer.imported) {
    on_key(psk->hash, early_secret(psk->hash, psk->key.reveal()), "imp binder");
  }
}

/// Each PskBinderEntry covers the hello up to their list, which stands at its end (RFC 8446, section 4.2.11.2).
void put_binders(Offer& offer, const std::optional<Transcript>& before) {
  std::size_t length = 0;
  for (const auto& binder : offer.hello.pre_shared_key->binders) length += 1 + binder.size();
  const std::span<std::uint8_t> message(offer.message);
  const Bytes truncated = message.first(message.size() - (2 + length));
  auto place = message.last(length);
  for_each_key(offer, [&](crypto::HashAlgorithm hash, const crypto::HashSecret& secret, std::string_view label) {
    Transcript transcript = before.value_or(Transcript(hash));
    transcript.add(truncated);
    place = copy_bytes(psk_binder(hash, secret, label, transcript.digest()), place.subspan(1));
  });
}

void add_identity(OfferedPsks& psks, Bytes identity, std::uint32_t age, crypto::HashAlgorithm hash, Arena arena) {
  psks.identities.push_back({copy_of(identity, arena), age});
  psks.binders.emplace_back(crypto::length_of(hash), std::uint8_t{0});
}

}  // namespace

void add_psks(Offer& offer, const Outbox& out) {
  if (!offer.has_session13() && offer.imported.empty()) return;
  OfferedPsks& psks = offer.hello.pre_shared_key.emplace(
      OfferedPsks{.identities = List<PskIdentity>(out.arena), .binders = List<List<std::uint8_t>>(out.arena)});
  if (offer.has_session13()) {
    const ClientSession& session = *offer.session;
    const auto age =
        std::chrono::duration_cast<std::chrono::milliseconds>(out.now.monotonic - session.received.monotonic);
    add_identity(psks, session.ticket, static_cast<std::uint32_t>(age.count()) + session.ticket_age_add,
                 hash_of(session.cipher_suite), out.arena);
  }
  // Of a key from outside nobody counts the age (section 4.2.11).
  for (const ImportedPsk* psk : offer.imported) add_identity(psks, psk->identity, 0, psk->hash, out.arena);
}

void send_client_hello(Offer& offer, const std::optional<Transcript>& before, Outbox& out) {
  constexpr std::size_t usual = 512;
  offer.message.clear();
  offer.message.reserve(usual);
  append_message(offer.message, HandshakeType::client_hello,
                 [&](Writer& body) { write_client_hello(body, offer.hello); });
  if (offer.hello.pre_shared_key) put_binders(offer, before);
  out.send(Bytes(offer.message));
  out.flush();
}

std::span<const NamedGroup> shared_groups(const ClientConfig& config) {
  const bool offers13 = contains(versions_of(config.policy, config.max_version), ProtocolVersion::TLS_1_3);
  return std::span(config.groups).first(offers13 ? std::min(config.key_share_count, config.groups.size()) : 0);
}

bool comes_with_hybrid(NamedGroup group, std::span<const NamedGroup> groups) {
  return group == NamedGroup::x25519 && contains(groups, NamedGroup::X25519MLKEM768);
}

namespace {

/// From here to the server's answer our caller may send. The dummy comes first (RFC 8446, appendix D.4).
void begin_early_data(const Offer& offer, const ClientConfig& config, Outbox& out) {
  const ClientSession& session = *offer.session;
  if (config.middlebox_compatibility) out.send_change_cipher_spec();
  const CipherSuite suite = session.cipher_suite;
  const auto hello_hash = crypto::hash_of(hash_of(suite), offer.message);
  out.protect_writing(suite,
                      derive_early_traffic_secret(suite, offer.hello.random, offer.early_secret, hello_hash, out),
                      EncryptionLevel::early_data);
  out.writer.limit_records(session.most_content);
  out.allow_data(session.max_early_data_size);
  out.info.early_data = EarlyDataStatus::offered;
}

}  // namespace

void end_early_data_in_vain(ClientHello& hello, std::string_view reason, Outbox& out) {
  if (!hello.early_data) return;
  hello.early_data = false;
  out.allow_data(0);
  out.writer.drop_reservation();
  out.unprotect_writing();
  out.writer.limit_records(limits::plaintext);
  out.info.early_data = EarlyDataStatus::rejected;
  out.chose("early_data", "rejected", reason);
  out.events.push(EarlyDataRejected{});
}

Result<ClientState> send_offer(KeyShares keys, const Client& client, Outbox& out) {
  Offer offer{.hello = PADLOCK_TRY(make_client_hello(client, keys, out)),
              .message = List<std::uint8_t>(out.arena),
              .keys = std::move(keys),
              .session = nullptr};
  out.info.server_name = offer.hello.server_name;
  PADLOCK_TRY(add_resumption(offer, client, out));
  add_external_psks(offer, client, out);
  add_psks(offer, out);
  send_client_hello(offer, std::nullopt, out);
  if (offer.hello.early_data) begin_early_data(offer, client.config, out);
  return WaitServerHello{std::move(offer)};
}

}  // namespace padlock::tls::client
