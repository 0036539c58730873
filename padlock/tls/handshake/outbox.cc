#include "padlock/tls/handshake/outbox.h"

#include <array>
#include <string>

#include "padlock/tls/rules.h"

namespace padlock::tls {

void Outbox::send(List<std::uint8_t> messages) {
  tell_sent(messages);
  if (flight().empty()) {
    flight() = std::move(messages);
  } else {
    flight().insert(flight().end(), messages.begin(), messages.end());
  }
}

void Outbox::tell_sent(Bytes messages) const {
  if (!traced || observer_ == nullptr) return;
  while (!messages.empty()) {
    const std::size_t body = static_cast<std::size_t>(messages[1]) << 16 | static_cast<std::size_t>(messages[2]) << 8 |
                             static_cast<std::size_t>(messages[3]);
    observer_->handshake_message(self_, writing_level(), messages.first(handshake_header_length + body));
    messages = messages.subspan(handshake_header_length + body);
  }
}

void Outbox::flush() {
  if (!flight_ || flight_->empty()) return;
  if (carrier_ == nullptr) {
    writer.write_all(ContentType::handshake, *flight_);
  } else {
    carrier_->send(carrier_level_, *flight_);
  }
  flight_->clear();
}

void Outbox::unprotect_writing() {
  writer.unprotect();
  carrier_level_ = EncryptionLevel::plaintext;
}

void Outbox::send_change_cipher_spec() {
  if (change_cipher_spec_sent_) return;
  change_cipher_spec_sent_ = true;
  flush();
  writer.write_unprotected(ContentType::change_cipher_spec, std::array<std::uint8_t, 1>{1});
}

void Outbox::send_change_cipher_spec_and_protect(CipherSuite suite, TrafficKeys keys) {
  flush();
  writer.write_unprotected(ContentType::change_cipher_spec, std::array<std::uint8_t, 1>{1});
  writer.protect(RecordProtection(suite, std::move(keys), provider), EncryptionLevel::application);
}

void Outbox::protect_reading(CipherSuite suite, TrafficKeys keys) {
  reader.protect(RecordProtection(suite, std::move(keys), provider));
  reading_level_ = EncryptionLevel::application;
}

void Outbox::protect_writing(CipherSuite suite, const TrafficSecret& secret, EncryptionLevel level) {
  flush();  // what was said so far belongs under the old key
  if (carrier_ != nullptr) {
    carrier_level_ = level;
    carrier_->use_secret(Carrier::Direction::writing, level, suite, secret);
    return;
  }
  writer.protect(suite, secret, provider, level);
}

void Outbox::protect_reading(CipherSuite suite, const TrafficSecret& secret, EncryptionLevel level) {
  reading_level_ = level;
  if (carrier_ != nullptr) {
    carrier_->use_secret(Carrier::Direction::reading, level, suite, secret);
    return;
  }
  reader.protect(suite, secret, provider);
}

void Outbox::read_early_data(CipherSuite suite, const TrafficSecret& secret, std::size_t most) {
  reader.stop_skipping_early_data();
  protect_reading(suite, secret, EncryptionLevel::early_data);
  early_data_left_ = most;
}

Result<void> Outbox::count_early_data(std::size_t size) {
  if (size > early_data_left_) {
    return broken(rules::too_much_early_data, "the client sent more early data than its ticket allows");
  }
  early_data_left_ -= size;
  return {};
}

void Outbox::ask(crypto::Question question) {
  constexpr std::array kinds = {AnswerKind::key_share, AnswerKind::shared_secret, AnswerKind::signature,
                                AnswerKind::signature_check,
                                AnswerKind::rsa_decrypt};  // in the order of crypto::Question's alternatives
  const QuestionId id = questions.open(kinds.at(question.index()));
  events.push(CryptoWanted{id, std::move(question)});
}

void Outbox::ask_certificate(std::optional<std::string> server_name, std::span<const SignatureScheme> schemes,
                             std::vector<std::vector<std::uint8_t>> authorities) {
  const QuestionId id = questions.open(AnswerKind::credential);
  events.push(CertificateWanted{id, std::move(server_name), crypto::KnownSchemes(schemes), std::move(authorities)});
}

void Outbox::ask_chain_verification(ChainVerificationWanted wanted) {
  wanted.id = questions.open(AnswerKind::verified);
  events.push(std::move(wanted));
}

void Outbox::ask_early_data(Bytes ticket, std::chrono::milliseconds age) {
  const QuestionId id = questions.open(AnswerKind::early_data);
  events.push(EarlyDataWanted{id, {ticket.begin(), ticket.end()}, age});
}

Result<Random> Outbox::random() {
  Random random;
  PADLOCK_TRY(provider.random(random));
  return random;
}

void Outbox::received(const HandshakeMessage& message) const {
  if (traced && observer_ != nullptr) observer_->handshake_message(peer(), reading_level_, message.bytes);
}

void Outbox::tell_received(const Record& record) const {
  const EncryptionLevel level = record.was_protected ? reading_level_ : EncryptionLevel::plaintext;
  observer_->record(peer(), level, record.outer, record.type, record.wire_length, record.content.size());
}

void Outbox::alert(Sender sender, EncryptionLevel level, AlertDescription description) const {
  if (traced && observer_ != nullptr) observer_->alert(sender, level, description);
}

void Outbox::derived(std::string_view label, std::size_t length) const {
  if (traced && observer_ != nullptr) observer_->key_derived(label, length);
}

void Outbox::chose(std::string_view what, std::string_view value, std::string_view reason) const {
  if (traced && observer_ != nullptr) observer_->chosen(what, value, reason);
}

void Outbox::log_key(std::string_view label, const Random& client_random, Bytes secret) const {
  if (!traced || key_log_ == nullptr) return;
  key_log_->line(std::string(label) + " " + to_hex(client_random) + " " + to_hex(secret));
}

}  // namespace padlock::tls
