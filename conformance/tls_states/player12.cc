#include "conformance/tls_states/player.h"

#include <array>
#include <string>

#include "conformance/tls_states/letters.h"
#include "conformance/tls_states/sessions.h"
#include "padlock/tls/testing/scripted_peer12.h"

namespace padlock::tls_states {

namespace {

using namespace padlock::tls;
using testing::End;
using testing::Message;
using testing::ScriptedClient12;
using testing::ScriptedServer12;

/// What both kinds of player do. `Peer`: ScriptedServer12 or ScriptedClient12.
template <class Peer>
class PlayerOf : public Player, protected Peer {
 public:
  explicit PlayerOf(End& end) : Peer(end) {}

  void say(const Letter& letter) override {
    if (letter.garbage || type_of(letter.row)) {
      say_message(letter);
    } else {
      say_record(letter.row, letter.key);
    }
    this->read();
    understood_all_ = Peer::understood_all();
    alerts_.clear();
    for (const auto& [level, description] : Peer::alerts()) alerts_.push_back({level, description});
  }

 protected:
  /// The message of a row, good if this peer knows enough for it.
  virtual Message make(const std::string& row) = 0;
  /// The message of this row is in the transcript.
  virtual void taken(const std::string& row) = 0;

 private:
  void say_message(const Letter& letter) {
    Message message = letter.garbage ? garbage(*letter.garbage) : take(letter.row);
    if (!letter.joined.empty()) {
      const Message second = take(letter.joined);
      message.insert(message.end(), second.begin(), second.end());
    }
    const std::size_t first = letter.cut.value_or(message.size());
    say_part(Bytes(message).first(first), letter.key);
    if (!letter.between.empty()) say_record(letter.between, letter.key);
    if (letter.cut) say_part(Bytes(message).subspan(first), letter.key);
  }
  /// The message, which joins the transcript.
  Message take(const std::string& row) {
    Message message = make(row);
    this->remember(message);
    taken(row);
    return message;
  }
  void say_part(Bytes part, Key key) { send_with(ContentType::handshake, part, key); }
  void say_record(const std::string& row, Key key) {
    const Content content = content_of(row);
    send_with(content.type, content.bytes, is_always_clear(row) ? Key::none : key);
  }
  void send_with(ContentType type, Bytes content, Key key) {
    if (key != Key::foreign) return this->send_record(type, content, key != Key::none);
    this->send_bytes(sealed_by_nobody);
  }

  static constexpr std::array<std::uint8_t, 5 + 24> sealed_by_nobody = {23, 3, 3, 0, 24, 1, 2, 3};
};

/// Speaks to a client.
class ServerPlayer12 final : public PlayerOf<ScriptedServer12> {
 public:
  ServerPlayer12(End& client, testing::SessionPtr session) : PlayerOf(client), session_(std::move(session)) {}

 private:
  Message make(const std::string& row) override {
    if (row.starts_with("ServerHello-that-resumes")) return resuming_hello(row != "ServerHello-that-resumes");
    if (row == "NewSessionTicket") return new_session_ticket();
    if (row == "ServerHello" || row == "ServerHello-with-status") return server_hello(row != "ServerHello");
    if (row == "HelloRetryRequest") return hello_retry_request();
    if (row == "Certificate") return certificate();
    if (row == "CertificateStatus") return certificate_status();
    if (row == "ServerKeyExchange") return server_key_exchange();
    if (row == "CertificateRequest") return certificate_request();
    if (row == "ServerHelloDone") return server_hello_done();
    if (row == "Finished") return finished();
    return message_without_context(row);
  }
  void taken(const std::string& row) override {
    if (row.starts_with("ServerHello-that-resumes") && session_) resume_keys(session_->secret.reveal());
  }

  testing::SessionPtr session_;
};

/// Speaks to a server.
class ClientPlayer12 final : public PlayerOf<ScriptedClient12> {
 public:
  ClientPlayer12(End& server, testing::SessionPtr session) : PlayerOf(server), session_(std::move(session)) {}

 private:
  Message make(const std::string& row) override {
    if (row == "ClientHello") return client_hello();
    if (row == "ClientHello-that-resumes") return session_ ? resuming_hello(*session_) : client_hello();
    if (row == "Certificate") return certificate(testing::credential()->chain);
    if (row == "Certificate-of-nobody") return certificate({});
    if (row == "CertificateVerify") return certificate_verify();
    if (row == "ClientKeyExchange") return client_key_exchange();
    if (row == "ClientKeyExchange-of-zeros") return client_key_exchange(std::array<std::uint8_t, 32>{});
    if (row == "Finished") return finished();
    return message_without_context(row);
  }
  void taken(const std::string&) override {}

  testing::SessionPtr session_;
};

}  // namespace

std::unique_ptr<Player> make_player12(const Tested& tested, End& end) {
  auto session = session_for(tested);
  if (tested.role == Role::client) return std::make_unique<ServerPlayer12>(end, std::move(session));
  return std::make_unique<ClientPlayer12>(end, std::move(session));
}

}  // namespace padlock::tls_states
