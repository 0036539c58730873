#include "padlock/tls/testing/scripted_peer12.h"

#include <array>
#include <utility>

#include "padlock/tls/record/record_header.h"
#include "padlock/tls/schedule/pre_master_secret.h"
#include "padlock/tls/wire/tls12.h"

namespace padlock::tls::testing {

// ---- both kinds

ScriptedPeer12::ScriptedPeer12(Sender self, End& end, CipherSuite suite) : end_(end), suite_(suite), self_(self) {
  if (key_exchange() != KeyExchange::rsa) key_ = provider().make_key_share(group()).value();
}

NamedGroup ScriptedPeer12::group() const {
  return key_exchange() == KeyExchange::dhe ? NamedGroup::ffdhe2048 : NamedGroup::x25519;
}

void ScriptedPeer12::remember(const Message& message) {
  transcript_.insert(transcript_.end(), message.begin(), message.end());
  said(message);
}

void ScriptedPeer12::send_cut(const Message& message, std::size_t first) {
  remember(message);
  send_record(ContentType::handshake, Bytes(message).first(first), seals_);
  if (first < message.size()) send_record(ContentType::handshake, Bytes(message).subspan(first), seals_);
}

void ScriptedPeer12::send_change_cipher_spec() {
  send_record(ContentType::change_cipher_spec, std::array<std::uint8_t, 1>{1}, false);
  seals_ = true;
}

void ScriptedPeer12::send_record(ContentType type, Bytes content, bool sealed) {
  constexpr std::size_t overhead_without_keys = 8 + crypto::aead_tag_length;
  std::size_t length = content.size();
  if (sealed) length = writing_ ? writing_->fragment_length(length) : length + overhead_without_keys;
  const auto header = write_record_header({type, 0x0303, length});
  std::vector<std::uint8_t> record(header.begin(), header.end());
  record.resize(record.size() + length);
  const auto fragment = std::span(record).subspan(record_header_length);
  if (!sealed) copy_bytes(content, fragment);
  if (sealed && writing_) writing_->seal(header, std::span(&content, 1), fragment);
  send_bytes(record);
}

void ScriptedPeer12::read() {
  std::vector<std::uint8_t> input = end_.take_output();
  std::span<std::uint8_t> rest = input;
  while (rest.size() >= record_header_length) {
    const RecordHeader header = parse_record_header(rest.first<record_header_length>());
    if (rest.size() - record_header_length < header.length) break;
    hear_record(header.type, rest.first(record_header_length), rest.subspan(record_header_length, header.length));
    rest = rest.subspan(record_header_length + header.length);
  }
  understood_all_ = understood_all_ && rest.empty();
}

void ScriptedPeer12::hear_record(ContentType type, Bytes header, std::span<std::uint8_t> fragment) {
  if (type == ContentType::change_cipher_spec) {
    peer_seals_ = has_keys();  // without keys it is a dummy of TLS 1.3
    return;
  }
  if (peer_seals_) {
    const auto opened = reading_->open(header, fragment);
    understood_all_ = understood_all_ && opened.has_value();
    if (!opened) return;
    fragment = *opened;
  }
  if (type == ContentType::alert && fragment.size() == 2) alerts_.push_back({fragment[0], fragment[1]});
  if (type == ContentType::handshake) hear_messages(fragment);
}

void ScriptedPeer12::hear_messages(Bytes content) {
  while (!content.empty()) {
    const auto message = joiner_.take(content);
    understood_all_ = understood_all_ && message.has_value();
    if (!message || !*message) return;
    const Bytes bytes = (**message).bytes;
    transcript_.insert(transcript_.end(), bytes.begin(), bytes.end());
    messages_.emplace_back(bytes.begin(), bytes.end());
    heard(**message);
  }
}

crypto::Digest ScriptedPeer12::transcript_hash() const {
  Transcript transcript(hash_of(suite_));
  transcript.add(transcript_);
  return transcript.digest();
}

Result<crypto::SharedSecret> ScriptedPeer12::agree(Bytes peers_share) const {
  if (key_exchange() == KeyExchange::ecdhe) return provider().agree(*key_, peers_share);
  return provider().agree_in_finite_field(*key_, peers_share, hash_of(suite_));
}

void ScriptedPeer12::derive_keys(const Result<crypto::SharedSecret>& pre_master_secret) {
  if (has_keys() || !pre_master_secret) return;
  const crypto::HashAlgorithm hash = hash_of(suite_);
  const Bytes secret = pre_master_secret->reveal();
  master_secret_ = binds_keys ? tls12::extended_master_secret(hash, secret, transcript_hash())
                              : tls12::master_secret(hash, secret, client_random_, server_random_);
  expand_keys();
}

void ScriptedPeer12::resume_keys(Bytes master_secret) {
  if (has_keys()) return;
  master_secret_.emplace(master_secret);
  expand_keys();
}

void ScriptedPeer12::expand_keys() {
  auto keys = tls12::expand_keys(suite_, *master_secret_, client_random_, server_random_);
  keys.client.encrypt_then_mac = encrypts_then_macs;
  keys.server.encrypt_then_mac = encrypts_then_macs;
  const bool client = self_ == Sender::client;
  writing_.emplace(suite_, std::move(client ? keys.client : keys.server), provider());
  reading_.emplace(suite_, std::move(client ? keys.server : keys.client), provider());
}

Message ScriptedPeer12::finished() const {
  crypto::Digest verify_data(std::array<std::uint8_t, tls12::verify_data_length>{});
  if (master_secret_) {
    const char* const label = self_ == Sender::client ? "client finished" : "server finished";
    verify_data = tls12::finished_verify_data(hash_of(suite_), *master_secret_, label, transcript_hash());
  }
  return compose(HandshakeType::finished, [&](Writer& body) { body.bytes(verify_data); });
}

Message ScriptedPeer12::certificate_verify() const {
  const auto& signer = *testing::credential()->key;
  const SignatureScheme scheme = signer.schemes().front();
  return to_message(CertificateVerify{scheme, signer.sign(scheme, transcript_).value()});
}

// ---- server

ScriptedServer12::ScriptedServer12(End& client, CipherSuite suite)
    : ScriptedPeer12(Sender::server, client, suite),
      credential_(testing::credential(needs_rsa_key(suite) ? crypto::KeyKind::rsa_2048 : crypto::KeyKind::ecdsa_p256)) {
  server_random_.fill(0x5a);
  read();
}

Message ScriptedServer12::server_hello(bool status) const {
  ServerHello hello{
      .random = server_random_,
      .cipher_suite = suite_,
      .tls12 = Tls12Answers{
          .status_request = status, .extended_master_secret = binds_keys, .encrypt_then_mac = encrypts_then_macs}};
  hello.tls12->renegotiated_connection.emplace();
  return to_message(hello);
}

Message ScriptedServer12::resuming_hello(bool renews) const {
  ServerHello hello{.random = server_random_,
                    .legacy_session_id_echo = session_id_,
                    .cipher_suite = suite_,
                    .tls12 = Tls12Answers{.extended_master_secret = binds_keys, .session_ticket = renews}};
  hello.tls12->renegotiated_connection.emplace();
  return to_message(hello);
}

Message ScriptedServer12::new_session_ticket() {
  return compose(HandshakeType::new_session_ticket, [](Writer& body) {
    tls12::write_new_session_ticket(body, {.ticket_lifetime_hint = 7200, .ticket = {1, 2, 3}});
  });
}

Message ScriptedServer12::hello_retry_request() const {
  return to_message(HelloRetryRequest{.legacy_session_id_echo = session_id_,
                                      .cipher_suite = CipherSuite::TLS_AES_128_GCM_SHA256,
                                      .supported_versions = ProtocolVersion::TLS_1_3,
                                      .key_share = NamedGroup::secp256r1});
}

Message ScriptedServer12::certificate() const {
  return compose(HandshakeType::certificate, [&](Writer& body) { tls12::write_certificate(body, credential_->chain); });
}

Message ScriptedServer12::certificate_status() {
  return compose(HandshakeType::certificate_status,
                 [](Writer& body) { tls12::write_certificate_status(body, std::array<std::uint8_t, 2>{0x30, 0}); });
}

Message ScriptedServer12::server_key_exchange() const {
  std::vector<std::uint8_t> params;
  Writer out(params);
  if (key_exchange() == KeyExchange::dhe) {
    tls12::write_server_dh_params(out, group(), key_->public_share());
  } else {
    tls12::write_server_ecdh_params(out, group(), key_->public_share());
  }
  const auto& signer = *credential_->key;
  const SignatureScheme scheme = signer.schemes().front();
  const auto signature = signer.sign(scheme, tls12::signed_content(client_random_, server_random_, params)).value();
  return compose(HandshakeType::server_key_exchange,
                 [&](Writer& body) { tls12::write_server_key_exchange(body, params, scheme, signature); });
}

/// rsa_sign and ecdsa_sign, ecdsa_secp256r1_sha256, no names.
Message ScriptedServer12::certificate_request() {
  return compose(HandshakeType::certificate_request,
                 [](Writer& body) { body.bytes(std::array<std::uint8_t, 9>{2, 1, 64, 0, 2, 4, 3, 0, 0}); });
}

Message ScriptedServer12::server_hello_done() {
  return compose(HandshakeType::server_hello_done, [](Writer&) {});
}

void ScriptedServer12::heard(const HandshakeMessage& message) {
  if (message.type == HandshakeType::client_hello) {
    const auto hello = parse_client_hello(Reader(message.body, "ClientHello")).value();
    client_random_ = hello.random;
    session_id_ = hello.legacy_session_id;
  }
  if (message.type == HandshakeType::client_key_exchange) {
    const auto exchange_keys =
        tls12::parse_client_key_exchange(Reader(message.body, "ClientKeyExchange"), key_exchange()).value();
    if (key_exchange() == KeyExchange::rsa) {
      const auto block = credential_->key->decrypt_raw(exchange_keys).value();
      derive_keys(crypto::SharedSecret(block.reveal().last(tls12::pre_master_secret_length)));
    } else {
      derive_keys(agree(exchange_keys));
    }
  }
}

// ---- client

ScriptedClient12::ScriptedClient12(End& server, CipherSuite suite) : ScriptedPeer12(Sender::client, server, suite) {
  client_random_.fill(0xa5);
  std::array<std::uint8_t, tls12::pre_master_secret_length> pre_master_secret = {3, 3, 7};
  pre_master_secret_ = crypto::SharedSecret(pre_master_secret);
}

Message ScriptedClient12::client_hello() const { return to_message(hello()); }

Message ScriptedClient12::resuming_hello(const ClientSession& session) {
  ClientHello resuming = hello();
  resuming.legacy_session_id = list_of(session.session_id);
  if (!session.ticket.empty()) {
    resuming.session_ticket = list_of(session.ticket);
    resuming.legacy_session_id.assign(32, 0x77);
  }
  const Bytes secret = session.secret.reveal();
  offered_master_secret_.assign(secret.begin(), secret.end());
  offered_id_ = resuming.legacy_session_id;
  return to_message(resuming);
}

Message ScriptedClient12::certificate(std::span<const std::vector<std::uint8_t>> chain) {
  return compose(HandshakeType::certificate, [&](Writer& body) { tls12::write_certificate(body, chain); });
}

ClientHello ScriptedClient12::hello() const {
  ClientHello hello;
  hello.random = client_random_;
  hello.cipher_suites = {suite_};
  hello.server_name = "server.test";
  hello.signature_algorithms = list_of(default_signature_schemes());
  hello.supported_groups = {group(), NamedGroup::secp256r1};
  hello.extended_master_secret = binds_keys;
  hello.encrypt_then_mac = encrypts_then_macs;
  return hello;
}

Message ScriptedClient12::client_key_exchange() const {
  if (key_exchange() != KeyExchange::rsa) return client_key_exchange(key_->public_share());
  const auto& servers_key = testing::credential(crypto::KeyKind::rsa_2048)->key->public_key();
  return client_key_exchange(servers_key.encrypt(pre_master_secret_.reveal()).value());
}

Message ScriptedClient12::client_key_exchange(Bytes exchange_keys) const {
  return compose(HandshakeType::client_key_exchange,
                 [&](Writer& body) { tls12::write_client_key_exchange(body, key_exchange(), exchange_keys); });
}

void ScriptedClient12::said(const Message& message) {
  const bool is_our_half = static_cast<HandshakeType>(message.front()) == HandshakeType::client_key_exchange;
  if (!is_our_half) return;
  if (key_exchange() == KeyExchange::rsa) derive_keys(pre_master_secret_.duplicate());
  if (!servers_share_.empty()) derive_keys(agree(servers_share_));
}

void ScriptedClient12::heard(const HandshakeMessage& message) {
  if (message.type == HandshakeType::server_hello) {
    const auto hello = parse_server_hello(Reader(message.body, "ServerHello")).value();
    const auto* chosen = std::get_if<ServerHello>(&hello);
    if (chosen == nullptr) return;
    server_random_ = chosen->random;
    if (!offered_id_.empty() && chosen->legacy_session_id_echo == offered_id_) resume_keys(offered_master_secret_);
  }
  if (message.type == HandshakeType::server_key_exchange) {
    auto exchange = tls12::parse_server_key_exchange(Reader(message.body, "ServerKeyExchange"), key_exchange()).value();
    if (auto* ecdh = std::get_if<tls12::ServerECDHParams>(&exchange.params)) servers_share_ = std::move(ecdh->point);
    if (auto* dh = std::get_if<tls12::ServerDHParams>(&exchange.params)) servers_share_ = std::move(dh->dh_Ys);
  }
}

}  // namespace padlock::tls::testing
