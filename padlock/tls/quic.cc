#include "padlock/tls/quic.h"

#include <deque>
#include <limits>
#include <string>
#include <utility>

#include "padlock/tls/handshake/carrier.h"
#include "padlock/tls/handshake/client.h"
#include "padlock/tls/handshake/client13.h"
#include "padlock/tls/handshake/outbox.h"
#include "padlock/tls/handshake/server.h"
#include "padlock/tls/limits.h"
#include "padlock/tls/record/message_joiner.h"
#include "padlock/tls/rules.h"

namespace padlock::tls {

namespace {

/// What QUIC has of a configuration: TLS 1.3 alone, and nothing for middleboxes (RFC 9001, sections 4.2 and 8.4).
std::shared_ptr<const ClientConfig> for_quic(ClientConfig config) {
  config.policy = Policy::modern;
  config.middlebox_compatibility = false;
  return std::make_shared<const ClientConfig>(std::move(config));
}

/// Early data is counted by QUIC's own flow control (RFC 9001, section 4.6.1).
std::shared_ptr<const ServerConfig> for_quic(ServerConfig config) {
  config.policy = Policy::modern;
  if (config.max_early_data_size > 0) config.max_early_data_size = std::numeric_limits<std::uint32_t>::max();
  return std::make_shared<const ServerConfig>(std::move(config));
}

}  // namespace

/// Messages go to the handshake, and what it says and the keys that it makes become events.
class QuicConnection::Engine final : public Carrier {
 public:
  Engine(Sender self, std::unique_ptr<Handshake> handshake, std::vector<std::uint8_t> transport_parameters,
         crypto::Provider& provider, Observer* observer, KeyLog* key_log)
      : handshake_(std::move(handshake)),
        out_(self, provider, observer, key_log),
        transport_parameters_(std::move(transport_parameters)) {
    out_.use_carrier(*this);
    out_.arena = handshake_->arena();
    if (auto started = handshake_->start(out_); !started) fail(std::move(started).error());
  }

  Result<void> receive(EncryptionLevel level, Bytes crypto_data, Instant now);
  std::optional<QuicEvent> next_event();
  Result<void> answer(QuestionId id, AnyAnswer answer);
  Result<void> decline(QuestionId id, Error error);
  const ConnectionInfo& info() const { return out_.info; }

  // Carrier
  void send(EncryptionLevel level, Bytes messages) override {
    push(QuicCryptoData{level, {messages.begin(), messages.end()}});
  }
  void use_secret(Direction direction, EncryptionLevel level, CipherSuite suite, const TrafficSecret& secret) override {
    push(QuicSecret{direction == Direction::reading, level, suite, secret.duplicate()});
  }
  Bytes transport_parameters() const override { return transport_parameters_; }
  void on_transport_parameters(Bytes peers) override { push(QuicTransportParameters{{peers.begin(), peers.end()}}); }

 private:
  Result<void> check_level(EncryptionLevel level) const;
  Result<void> check_nothing_left() const;
  Result<void> read_held();
  Result<void> on_message(const HandshakeMessage& message);
  bool can_read() const { return !failed_ && (handshake_ == nullptr || !handshake_->waits_for_answer()); }
  void finish_step();
  void end_handshake();
  void fail(Error error);
  void collect();
  void push(QuicEvent event) {
    collect();
    events_.push_back(std::move(event));
  }

