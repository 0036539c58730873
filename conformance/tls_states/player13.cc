#include "conformance/tls_states/player.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "conformance/tls_states/letters.h"
#include "conformance/tls_states/sessions.h"
#include "padlock/tls/testing/scripted_peer.h"

namespace padlock::tls_states {

namespace {

using namespace padlock::tls;
using testing::End;
using testing::Message;
using testing::ScriptedClient;
using testing::ScriptedServer;
using testing::to_message;

/// What both kinds of player do. `Peer`: ScriptedServer or ScriptedClient.
template <class Peer>
class PlayerOf : public Player, protected Peer {
 public:
  explicit PlayerOf(End& end) : Peer(end) {}

  void say(const Letter& letter) override {
    const bool has_key = take_up(letter.key);
    if (has_key) {
      say_whole(letter);
    } else {
      this->send_bytes(sealed_by_nobody);
    }
    put_down(letter.key);
    this->end_.pump();
    after(letter);
    hear();
  }

 protected:
  /// The message of a row, good if this peer knows enough for it.
  virtual Message make(const std::string& row) = 0;
  /// The message of this row is in the transcript.
  virtual void taken(const std::string& row) = 0;
  /// Learns what it must from what the letter has led to.
  virtual void after(const Letter& letter) = 0;
  /// Derives the keys of the application from the transcript so far.
  void learn_application_keys(const TrafficSecret& (*ours)(const ApplicationSecrets&),
                              const TrafficSecret& (*theirs)(const ApplicationSecrets&)) {
    this->derive_application();
    application_key_.emplace(this->suite_, ours(*this->application_), testing::provider());
    our_secret_.emplace(ours(*this->application_).reveal());
    their_next_secret_.emplace(theirs(*this->application_).reveal());
  }
  /// From here on the tested end seals with this.
  void hear_with(const TrafficSecret& secret) {
    hearing_.emplace(this->suite_, secret, testing::provider());
    their_secret_.emplace(secret.reveal());
  }
  void hear_with_application_key() { hear_with(*their_next_secret_); }
  /// The tested end's Finished is the last record under its handshake key.
  virtual void on_heard(HandshakeType type) = 0;

  std::optional<RecordProtection> handshake_key_;
  std::optional<RecordProtection> application_key_;

 private:
  static constexpr std::array<std::uint8_t, 5 + 24> sealed_by_nobody = {23, 3, 3, 0, 24, 1, 2, 3};

  bool take_up(Key key) {
    if (key == Key::none) return true;
    auto& known = key == Key::handshake ? handshake_key_ : application_key_;
    if (key == Key::foreign || !known) return false;
    this->writing_ = std::exchange(known, std::nullopt);
    return true;
  }
  void put_down(Key key) {
    if (!this->writing_) return;
    (key == Key::handshake ? handshake_key_ : application_key_) = std::exchange(this->writing_, std::nullopt);
  }

  void say_whole(const Letter& letter) {
    if (!letter.garbage && !type_of(letter.row)) return say_record(letter.row);
    Message message = letter.garbage ? garbage(*letter.garbage) : take(letter.row);
    if (!letter.joined.empty()) {
      const Message second = take(letter.joined);
      message.insert(message.end(), second.begin(), second.end());
    }
    if (!letter.cut) return this->send_record(ContentType::handshake, message);
    this->send_record(ContentType::handshake, Bytes(message).first(*letter.cut));
    if (!letter.between.empty()) say_record(letter.between);
    this->send_record(ContentType::handshake, Bytes(message).subspan(*letter.cut));
  }
  void say_record(const std::string& row) {
    if (row == "sealed-padding-alone") return this->send_inner(std::array<std::uint8_t, 9>{});
    const Content content = content_of(row);
    if (!is_always_clear(row)) return this->send_record(content.type, content.bytes);
    auto sealing = std::exchange(this->writing_, std::nullopt);
    this->send_record(content.type, content.bytes);
    this->writing_ = std::move(sealing);
  }
  /// The message, which joins the transcript.
  Message take(const std::string& row) {
    Message message = make(row);
    if (row == "HelloRetryRequest" && this->transcript_) this->transcript_->replace_with_message_hash();
    this->add_to_transcript(message);
    taken(row);
    return message;
  }

