#include "padlock/tls/engine.h"

#include <algorithm>
#include <array>
#include <string>

#include "padlock/tls/limits.h"
#include "padlock/tls/record/piece_cursor.h"
#include "padlock/tls/rules.h"

namespace padlock::tls {

namespace {

/// False where an alert would reach nobody who could read it.
bool peer_gets_alert(const Rule* rule) {
  return rule != &rules::not_tls && rule != &rules::plain_http_request && rule != &rules::plain_http_response &&
         rule != &rules::alert_received && rule != &rules::closed_in_handshake && rule != &rules::truncated;
}

constexpr std::uint8_t warning = 1;
constexpr std::uint8_t fatal = 2;

}  // namespace

Connection::Engine::Engine(Sender self, std::unique_ptr<Handshake> handshake, RecordSettings records,
                           crypto::Provider& provider, Observer* observer, KeyLog* key_log)
    : handshake_(std::move(handshake)), out_(self, provider, observer, key_log), rekey_after_(records.rekey_after) {
  out_.writer.pad(records.padding);
  out_.arena = handshake_->arena();
  if (auto started = handshake_->start(out_); !started) fail(std::move(started).error());
}

std::optional<Event> Connection::Engine::next_event() {
  auto event = out_.events.pop();
  if (event && (std::holds_alternative<ApplicationData>(*event) || std::holds_alternative<EarlyData>(*event))) {
    data_waits_ = false;
  }
  return event;
}

void Connection::Engine::output_sent(std::size_t count) {
  out_.writer.output().sent(count);
  if (output().empty()) key_update_unsent_ = false;
}

Waiting Connection::Engine::waiting_for() const {
  if (failed_ || (peer_closed_ && we_closed_)) return output().empty() ? Waiting::nothing : Waiting::room_for_output;
  if (handshake_ != nullptr && handshake_->waits_for_answer()) return Waiting::answer;
  if (data_waits_ || peer_closed_) return Waiting::application;
  return Waiting::peer_bytes;
}

// ---- the handshake's steps

Result<void> Connection::Engine::answer(QuestionId id, AnyAnswer answer) {
  PADLOCK_TRY(out_.questions.close(id, answer.index()));
  auto step = handshake_->on_answer(std::move(answer), out_);
  if (!step) {
    fail(step.error());
    return step;
  }
  finish_step();
  return go_on_with_held();
}

Result<void> Connection::Engine::decline(QuestionId id, Error error) {
  PADLOCK_TRY(out_.questions.close(id));
  fail(std::move(error));
  return {};
}

/// Sends what the step had to say, and frees the handshake once it is complete.
void Connection::Engine::finish_step() {
  out_.flush();
  connected_ = handshake_->take_connected();
  if (!connected_) return;
  end_handshake();
  out_.events.push(HandshakeComplete{});
}

void Connection::Engine::end_handshake() {
  out_.forget_handshake();
  handshake_.reset();
}

void Connection::Engine::fail(Error error) { fail(std::move(error), false); }

void Connection::Engine::fail(Error error, bool by_peer) {
  if (failed_) return;
  end_handshake();
  out_.writer.drop_reservation();
  if (peer_gets_alert(error.rule)) send_alert(error.rule->alert);
  failed_ = true;
  connected_.reset();
  out_.events.push(Failed{std::move(error), by_peer});
}

void Connection::Engine::send_alert(AlertDescription description) {
  if (we_closed_) return;  // close_notify was our last word
  const bool goes_on =
      description == AlertDescription::close_notify || description == AlertDescription::no_renegotiation;
  const std::uint8_t level = goes_on ? warning : fatal;
  const std::array<std::uint8_t, 2> alert = {level, static_cast<std::uint8_t>(description)};
  out_.pay_change_cipher_spec();
  out_.alert(out_.self(), out_.writer.level(), description);
  out_.writer.write_all(ContentType::alert, alert);
}

// ---- sending

Result<void> Connection::Engine::check_connected() const {
  if (connected_ && !we_closed_) return {};
  return broken(rules::not_connected, we_closed_ ? "the connection was closed" : "there is no connection");
}

Result<void> Connection::Engine::check_can_send(std::size_t size) const {
  if (early_data_room() == 0) return check_connected();
  if (size <= early_data_room()) return {};
  return broken(rules::early_data_full, std::to_string(size) +
                                            " bytes are to be sent before the handshake is complete, " +
                                            std::to_string(early_data_room()) + " may be");
}

void Connection::Engine::count_sent(std::size_t size) {
  if (!connected_) out_.allow_data(out_.data_allowed() - size);
}

Result<void> Connection::Engine::send(std::span<const Bytes> pieces) {
  const std::size_t size = total_size(pieces);
  PADLOCK_TRY(check_can_send(size));
  count_sent(size);
  out_.writer.drop_reservation();
  PieceCursor cursor(pieces);
  while (!cursor.empty()) {
    PADLOCK_TRY(change_key_if_due());
    cursor.take(out_.writer.most_content(), record_pieces_);
    out_.writer.write(ContentType::application_data, record_pieces_);
  }
  return {};
}

Result<std::span<std::uint8_t>> Connection::Engine::reserve(std::size_t size) {
  PADLOCK_TRY(check_can_send(1));
  if (size == 0 || size > limits::plaintext) {
    return broken(rules::no_reservation, "a reservation of " + std::to_string(size) + " bytes was asked for");
  }
  out_.writer.drop_reservation();
  if (!connected_) size = std::min(size, early_data_room());
  return out_.writer.reserve(std::min(size, out_.writer.most_content()));
}

Result<void> Connection::Engine::commit(std::size_t size) {
  PADLOCK_TRY(check_can_send(size));
  if (!out_.writer.reserved() || size > out_.writer.reserved_size()) {
    return broken(rules::no_reservation, std::to_string(size) + " bytes were committed, reserved are " +
                                             std::to_string(out_.writer.reserved_size()));
  }
  if (size == 0) {
    drop_reservation();
    return {};
  }
  PADLOCK_TRY(change_key_if_due());
  count_sent(size);
  out_.writer.commit(size);
  return {};
}

void Connection::Engine::close() {
  if (failed_ || we_closed_) return;
  drop_reservation();
  send_alert(AlertDescription::close_notify);
  we_closed_ = true;
  if (handshake_ == nullptr) return;
  end_handshake();  // nothing can come of it any more
  peer_closed_ = true;
}

void Connection::Engine::input_ended() {
  if (failed_ || peer_closed_) return;
  if (handshake_ != nullptr) {
    fail({&rules::closed_in_handshake, std::string(peer_name()) + " closed the connection while we waited for " +
                                           std::string(handshake_->waits_for())});
  } else {
    fail({&rules::truncated, std::string(peer_name()) + " closed the connection without close_notify"});
  }
}

// ---- keys

Result<void> Connection::Engine::update_keys(KeyUpdateRequest request) {
  PADLOCK_TRY(check_connected());
  if (is_tls12()) return broken(rules::no_key_update, "this connection speaks TLS 1.2");
  change_write_key(request);
  if (request == KeyUpdateRequest::update_requested) key_update_wanted_ = true;
  return {};
}

void Connection::Engine::change_write_key(KeyUpdateRequest request) {
  out_.send(HandshakeType::key_update, [&](Writer& body) { write_key_update(body, request); });
  TrafficSecret& secret = secrets13().write_secret;
  secret = next_traffic_secret(hash_of(connected_->cipher_suite), secret);
  out_.derived(
      out_.self() == Sender::client ? "client_application_traffic_secret_N+1" : "server_application_traffic_secret_N+1",
      secret.size());
  out_.protect_writing(connected_->cipher_suite, secret, EncryptionLevel::application);
}

/// There is no KeyUpdate before the handshake is complete (RFC 8446, section 4.6.3).
Result<void> Connection::Engine::check_early_key() const {
  const std::uint64_t limit = std::min(rekey_after_.gcm_records, limits::records_per_gcm_key);
  if (out_.writer.sequence() < limit) return {};
  return broken(rules::early_data_full, std::to_string(limit) + " records of early data were sent");
}

/// RFC 8446, section 5.5: a key protects a bounded number of records. TLS 1.2 can only end there.
Result<void> Connection::Engine::change_key_if_due() {
  if (!connected_) return check_early_key();
  const bool chacha = aead_of(connected_->cipher_suite) == crypto::AeadAlgorithm::chacha20_poly1305;
  const std::uint64_t limit = chacha ? std::min(rekey_after_.chacha_records, limits::records_per_chacha_key)
                                     : std::min(rekey_after_.gcm_records, limits::records_per_gcm_key);
  if (out_.writer.sequence() < limit) return {};
  if (is_tls12()) {
    close();
    return broken(rules::keys_used_up, std::to_string(limit) + " records were sent under one key");
  }
  change_write_key(KeyUpdateRequest::update_not_requested);
  return {};
}

Result<void> Connection::Engine::export_keying_material(std::string_view label, std::optional<Bytes> context,
                                                        std::span<std::uint8_t> out) const {
  if (!connected_) return broken(rules::not_connected, "there is no connection to export keys from");
  const crypto::HashAlgorithm hash = hash_of(connected_->cipher_suite);
  constexpr std::size_t longest_label = 255 - std::string_view("tls13 ").size();
  if (label.size() > longest_label || out.size() > 255 * crypto::length_of(hash)) {
    return broken(rules::export_too_long, "a label of " + std::to_string(label.size()) + " bytes and an output of " +
                                              std::to_string(out.size()) + " were asked for");
  }
  if (const auto* secrets = std::get_if<Secrets12>(&connected_->secrets)) {
    tls12::export_keying_material(hash, secrets->master_secret, secrets->client_random, secrets->server_random, label,
                                  context, out);
  } else {
    tls::export_keying_material(hash, std::get<Secrets13>(connected_->secrets).exporter_master_secret, label,
                                context.value_or(Bytes()), out);
  }
  return {};
}

void Connection::Engine::release_buffers() {
  out_.writer.release_buffers();
  out_.events.release();
  record_pieces_ = std::vector<Bytes>();
  joiner_.release_if_empty();
}

}  // namespace padlock::tls