  std::unique_ptr<Handshake> handshake_;  // gone once it is complete, or has failed
  Outbox out_;                            // may hold what lies in the handshake's arena
  std::optional<Connected> connected_;
  MessageJoiner joiner_;
  std::vector<std::uint8_t> held_;  // received and not read yet
  EncryptionLevel held_level_{};    // that it came at, and the part that the joiner has
  std::vector<std::uint8_t> transport_parameters_;
  std::deque<QuicEvent> events_;
  std::size_t messages_after_handshake_ = 0;
  bool failed_ = false;
};

/// What the handshake has told so far stands before what comes now.
void QuicConnection::Engine::collect() {
  while (auto event = out_.events.pop()) events_.emplace_back(*std::move(event));
}

std::optional<QuicEvent> QuicConnection::Engine::next_event() {
  collect();
  if (events_.empty()) return std::nullopt;
  QuicEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

Result<void> QuicConnection::Engine::receive(EncryptionLevel level, Bytes crypto_data, Instant now) {
  if (failed_) return broken(rules::not_connected, "the handshake has failed");
  out_.now = now;
  auto read = check_level(level);
  if (read) {
    held_level_ = level;
    held_.insert(held_.end(), crypto_data.begin(), crypto_data.end());
    read = read_held();
  }
  if (!read) fail(read.error());
  return read;
}

Result<void> QuicConnection::Engine::check_level(EncryptionLevel level) const {
  if (level != out_.reading_level()) {
    return broken(rules::unexpected_message, "handshake data came at the level " + std::string(name_of(level)) +
                                                 ", expected is " + std::string(name_of(out_.reading_level())));
  }
  return joiner_.has_part() ? check_nothing_left() : Result<void>();
}

/// Of a level whose successor is in use nothing may be left (RFC 9001, section 4.1.3).
Result<void> QuicConnection::Engine::check_nothing_left() const {
  if (held_level_ == out_.reading_level()) return {};
  return broken(rules::message_across_key_change,
                "handshake data of the level " + std::string(name_of(held_level_)) + " is left over");
}

Result<void> QuicConnection::Engine::read_held() {
  while (can_read() && !held_.empty()) {
    PADLOCK_TRY(check_nothing_left());
    Bytes rest = held_;
    const auto message = PADLOCK_TRY(joiner_.take(rest));
    if (message) {
      out_.received(*message);
      PADLOCK_TRY(on_message(*message));
    }
    held_.erase(held_.begin(), held_.end() - static_cast<std::ptrdiff_t>(rest.size()));
  }
  if (held_.size() <= limits::handshake_message) return {};
  return broken(rules::message_too_long, "handshake data of " + std::to_string(held_.size()) + " bytes waits");
}

Result<void> QuicConnection::Engine::on_message(const HandshakeMessage& message) {
  if (handshake_ != nullptr) {
    PADLOCK_TRY(handshake_->on_message(message, out_));
    finish_step();
    return {};
  }
  // QUIC changes its keys itself: KeyUpdate is refused like all else (RFC 9001, section 6).
  if (out_.self() == Sender::server) return unexpected(message, "nothing");
  PADLOCK_TRY(expect(message, HandshakeType::new_session_ticket));
  if (++messages_after_handshake_ > limits::records_without_data) {
    return broken(rules::too_many_records_without_data, "more tickets came than anybody needs");
  }
  return client13::on_new_session_ticket(message, *connected_, out_);
}

void QuicConnection::Engine::finish_step() {
  out_.flush();
  connected_ = handshake_->take_connected();
  if (!connected_) return;
  end_handshake();
  out_.events.push(HandshakeComplete{});
}

void QuicConnection::Engine::end_handshake() {
  out_.forget_handshake();
  handshake_.reset();
}

Result<void> QuicConnection::Engine::answer(QuestionId id, AnyAnswer answer) {
  PADLOCK_TRY(out_.questions.close(id, answer.index()));
  auto step = handshake_->on_answer(std::move(answer), out_);
  if (step) {
    finish_step();
    step = read_held();
  }
  if (!step) fail(step.error());
  return step;
}

Result<void> QuicConnection::Engine::decline(QuestionId id, Error error) {
  PADLOCK_TRY(out_.questions.close(id));
  fail(std::move(error));
  return {};
}

void QuicConnection::Engine::fail(Error error) {
  if (failed_) return;
  failed_ = true;
  end_handshake();
  connected_.reset();
  out_.events.push(Failed{std::move(error), false});
}

QuicConnection QuicConnection::client(const ClientConfig& config, std::string server_name,
                                      std::vector<std::uint8_t> transport_parameters, crypto::Provider& provider,
                                      Observer* observer, KeyLog* key_log, Resumption resumption) {
  auto handshake = std::make_unique<ClientHandshake>(for_quic(config), std::move(server_name), std::move(resumption));
  return QuicConnection(std::make_unique<Engine>(Sender::client, std::move(handshake), std::move(transport_parameters),
                                                 provider, observer, key_log));
}

QuicConnection QuicConnection::server(const ServerConfig& config, std::vector<std::uint8_t> transport_parameters,
                                      crypto::Provider& provider, Observer* observer, KeyLog* key_log) {
  auto handshake = std::make_unique<ServerHandshake>(for_quic(config));
  return QuicConnection(std::make_unique<Engine>(Sender::server, std::move(handshake), std::move(transport_parameters),
                                                 provider, observer, key_log));
}

QuicConnection::QuicConnection(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
QuicConnection::QuicConnection(QuicConnection&&) noexcept = default;
QuicConnection& QuicConnection::operator=(QuicConnection&&) noexcept = default;
QuicConnection::~QuicConnection() = default;

Result<void> QuicConnection::receive(EncryptionLevel level, Bytes crypto_data, Instant now) {
  return engine_->receive(level, crypto_data, now);
}
std::optional<QuicEvent> QuicConnection::next_event() { return engine_->next_event(); }

Result<void> QuicConnection::answer(QuestionId id, std::shared_ptr<const Credential> credential) {
  return engine_->answer(id, std::move(credential));
}
Result<void> QuicConnection::answer(QuestionId id, Result<crypto::Answer> answer) {
  if (!answer) {
    PADLOCK_TRY(engine_->decline(id, answer.error()));
    return std::unexpected(std::move(answer).error());
  }
  return engine_->answer(id, any_answer(*std::move(answer)));
}
Result<void> QuicConnection::answer(QuestionId id, PeerVerified proof) { return engine_->answer(id, proof); }
Result<void> QuicConnection::answer(QuestionId id, EarlyDataAnswer answer) { return engine_->answer(id, answer); }
Result<void> QuicConnection::decline(QuestionId id, Error error) { return engine_->decline(id, std::move(error)); }
const ConnectionInfo& QuicConnection::info() const { return engine_->info(); }

std::uint64_t quic_error_code(const Error& error) {
  constexpr std::uint64_t crypto_error = 0x0100;
  return crypto_error + static_cast<std::uint8_t>(error.rule->alert);
}

}  // namespace padlock::tls