  /// Reads all that the tested end has said since.
  void hear() {
    std::vector<std::uint8_t> input = this->end_.take_output();
    std::span<std::uint8_t> rest = input;
    while (rest.size() >= record_header_length) {
      const RecordHeader header = parse_record_header(rest.first<record_header_length>());
      if (rest.size() - record_header_length < header.length) break;
      hear_record(header.type, rest.first(record_header_length), rest.subspan(record_header_length, header.length));
      rest = rest.subspan(record_header_length + header.length);
    }
    understood_all_ = understood_all_ && rest.empty();
  }
  void hear_record(ContentType type, Bytes header, std::span<std::uint8_t> fragment) {
    if (type == ContentType::change_cipher_spec) return;
    const bool sealed = type == ContentType::application_data;
    if (sealed != hearing_.has_value() || (sealed && !hearing_->open(header, fragment))) {
      understood_all_ = false;
      return;
    }
    if (sealed) {
      fragment = fragment.first(fragment.size() - crypto::aead_tag_length);
      type = static_cast<ContentType>(fragment.back());
      fragment = fragment.first(fragment.size() - 1);
    }
    if (type == ContentType::alert && fragment.size() == 2) alerts_.push_back({fragment[0], fragment[1]});
    if (type == ContentType::handshake) hear_messages(fragment);
  }
  void hear_messages(Bytes content) {
    while (!content.empty()) {
      const auto message = this->joiner_.take(content);
      if (!message) understood_all_ = false;
      if (!message || !*message) return;
      if ((**message).type == HandshakeType::key_update) {
        hear_with(next_traffic_secret(hash_of(this->suite_), *their_secret_));
      } else {
        on_heard((**message).type);
      }
    }
  }

 protected:
  /// What follows our KeyUpdate is sealed with the next key.
  void next_application_key() {
    if (!our_secret_) return;
    our_secret_ = next_traffic_secret(hash_of(this->suite_), *our_secret_);
    application_key_.emplace(this->suite_, *our_secret_, testing::provider());
  }

 private:
  std::optional<RecordProtection> hearing_;
  std::optional<TrafficSecret> our_secret_;
  std::optional<TrafficSecret> their_secret_;
  std::optional<TrafficSecret> their_next_secret_;
};

bool is_key_update(const Letter& letter) {
  const std::string& last = letter.joined.empty() ? letter.row : letter.joined;
  return letter.key == Key::application && (last == "KeyUpdate" || last == "KeyUpdate-that-asks");
}

const TrafficSecret& servers(const ApplicationSecrets& secrets) { return secrets.server_application_traffic_secret_0; }
const TrafficSecret& clients(const ApplicationSecrets& secrets) { return secrets.client_application_traffic_secret_0; }

/// What stands for a Certificate (RFC 8879, section 4).
Message compressed(const Message& certificate) {
  const Bytes body = Bytes(certificate).subspan(handshake_header_length);
  const auto by_zlib = zlib_compression.compress(body);
  return to_message(
      CompressedCertificate{zlib_compression.algorithm, static_cast<std::uint32_t>(body.size()), by_zlib});
}

/// Speaks to a client.
class ServerPlayer final : public PlayerOf<ScriptedServer> {
 public:
  ServerPlayer(End& client, testing::SessionPtr session) : PlayerOf(client), session_(std::move(session)) {}

 private:
  Message make(const std::string& row) override {
    if (row == "ServerHello") return to_message(server_hello());
    if (row == "ServerHello-that-resumes") return to_message(resuming_hello());
    if (row == "HelloRetryRequest") return to_message(hello_retry_request(NamedGroup::secp256r1));
    if (row == "EncryptedExtensions") return to_message(encrypted_extensions());
    if (row == "Certificate") return to_message(certificate());
    if (row == "CompressedCertificate") return compressed(to_message(certificate()));
    if (row == "ClientHello") return to_message(hello);
    if (row == "CertificateVerify" && negotiated_) return certificate_verify();
    if (row == "Finished" && negotiated_) return finished();
    return message_without_context(row);
  }
  /// Selects the one session that a client offers.
  ServerHello resuming_hello() {
    ServerHello resuming = server_hello();
    resuming.pre_shared_key = 0;
    return resuming;
  }
  void taken(const std::string& row) override {
    if (row == "ServerHello-that-resumes" && session_ && !negotiated_) use_psk(session_->secret.reveal());
    if (row == "Finished" && negotiated_ && !application_key_) learn_application_keys(servers, clients);
  }
  void after(const Letter& letter) override {
    if (is_key_update(letter)) next_application_key();
    if (end_.failed || letter.garbage) return;
    if (letter.row == "HelloRetryRequest" && letter.key == Key::none && !negotiated_) read_second_hello();
    const bool is_hello = letter.row == "ServerHello" || letter.row == "ServerHello-that-resumes";
    if (is_hello && letter.key == Key::none && !negotiated_) learn_handshake_keys();
  }
  void read_second_hello() {
    messages.clear();
    read();
    hello = parse_client_hello(Reader(Bytes(messages.back()).subspan(handshake_header_length), "ClientHello")).value();
    std::erase_if(*hello.key_share,
                  [](const KeyShareEntry& entry) { return is_grease(static_cast<std::uint16_t>(entry.group)); });
  }
  void learn_handshake_keys() {
    use_handshake_keys();
    handshake_key_ = std::exchange(writing_, std::nullopt);
    hear_with(negotiated_->secrets.client_handshake_traffic_secret);
  }
  void on_heard(HandshakeType type) override {
    if (type == HandshakeType::finished) hear_with_application_key();
  }

