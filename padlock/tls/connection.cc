#include "padlock/tls/connection.h"

#include <array>
#include <utility>

#include "padlock/tls/engine.h"
#include "padlock/tls/handshake/client.h"
#include "padlock/tls/handshake/server.h"

namespace padlock::tls {

Connection Connection::client(std::shared_ptr<const ClientConfig> config, std::string server_name,
                              crypto::Provider& provider, Observer* observer, KeyLog* key_log, Resumption resumption) {
  const Engine::RecordSettings records{config->rekey_after, config->padding};
  auto handshake = std::make_unique<ClientHandshake>(std::move(config), std::move(server_name), std::move(resumption));
  return Connection(
      std::make_unique<Engine>(Sender::client, std::move(handshake), records, provider, observer, key_log));
}

Connection Connection::server(std::shared_ptr<const ServerConfig> config, crypto::Provider& provider,
                              Observer* observer, KeyLog* key_log) {
  const Engine::RecordSettings records{config->rekey_after, config->padding};
  auto handshake = std::make_unique<ServerHandshake>(std::move(config));
  return Connection(
      std::make_unique<Engine>(Sender::server, std::move(handshake), records, provider, observer, key_log));
}

Connection::Connection(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Result<std::size_t> Connection::feed(std::span<std::uint8_t> input, Instant now) { return engine_->feed(input, now); }
std::optional<Event> Connection::next_event() { return engine_->next_event(); }
Bytes Connection::output() const { return engine_->output(); }
void Connection::output_sent(std::size_t count) { engine_->output_sent(count); }
Waiting Connection::waiting_for() const { return engine_->waiting_for(); }

Result<void> Connection::answer(QuestionId id, std::shared_ptr<const Credential> credential) {
  return engine_->answer(id, std::move(credential));
}
Result<void> Connection::answer(QuestionId id, Result<crypto::Answer> answer) {
  if (!answer) {
    PADLOCK_TRY(engine_->decline(id, answer.error()));
    return std::unexpected(std::move(answer).error());
  }
  return engine_->answer(id, any_answer(*std::move(answer)));
}
Result<void> Connection::answer(QuestionId id, PeerVerified proof) { return engine_->answer(id, proof); }
Result<void> Connection::answer(QuestionId id, EarlyDataAnswer answer) { return engine_->answer(id, answer); }
Result<void> Connection::decline(QuestionId id, Error error) { return engine_->decline(id, std::move(error)); }

std::size_t Connection::early_data_room() const { return engine_->early_data_room(); }
Result<void> Connection::send(std::span<const Bytes> pieces) { return engine_->send(pieces); }
Result<std::span<std::uint8_t>> Connection::reserve(std::size_t size) { return engine_->reserve(size); }
Result<void> Connection::commit(std::size_t size) { return engine_->commit(size); }
void Connection::drop_reservation() { engine_->drop_reservation(); }
void Connection::close() { engine_->close(); }
void Connection::input_ended() { engine_->input_ended(); }
void Connection::fail(Error error) { engine_->fail(std::move(error)); }
Result<void> Connection::update_keys(bool request_from_peer) {
  return engine_->update_keys(request_from_peer ? KeyUpdateRequest::update_requested
                                                : KeyUpdateRequest::update_not_requested);
}
void Connection::release_buffers() { engine_->release_buffers(); }

Result<void> Connection::export_keying_material(std::string_view label, std::optional<Bytes> context,
                                                std::span<std::uint8_t> out) const {
  return engine_->export_keying_material(label, context, out);
}
const ConnectionInfo& Connection::info() const { return engine_->info(); }

Result<void> answer_at_once(Connection& connection, const CryptoWanted& wanted, crypto::Provider& provider) {
  return connection.answer(wanted.id, provider.answer_one(wanted.question));
}

}  // namespace padlock::tls
