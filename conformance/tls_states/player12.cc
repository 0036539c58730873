#include "conformance/tls_states/player.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "conformance/tls_states/letters.h"
#include "padlock/tls/record/record_header.h"
#include "padlock/tls/schedule/key_schedule12.h"
#include "padlock/tls/wire/tls12.h"

namespace padlock::tls_states {

namespace {

using namespace padlock::tls;
using testing::End;
using testing::Message;
using testing::to_message;

/// AES-GCM, whose records begin with a part of the nonce: the table counts on its zeros.
constexpr auto suite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
constexpr auto group = NamedGroup::x25519;

/// What both kinds of player do.
class Player12 : public Player {
 public:
  Player12(Sender self, End& end) : end_(end), self_(self), key_(testing::provider().make_key_share(group).value()) {}

  void say(const Letter& letter) override {
    const bool is_message = letter.garbage || type_of(letter.row);
    if (is_message) {
      say_message(letter);
    } else {
      say_record(letter.row, letter.key);
    }
    end_.pump();
    hear();
  }

 protected:
  /// The message of a row, good if this peer knows enough for it.
  virtual Message make(const std::string& row) = 0;
  /// A message of this row was said, and is in the transcript.
  virtual void said(const std::string& /*row*/) {}
  /// One of the tested end, which is in the transcript.
  virtual void heard(const HandshakeMessage& message) = 0;

  /// Reads what the tested end has said.
  void hear() {
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

  /// Once both halves are known, and the transcript is at ClientKeyExchange.
  void derive_keys(Bytes peers_point) {
    if (master_secret_) return;
    const auto pre_master_secret = testing::provider().agree(*key_, peers_point);
    if (!pre_master_secret) return;
    master_secret_ = tls12::extended_master_secret(hash_of(suite), pre_master_secret->reveal(), transcript_hash());
    auto keys = tls12::expand_keys(suite, *master_secret_, client_random_, server_random_);
    const bool client = self_ == Sender::client;
    writing_.emplace(suite, std::move(client ? keys.client : keys.server), testing::provider());
    reading_.emplace(suite, std::move(client ? keys.server : keys.client), testing::provider());
  }

  /// Good once there are keys.
  Message finished() const {
    if (!master_secret_) return message_without_context("Finished");
    const auto verify_data =
        tls12::finished_verify_data(hash_of(suite), *master_secret_,
                                    self_ == Sender::client ? "client finished" : "server finished", transcript_hash());
    return compose(HandshakeType::finished, [&](Writer& body) { body.bytes(verify_data); });
  }

  End& end_;
  Sender self_;
  std::shared_ptr<const crypto::EphemeralKey> key_;
  Random client_random_{};
  Random server_random_{};

 private:
  crypto::Digest transcript_hash() const {
    Transcript transcript(hash_of(suite));
    transcript.add(transcript_);
    return transcript.digest();
  }

  void say_message(const Letter& letter) {
    Message message = letter.garbage ? garbage(*letter.garbage) : take(letter.row);
    if (!letter.joined.empty()) {
      const Message second = take(letter.joined);
      message.insert(message.end(), second.begin(), second.end());
    }
    if (!letter.cut) return send(ContentType::handshake, message, letter.key);
    send(ContentType::handshake, Bytes(message).first(*letter.cut), letter.key);
    if (!letter.between.empty()) say_record(letter.between, letter.key);
    send(ContentType::handshake, Bytes(message).subspan(*letter.cut), letter.key);
  }
  /// The message, which joins the transcript.
  Message take(const std::string& row) {
    Message message = make(row);
    transcript_.insert(transcript_.end(), message.begin(), message.end());
    said(row);
    return message;
  }
  void say_record(const std::string& row, Key key) {
    const Content content = content_of(row);
    send(content.type, content.bytes, is_always_clear(row) ? Key::none : key);
  }

  void send(ContentType type, Bytes content, Key key) {
    const std::size_t overhead = key == Key::none ? 0 : 8 + crypto::aead_tag_length;  // explicit nonce and tag
    const auto header = write_record_header({type, 0x0303, content.size() + overhead});
    std::vector<std::uint8_t> record(header.begin(), header.end());
    record.resize(record.size() + content.size() + overhead);
    const auto fragment = std::span(record).subspan(record_header_length);
    if (key == Key::none) copy_bytes(content, fragment);
    if (key == Key::application && writing_) writing_->seal(header, std::span(&content, 1), fragment);
    end_.deliver(record);  // of zeros, where this peer has no such key
  }

  void hear_record(ContentType type, Bytes header, std::span<std::uint8_t> fragment) {
    if (type == ContentType::change_cipher_spec) {
      sealed_ = reading_.has_value();  // without keys it is a dummy of TLS 1.3
      return;
    }
    if (sealed_) {
      const auto opened = reading_ ? reading_->open(header, fragment) : std::nullopt;
      understood_all_ = understood_all_ && opened.has_value();
      if (!opened) return;
      fragment = *opened;
    }
    if (type == ContentType::alert && fragment.size() == 2) alerts_.push_back({fragment[0], fragment[1]});
    if (type == ContentType::handshake) hear_messages(fragment);
  }
  void hear_messages(Bytes content) {
    while (!content.empty()) {
      const auto message = joiner_.take(content);
      understood_all_ = understood_all_ && message.has_value();
      if (!message || !*message) return;
      const Bytes bytes = (**message).bytes;
      transcript_.insert(transcript_.end(), bytes.begin(), bytes.end());
      heard(**message);
    }
  }

  std::vector<std::uint8_t> transcript_;  // messages of both ends
  MessageJoiner joiner_;
  std::optional<tls12::MasterSecret> master_secret_;
  std::optional<RecordProtection> writing_;
  std::optional<RecordProtection> reading_;
  bool sealed_ = false;  // the tested end's change_cipher_spec has come
};

/// Speaks to a client, which has sent its hello.
class ServerPlayer12 final : public Player12 {
 public:
  explicit ServerPlayer12(End& client) : Player12(Sender::server, client) {
    server_random_.fill(0x5a);
    hear();
  }

