#include "padlock/tls/testing/scripted_peer.h"

#include <algorithm>
#include <cstdlib>

#include "padlock/tls/wire/post_handshake.h"

namespace padlock::tls::testing {

namespace {

template <class Value>
Value must(Result<Value> result) {
  if (!result) std::abort();
  return *std::move(result);
}

Bytes body_of(const Message& message) { return Bytes(message).subspan(handshake_header_length); }

/// Where the extension block of a message begins, counted from its body.
std::size_t extensions_offset(const Message& message) {
  Reader in(body_of(message), "Message");
  const auto type = static_cast<HandshakeType>(message[0]);
  if (type == HandshakeType::client_hello || type == HandshakeType::server_hello) {
    if (!in.skip(2 + 32) || !in.vec8("legacy_session_id")) std::abort();
  }
  if (type == HandshakeType::client_hello && (!in.vec16("cipher_suites") || !in.vec8("compression"))) std::abort();
  if (type == HandshakeType::server_hello && !in.skip(2 + 1)) std::abort();
  if (type == HandshakeType::certificate_request && !in.vec8("context")) std::abort();
  return in.offset();
}

/// The message with its extension block written anew by `write_block(Writer&, Reader old_block)`.
template <class WriteBlock>
Message with_block(const Message& message, WriteBlock&& write_block) {
  const std::size_t offset = extensions_offset(message);
  Reader in(body_of(message).subspan(offset), "extensions");
  const Reader old_block = must(in.vec16("extensions"));
  return compose(static_cast<HandshakeType>(message[0]), [&](Writer& body) {
    body.bytes(body_of(message).first(offset));
    body.vec16([&](Writer& block) { write_block(block, old_block); });
  });
}

}  // namespace

// ---- both kinds

void ScriptedPeer::send_together(std::initializer_list<Message> messages_to_send) {
  std::vector<std::uint8_t> content;
  for (const Message& message : messages_to_send) {
    content.insert(content.end(), message.begin(), message.end());
    add_to_transcript(message);
  }
  send_record(ContentType::handshake, content);
}

void ScriptedPeer::send_cut(const Message& message, std::size_t first) {
  add_to_transcript(message);
  send_record(ContentType::handshake, Bytes(message).first(first));
  if (first < message.size()) send_record(ContentType::handshake, Bytes(message).subspan(first));
}

void ScriptedPeer::add_to_transcript(const Message& message) {
  if (negotiated_) {
    negotiated_->transcript.add(message);
  } else if (transcript_) {
    transcript_->add(message);
  }
}

void ScriptedPeer::send_record(ContentType type, Bytes content) {
  if (!writing_) {
    const auto header = write_record_header({type, 0x0303, content.size()});
    std::vector<std::uint8_t> record(header.begin(), header.end());
    record.insert(record.end(), content.begin(), content.end());
    return send_bytes(record);
  }
  std::vector<std::uint8_t> inner(content.begin(), content.end());
  inner.push_back(static_cast<std::uint8_t>(type));
  send_inner(inner);
}

void ScriptedPeer::send_inner(Bytes inner) {
  const std::size_t length = inner.size() + crypto::aead_tag_length;
  const auto header = write_record_header({ContentType::application_data, 0x0303, length});
  std::vector<std::uint8_t> record(header.begin(), header.end());
  record.resize(record.size() + length);
  writing_->seal(header, std::span(&inner, 1), std::span(record).subspan(record_header_length));
  send_bytes(record);
}

void ScriptedPeer::read() {
  std::vector<std::uint8_t> input = end_.take_output();
  std::span<std::uint8_t> rest = input;
  while (!rest.empty()) {
    const auto record = must(reader_.take(rest));
    if (!record) std::abort();
    rest = rest.subspan(record->wire_length);
    if (record->type == ContentType::alert) alert = static_cast<AlertDescription>(record->content[1]);
    if (record->type != ContentType::handshake) continue;
    Bytes content = record->content;
    while (const auto message = must(joiner_.take(content))) {
      messages.emplace_back(message->bytes.begin(), message->bytes.end());
      if (transcript_ && !negotiated_) transcript_->add(message->bytes);
      if (negotiated_) negotiated_->transcript.add(message->bytes);
    }
  }
}

void ScriptedPeer::derive_handshake(CipherSuite suite, const Random& client_random,
                                    const crypto::SharedSecret& secret) {
  suite_ = suite;
  Transcript transcript = *transcript_;
  const crypto::Digest hash = transcript.digest();
  const auto early = psk_.empty() ? crypto::HashSecret() : early_secret(hash_of(suite), psk_);
  negotiated_.emplace(Negotiated{suite, client_random, std::move(transcript),
                                 derive_handshake_secrets(hash_of(suite), early, secret, hash)});
}

void ScriptedPeer::derive_application() {
  application_ =
      derive_application_secrets(hash_of(suite_), negotiated_->secrets.master_secret, negotiated_->transcript.digest());
}

void ScriptedPeer::protect_writing(const TrafficSecret& secret) {
  writing_.emplace(RecordProtection(suite_, secret, provider()));
  write_secret_.emplace(secret.reveal());
}
void ScriptedPeer::next_write_key() { protect_writing(next_traffic_secret(hash_of(suite_), *write_secret_)); }
void ScriptedPeer::protect_reading(const TrafficSecret& secret) {
  reader_.protect(RecordProtection(suite_, secret, provider()));
}

// ---- server

namespace {

/// What a server sees that passes over what it does not know (RFC 8701, section 3).
ClientHello without_grease(ClientHello hello) {
  const auto is_unknown = [](auto point) { return is_grease(static_cast<std::uint16_t>(point)); };
  std::erase_if(hello.cipher_suites, is_unknown);
  if (hello.supported_versions) std::erase_if(*hello.supported_versions, is_unknown);
  std::erase_if(*hello.supported_groups, is_unknown);
  if (hello.key_share)
    std::erase_if(*hello.key_share, [&](const KeyShareEntry& entry) { return is_unknown(entry.group); });
  return hello;
}

}  // namespace

ScriptedServer::ScriptedServer(End& client) : ScriptedPeer(Sender::server, client) {
  reader_.skip_early_data(limits::skipped_early_data);
  read();
  hello = without_grease(must(parse_client_hello(Reader(body_of(messages.back()), "ClientHello"))));
  suite_ = hello.cipher_suites.front();
  transcript_.emplace(hash_of(suite_));
  transcript_->add(messages.back());
}

ServerHello ScriptedServer::server_hello() {
  const auto& [group, client_share] = hello.key_share->front();
  key_ = must(provider().make_key_share_for(group, client_share));
  const Bytes share = key_->public_share();
  ServerHello made{.legacy_session_id_echo = hello.legacy_session_id,
                   .cipher_suite = suite_,
                   .supported_versions = ProtocolVersion::TLS_1_3,
                   .key_share = KeyShareEntry{group, {share.begin(), share.end()}}};
  made.random.fill(0x5a);
  return made;
}

HelloRetryRequest ScriptedServer::hello_retry_request(NamedGroup group) const {
  return {.legacy_session_id_echo = hello.legacy_session_id,
          .cipher_suite = suite_,
          .supported_versions = ProtocolVersion::TLS_1_3,
          .key_share = group};
}

EncryptedExtensions ScriptedServer::encrypted_extensions() const { return {}; }

Certificate ScriptedServer::certificate() const {
  Certificate made;
  for (const auto& der : credential->chain) made.certificate_list.push_back({der, {}});
  return made;
}

Message ScriptedServer::certificate_verify() const {
  const SignatureScheme scheme = credential->key->schemes().front();
  const auto content = certificate_verify_content(Sender::server, negotiated_->transcript.digest());
  return to_message(CertificateVerify{scheme, must(credential->key->sign(scheme, content))});
}

Message ScriptedServer::finished() const {
  const crypto::Digest verify_data = finished_verify_data(
      hash_of(suite_), negotiated_->secrets.server_handshake_traffic_secret, negotiated_->transcript.digest());
  return compose(HandshakeType::finished, [&](Writer& body) { write_finished(body, verify_data); });
}

void ScriptedServer::send(const ServerHello& message) { send(to_message(message)); }

void ScriptedServer::send(const HelloRetryRequest& retry) {
  transcript_->replace_with_message_hash();
  send(to_message(retry));
  if (end_.failed) return;
  messages.clear();
  read();
  if (!messages.empty())
    hello = without_grease(must(parse_client_hello(Reader(body_of(messages.back()), "ClientHello"))));
}

void ScriptedServer::use_handshake_keys() {
  derive_handshake(suite_, hello.random, must(provider().agree(*key_, hello.key_share->front().key_exchange)));
  protect_writing(negotiated_->secrets.server_handshake_traffic_secret);
  protect_reading(negotiated_->secrets.client_handshake_traffic_secret);
}

void ScriptedServer::use_application_keys() {
  derive_application();
  protect_writing(application_->server_application_traffic_secret_0);
}

void ScriptedServer::complete() {
  send(server_hello());
  use_handshake_keys();
  send(to_message(encrypted_extensions()));
  send(to_message(certificate()));
  send(certificate_verify());
  send(finished());
  use_application_keys();
  read();
  protect_reading(application_->client_application_traffic_secret_0);
}

// ---- client

void ScriptedClient::put_binder(ClientHello& hello, std::size_t place, Bytes psk) const {
  std::size_t binders_length = 2;
  for (const auto& binder : hello.pre_shared_key->binders) binders_length += 1 + binder.size();
  const Message message = to_message(hello);
  Transcript transcript(crypto::HashAlgorithm::sha256);
  transcript.add(Bytes(message).first(message.size() - binders_length));
  const auto hash = crypto::HashAlgorithm::sha256;
  const auto binder = psk_binder(hash, early_secret(hash, psk), "res binder", transcript.digest());
  hello.pre_shared_key->binders[place].assign(binder.bytes().begin(), binder.bytes().end());
}

KeyShareEntry ScriptedClient::make_share(NamedGroup group) {
  key_ = must(provider().make_key_share(group));
  const Bytes share = key_->public_share();
  return {group, {share.begin(), share.end()}};
}

ClientHello ScriptedClient::client_hello(NamedGroup group) {
  ClientHello made;
  made.random.fill(0xa5);
  made.legacy_session_id.assign(32, 0x77);
  made.cipher_suites = list_of(cipher_suites_of(ProtocolVersion::TLS_1_3));
  made.server_name = "server.test";
  made.supported_versions = {ProtocolVersion::TLS_1_3};
  made.signature_algorithms = list_of(default_signature_schemes());
  made.supported_groups = {NamedGroup::x25519, NamedGroup::secp256r1, NamedGroup::secp384r1};
  if (std::ranges::find(*made.supported_groups, group) == made.supported_groups->end())
    made.supported_groups->push_back(group);
  made.key_share = {make_share(group)};
  return made;
}

void ScriptedClient::use_early_key() {
  const auto hello_hash = crypto::hash_of(hash_of(suite_), to_message(hello_));
  protect_writing(early_traffic_secret(hash_of(suite_), early_secret(hash_of(suite_), psk_), hello_hash));
}

void ScriptedClient::remember(const ClientHello& hello) {
  hello_ = hello;
  if (!transcript_) transcript_.emplace(hash_of(suite_));
}

void ScriptedClient::send(const ClientHello& hello) {
  remember(hello);
  send(to_message(hello));
}

void ScriptedClient::read_flight() {
  auto input = end_.take_output();
  std::span<std::uint8_t> rest = input;
  while (!rest.empty()) {
    const auto record = must(reader_.take(rest));
    if (!record) std::abort();
    rest = rest.subspan(record->wire_length);
    if (record->type == ContentType::alert) alert = static_cast<AlertDescription>(record->content[1]);
    if (record->type != ContentType::handshake) continue;
    Bytes content = record->content;
    while (const auto message = must(joiner_.take(content))) {
      messages.emplace_back(message->bytes.begin(), message->bytes.end());
      if (negotiated_) {
        negotiated_->transcript.add(message->bytes);
        continue;
      }
      const auto parsed = must(parse_server_hello(Reader(message->body, "ServerHello")));
      const bool retry = std::holds_alternative<HelloRetryRequest>(parsed);
      if (retry) transcript_->replace_with_message_hash();
      transcript_->add(message->bytes);
      if (retry) continue;
      const auto& hello = std::get<ServerHello>(parsed);
      if (!hello.pre_shared_key) psk_.clear();
      derive_handshake(hello.cipher_suite, hello_.random, must(provider().agree(*key_, hello.key_share->key_exchange)));
      protect_reading(negotiated_->secrets.server_handshake_traffic_secret);
      protect_writing(negotiated_->secrets.client_handshake_traffic_secret);
    }
  }
}

Message ScriptedClient::finished() const {
  const crypto::Digest verify_data = finished_verify_data(
      hash_of(suite_), negotiated_->secrets.client_handshake_traffic_secret, negotiated_->transcript.digest());
  return compose(HandshakeType::finished, [&](Writer& body) { write_finished(body, verify_data); });
}

void ScriptedClient::use_application_keys() {
  protect_writing(application_->client_application_traffic_secret_0);
  protect_reading(application_->server_application_traffic_secret_0);
}

void ScriptedClient::complete() {
  send(client_hello());
  read_flight();
  derive_application();
  send(finished());
  use_application_keys();
}

// ---- messages

Message to_message(const ClientHello& hello) {
  return compose(HandshakeType::client_hello, [&](Writer& body) { write_client_hello(body, hello); });
}
Message to_message(const ServerHello& hello) {
  return compose(HandshakeType::server_hello, [&](Writer& body) { write_server_hello(body, hello); });
}
Message to_message(const HelloRetryRequest& retry) {
  return compose(HandshakeType::server_hello, [&](Writer& body) { write_hello_retry_request(body, retry); });
}
Message to_message(const EncryptedExtensions& extensions) {
  return compose(HandshakeType::encrypted_extensions,
                 [&](Writer& body) { write_encrypted_extensions(body, extensions); });
}
Message to_message(const Certificate& certificate) {
  return compose(HandshakeType::certificate, [&](Writer& body) { write_certificate(body, certificate); });
}
Message to_message(const CompressedCertificate& certificate) {
  return compose(HandshakeType::compressed_certificate,
                 [&](Writer& body) { write_compressed_certificate(body, certificate); });
}
Message to_message(const CertificateRequest& request) {
  return compose(HandshakeType::certificate_request, [&](Writer& body) { write_certificate_request(body, request); });
}
Message to_message(const CertificateVerify& verify) {
  return compose(HandshakeType::certificate_verify, [&](Writer& body) { write_certificate_verify(body, verify); });
}
Message key_update(std::uint8_t request_update) {
  return compose(HandshakeType::key_update, [&](Writer& body) { body.u8(request_update); });
}
Message new_session_ticket() {
  return compose(HandshakeType::new_session_ticket, [](Writer& body) {
    write_new_session_ticket(body, {.ticket_lifetime = 7200, .ticket_nonce = {0}, .ticket = {1, 2, 3}});
  });
}

Message offered_psks() {
  Message data;
  Writer out(data);
  write_offered_psks(out, {.identities = {{{'?'}, 0}}, .binders = {List<std::uint8_t>(32, 0)}});
  return data;
}

Message with_extension(const Message& message, ExtensionType type, Bytes data) {
  return with_block(message, [&](Writer& block, Reader old_block) {
    block.bytes(old_block.rest());
    write_extension(block, type, [&](Writer& out) { out.bytes(data); });
  });
}

Message without_extension(const Message& message, ExtensionType type) {
  return with_block(message, [&](Writer& block, Reader old_block) {
    while (!old_block.empty()) {
      const auto each = static_cast<ExtensionType>(must(old_block.u16("extension_type")));
      const Bytes data = must(old_block.vec16("extension_data")).rest();
      if (each != type) write_extension(block, each, [&](Writer& out) { out.bytes(data); });
    }
  });
}

}  // namespace padlock::tls::testing
