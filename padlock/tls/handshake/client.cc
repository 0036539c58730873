#include "padlock/tls/handshake/client.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "padlock/tls/handshake/choose.h"
#include "padlock/tls/handshake/client12.h"
#include "padlock/tls/handshake/client13.h"
#include "padlock/tls/handshake/client_checks.h"
#include "padlock/tls/handshake/offer.h"
#include "padlock/tls/handshake/stepping.h"
#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"

namespace padlock::tls {

namespace client {

// `static`, for argument-dependent look-up passes unnamed namespaces over.
static Result<ClientState> on_answer(WaitKeyShares state, crypto::KeyShareAnswer key, const Client& client,
                                     Outbox& out) {
  const auto groups = shared_groups(client.config);
  if (key->group() == NamedGroup::X25519MLKEM768 && contains(groups, NamedGroup::x25519)) {
    if (auto part = key->traditional_part()) {
      state.keys.push_back(std::move(part));
    } else {
      out.ask(crypto::KeyShareQuestion{NamedGroup::x25519});
    }
  }
  state.keys.push_back(std::move(key));
  if (state.keys.size() < groups.size()) return state;
  return send_offer(std::move(state.keys), client, out);
}

namespace {

/// A server that names no version in an extension has chosen TLS 1.2 or older.
Result<void> check_older_version(const ServerHello& hello, const ClientHello& offered) {
  const std::string version(name_of(static_cast<ProtocolVersion>(hello.legacy_version)));
  if (offered.supported_versions && has_downgrade_sentinel(hello.random)) {
    return broken(rules::downgrade_sentinel, "the server chose " + version + " and says that it could do better");
  }
  // What only a client of TLS 1.2 offers tells whether that was offered.
  if (!hello.tls12 || !offered.extended_master_secret)
    return broken(rules::server_too_old, "the server chose " + version);
  return {};
}

}  // namespace

static Result<ClientState> on_message(WaitServerHello state, const HandshakeMessage& message, const Client& client,
                                      Outbox& out) {
  PADLOCK_TRY(expect(message, HandshakeType::server_hello));
  auto parsed = PADLOCK_TRY(parse_server_hello(Reader(message.body, "ServerHello"), out.arena));
  if (auto* retry = std::get_if<HelloRetryRequest>(&parsed)) {
    return client13::on_retry(std::move(state.offer), std::move(*retry), message, client, out);
  }
  auto& hello = std::get<ServerHello>(parsed);
  if (!hello.supported_versions) {
    PADLOCK_TRY(check_older_version(hello, state.offer.hello));
    if (state.offer.hello.early_data) {
      return broken(rules::early_data_to_older_version, "the server chose TLS 1.2 after we had sent early data");
    }
    return client12::on_server_hello(std::move(state.offer), std::move(hello), message, client, out);
  }
  PADLOCK_TRY(client13::check_server_hello(hello, state.offer.hello));
  Transcript transcript(hash_of(hello.cipher_suite));
  transcript.add(state.offer.message);
  return client13::on_server_hello(std::move(state.offer), std::move(hello), std::move(transcript), message, client,
                                   out);
}

}  // namespace client

namespace {

using enum ChangeCipherSpec;
/// In the order of ClientState.
constexpr std::array<Waits, std::variant_size_v<ClientState>> client_waits = {{
    {"our key share", true, misplaced},
    {"ServerHello", false, dummy},
    {"our key share", true, dummy},
    {"ServerHello", false, dummy},
    {"our shared secret", true, dummy},
    {"EncryptedExtensions", false, dummy},
    {"Finished", false, dummy},
    {"our verdict on the certificate", true, dummy},
    {"Certificate", false, dummy},
    {"Certificate", false, dummy},
    {"CertificateVerify", false, dummy},
    {"Finished", false, dummy},
    {"our verdict on the certificate", true, dummy},
    {"our signature", true, dummy},
    {"Certificate", false, misplaced},
    {"ServerKeyExchange", false, misplaced},
    {"ServerHelloDone", false, misplaced},
    {"our verdict on the certificate", true, misplaced},
    {"our shared secret", true, misplaced},
    {"our signature", true, misplaced},
    {"NewSessionTicket", false, misplaced},
    {"change_cipher_spec", false, ChangeCipherSpec::new_keys},
    {"Finished", false, misplaced},
    {"our verdict on the certificate", true, misplaced},
    {"nothing", false, misplaced},
}};

/// An offer must hold a suite of its versions, and a group that the newest of them has.
Result<void> check_offer(const ClientConfig& config) {
  PADLOCK_TRY(check_versions(config.policy, config.max_version));
  const auto versions = versions_of(config.policy, config.max_version);
  const auto usable = [&](CipherSuite suite) {
    const auto version = version_of(suite);
    return version && contains(versions, *version) && allows(config.policy, suite);
  };
  const std::string newest(name_of(versions.front()));
  if (std::ranges::none_of(config.cipher_suites, usable)) {
    return broken(rules::configuration_unusable, "none of the cipher suites goes with " + newest + " or what is older");
  }
  if (versions.front() < ProtocolVersion::TLS_1_3 && std::ranges::all_of(config.groups, crypto::has_kem)) {
    return broken(rules::configuration_unusable, "none of the groups goes with " + newest);
  }
  return {};
}

Result<void> check_config(const ClientConfig& config) {
  if (config.cipher_suites.empty() || config.key_share_count == 0) {
    return broken(rules::configuration_unusable, "the client's configuration names no cipher suite or key share");
  }
  PADLOCK_TRY(check_groups(config.groups));
  if (client::shared_groups(config).size() > limits::key_shares) {
    return broken(rules::configuration_unusable, "the client's configuration asks for more than " +
                                                     std::to_string(limits::key_shares) + " key shares");
  }
  PADLOCK_TRY(check_offer(config));
  PADLOCK_TRY(check_record_settings(config.record_size_limit, config.padding));
  PADLOCK_TRY(check_certificate_compression(config.certificate_compression));
  return check_alpn_names(config.alpn);
}

}  // namespace

Result<void> ClientHandshake::start(Outbox& out) {
  out.now = resumption_.now;
  PADLOCK_TRY(check_config(*config_));
  const auto groups = client::shared_groups(*config_);
  for (const NamedGroup group : groups) {
    if (!client::comes_with_hybrid(group, groups)) out.ask(crypto::KeyShareQuestion{group});
  }
  if (groups.empty()) state_ = PADLOCK_TRY(client::send_offer({}, {*config_, server_name_, resumption_.session}, out));
  return {};
}

Result<void> ClientHandshake::on_message(const HandshakeMessage& message, Outbox& out) {
  const client::Client client{*config_, server_name_, resumption_.session};
  const std::string_view expected = waits_for();
  state_ = PADLOCK_TRY(step(std::move(state_), message, client, out, expected));
  return {};
}

Result<void> ClientHandshake::on_answer(AnyAnswer answer, Outbox& out) {
  const client::Client client{*config_, server_name_, resumption_.session};
  state_ = PADLOCK_TRY(step(std::move(state_), std::move(answer), client, out));
  return {};
}

bool ClientHandshake::waits_for_answer() const { return client_waits.at(state_.index()).answer; }
std::string_view ClientHandshake::waits_for() const { return client_waits.at(state_.index()).what; }
ChangeCipherSpec ClientHandshake::change_cipher_spec() const {
  // A dummy is TLS 1.3's: before ServerHello there is none where that was not offered.
  const auto* first = std::get_if<client::WaitServerHello>(&state_);
  if (first != nullptr && !first->offer.hello.supported_versions) return misplaced;
  return client_waits.at(state_.index()).change_cipher_spec;
}

void ClientHandshake::on_change_cipher_spec(Outbox& out) {
  if (auto* waiting = std::get_if<client12::WaitChangeCipherSpec>(&state_)) {
    state_ = client12::on_change_cipher_spec(std::move(*waiting), out);
  }
}

std::optional<Connected> ClientHandshake::take_connected() { return tls::take_connected(state_); }

}  // namespace padlock::tls