  testing::SessionPtr session_;
};

/// Speaks to a server.
class ClientPlayer final : public PlayerOf<ScriptedClient> {
 public:
  ClientPlayer(End& server, testing::SessionPtr session) : PlayerOf(server), session_(std::move(session)) {}

 private:
  Message make(const std::string& row) override {
    if (row == "ClientHello-that-resumes") return resuming_hello();
    if (row == "Certificate") return to_message(own_certificate());
    if (row == "Certificate-of-nobody") return to_message(Certificate{});
    if (row == "CompressedCertificate") return compressed(to_message(own_certificate()));
    if (row == "CertificateVerify" && negotiated_) return certificate_verify();
    if (row == "ClientHello") return make_hello(NamedGroup::x25519, false);
    if (row == "ClientHello-that-needs-a-retry") return make_hello(NamedGroup::secp521r1, false);
    if (row == "ClientHello-after-a-retry") return make_hello(NamedGroup::x25519, true);
    if (row == "Finished" && negotiated_) return finished();
    if (row == "EncryptedExtensions") return to_message(EncryptedExtensions{});
    return message_without_context(row);
  }
  /// Offers the session; without one, something that no server knows.
  Message resuming_hello() {
    if (negotiated_) return to_message(client_hello(NamedGroup::x25519));
    ClientHello hello = client_hello(NamedGroup::x25519);
    const std::vector<std::uint8_t> unknown(100, 1);
    hello.psk_key_exchange_modes = {{psk_dhe_ke}};
    hello.pre_shared_key.emplace();
    hello.pre_shared_key->identities.push_back({list_of(session_ ? session_->ticket : unknown), 0});
    hello.pre_shared_key->binders.emplace_back(std::size_t{32}, std::uint8_t{0});
    if (session_) put_binder(hello, 0, session_->secret.reveal());
    if (session_) use_psk(session_->secret.reveal());
    remember(hello);
    return to_message(hello);
  }
  static Certificate own_certificate() {
    Certificate made;
    for (const auto& der : testing::credential()->chain) made.certificate_list.push_back({.cert_data = der});
    return made;
  }
  Message certificate_verify() const {
    const crypto::PrivateKey& key = *testing::credential()->key;
    const SignatureScheme scheme = key.schemes().front();
    const auto content = certificate_verify_content(Sender::client, negotiated_->transcript.digest());
    return to_message(CertificateVerify{scheme, key.sign(scheme, content).value()});
  }
  Message make_hello(NamedGroup group, bool lists_secp521r1) {
    if (negotiated_) return to_message(client_hello(group));  // the keys that are in use stay
    ClientHello hello = client_hello(group);
    if (lists_secp521r1) hello.supported_groups->push_back(NamedGroup::secp521r1);
    remember(hello);
    return to_message(hello);
  }
  void taken(const std::string&) override {}
  void after(const Letter& letter) override {
    if (is_key_update(letter)) next_application_key();
    // A hello is alone in its record, so whatever answers two of them is not understood.
    if (end_.failed || negotiated_ || !letter.joined.empty() || !letter.row.starts_with("ClientHello")) return;
    read_flight();
    if (!negotiated_) return;  // that was a HelloRetryRequest
    handshake_key_ = std::exchange(writing_, std::nullopt);
    learn_application_keys(clients, servers);
    hear_with_application_key();  // a server's own Finished is behind it
  }
  void on_heard(HandshakeType) override {}

  testing::SessionPtr session_;
};

}  // namespace

std::unique_ptr<Player> make_player13(const Tested& tested, End& end) {
  auto session = session_for(tested);
  if (tested.role == Role::client) return std::make_unique<ServerPlayer>(end, std::move(session));
  return std::make_unique<ClientPlayer>(end, std::move(session));
}

}  // namespace padlock::tls_states