 private:
  Message make(const std::string& row) override {
    if (row == "ServerHello" || row == "ServerHello-with-status") return server_hello(row != "ServerHello");
    if (row == "HelloRetryRequest") return hello_retry_request();
    if (row == "Certificate") return certificate();
    if (row == "CertificateStatus") return certificate_status();
    if (row == "ServerKeyExchange") return server_key_exchange();
    if (row == "CertificateRequest") return certificate_request();
    if (row == "Finished") return finished();
    return message_without_context(row);
  }

  Message server_hello(bool status) const {
    ServerHello hello{.random = server_random_,
                      .cipher_suite = suite,
                      .tls12 = Tls12Answers{.status_request = status, .extended_master_secret = true}};
    hello.tls12->renegotiated_connection.emplace();
    return to_message(hello);
  }
  Message hello_retry_request() const {
    return to_message(HelloRetryRequest{.legacy_session_id_echo = session_id_,
                                        .cipher_suite = CipherSuite::TLS_AES_128_GCM_SHA256,
                                        .supported_versions = ProtocolVersion::TLS_1_3,
                                        .key_share = NamedGroup::secp256r1});
  }
  Message certificate() const {
    return compose(HandshakeType::certificate,
                   [&](Writer& body) { tls12::write_certificate(body, testing::credential()->chain); });
  }
  static Message certificate_status() {
    return compose(HandshakeType::certificate_status,
                   [](Writer& body) { tls12::write_certificate_status(body, std::array<std::uint8_t, 2>{0x30, 0}); });
  }
  Message server_key_exchange() const {
    std::vector<std::uint8_t> params;
    Writer out(params);
    tls12::write_server_ecdh_params(out, group, key_->public_share());
    const auto& signer = *testing::credential()->key;
    const SignatureScheme scheme = signer.schemes().front();
    const auto signature = signer.sign(scheme, tls12::signed_content(client_random_, server_random_, params)).value();
    return compose(HandshakeType::server_key_exchange,
                   [&](Writer& body) { tls12::write_server_key_exchange(body, params, scheme, signature); });
  }
  /// rsa_sign and ecdsa_sign, ecdsa_secp256r1_sha256, no names.
  static Message certificate_request() {
    return compose(HandshakeType::certificate_request,
                   [](Writer& body) { body.bytes(std::array<std::uint8_t, 9>{2, 1, 64, 0, 2, 4, 3, 0, 0}); });
  }

  void heard(const HandshakeMessage& message) override {
    if (message.type == HandshakeType::client_hello) {
      const auto hello = parse_client_hello(Reader(message.body, "ClientHello")).value();
      client_random_ = hello.random;
      session_id_ = hello.legacy_session_id;
    }
    if (message.type == HandshakeType::client_key_exchange) {
      derive_keys(tls12::parse_client_key_exchange(Reader(message.body, "ClientKeyExchange")).value());
    }
  }

  List<std::uint8_t> session_id_;
};

/// Speaks to a server.
class ClientPlayer12 final : public Player12 {
 public:
  explicit ClientPlayer12(End& server) : Player12(Sender::client, server) { client_random_.fill(0xa5); }

 private:
  Message make(const std::string& row) override {
    if (row == "ClientHello") return client_hello();
    if (row == "ClientKeyExchange") return client_key_exchange(key_->public_share());
    if (row == "ClientKeyExchange-of-zeros") return client_key_exchange(std::array<std::uint8_t, 32>{});
    if (row == "Certificate") return compose(HandshakeType::certificate, [](Writer& body) { body.u24(0); });
    if (row == "Finished") return finished();
    return message_without_context(row);
  }
  Message client_hello() const {
    ClientHello hello;
    hello.random = client_random_;
    hello.cipher_suites = {suite};
    hello.server_name = "server.test";
    hello.signature_algorithms = list_of(default_signature_schemes());
    hello.supported_groups = {group, NamedGroup::secp256r1};
    hello.extended_master_secret = true;
    return to_message(hello);
  }
  static Message client_key_exchange(Bytes point) {
    return compose(HandshakeType::client_key_exchange,
                   [&](Writer& body) { tls12::write_client_key_exchange(body, point); });
  }

  void said(const std::string& row) override {
    if (row == "ClientKeyExchange" && !servers_point_.empty()) derive_keys(servers_point_);
  }
  void heard(const HandshakeMessage& message) override {
    if (message.type == HandshakeType::server_hello) {
      const auto hello = parse_server_hello(Reader(message.body, "ServerHello")).value();
      server_random_ = std::get<ServerHello>(hello).random;
    }
    if (message.type == HandshakeType::server_key_exchange) {
      servers_point_ = tls12::parse_server_key_exchange(Reader(message.body, "ServerKeyExchange")).value().params.point;
    }
  }

  std::vector<std::uint8_t> servers_point_;
};

}  // namespace

std::unique_ptr<Player> make_player12(Role tested, End& end) {
  if (tested == Role::client) return std::make_unique<ServerPlayer12>(end);
  return std::make_unique<ClientPlayer12>(end);
}

}  // namespace padlock::tls_states
