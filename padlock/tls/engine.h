#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "padlock/tls/connection.h"
#include "padlock/tls/handshake/handshake.h"
#include "padlock/tls/handshake/outbox.h"
#include "padlock/tls/record/message_joiner.h"
#include "padlock/tls/wire/post_handshake.h"

namespace padlock::tls {

/// What is behind Connection: records go to the handshake until it is complete, afterwards data to the caller.
class Connection::Engine {
 public:
  struct RecordSettings {
    RekeyAfter rekey_after;
    RecordPadding padding;
  };
  Engine(Sender self, std::unique_ptr<Handshake> handshake, RecordSettings records, crypto::Provider& provider,
         Observer* observer, KeyLog* key_log);

  Result<std::size_t> feed(std::span<std::uint8_t> input, Instant now);
  std::optional<Event> next_event();
  Bytes output() const { return out_.writer.output().unsent(); }
  void output_sent(std::size_t count);
  Waiting waiting_for() const;

  Result<void> answer(QuestionId id, AnyAnswer answer);
  Result<void> decline(QuestionId id, Error error);

  std::size_t early_data_room() const { return connected_ || we_closed_ ? 0 : out_.data_allowed(); }
  Result<void> send(std::span<const Bytes> pieces);
  Result<std::span<std::uint8_t>> reserve(std::size_t size);
  Result<void> commit(std::size_t size);
  void drop_reservation() { out_.writer.drop_reservation(); }
  void close();
  void input_ended();
  void fail(Error error);
  Result<void> update_keys(KeyUpdateRequest request);
  void release_buffers();

  Result<void> export_keying_material(std::string_view label, std::optional<Bytes> context,
                                      std::span<std::uint8_t> out) const;
  const ConnectionInfo& info() const { return out_.info; }

 private:
  // Receiving: engine_receive.cc.
  bool can_read() const;
  std::unexpected<Error> fail_reading(const Error& error);
  Result<void> on_record(const Record& record);
  Result<void> on_change_cipher_spec(const Record& record);
  Result<void> on_alert(Bytes content);
  bool ends_nothing(std::uint8_t level, AlertDescription description) const;
  Result<void> on_handshake(Bytes content);
  Result<void> go_on_with_held();
  Result<void> on_application_data(Bytes content);
  Result<void> on_early_data(Bytes content);
  Result<void> on_message(const HandshakeMessage& message);
  Result<void> check_dummies() const;
  Result<void> on_renegotiation(const HandshakeMessage& message);
  Result<void> on_key_update(const HandshakeMessage& message);
  Result<void> count_record_without_data();
  std::string_view peer_name() const;

  // Both directions.
  Secrets13& secrets13() { return std::get<Secrets13>(connected_->secrets); }
  bool is_tls12() const { return out_.info.version == ProtocolVersion::TLS_1_2; }
  void finish_step();
  void end_handshake();
  void fail(Error error, bool by_peer);
  void send_alert(AlertDescription description);
  void change_write_key(KeyUpdateRequest request);
  Result<void> change_key_if_due();
  Result<void> check_early_key() const;
  Result<void> check_connected() const;
  Result<void> check_can_send(std::size_t size) const;
  void count_sent(std::size_t size);

  std::unique_ptr<Handshake> handshake_;  // gone once it is complete, or has failed
  Outbox out_;                            // may hold what lies in the handshake's arena
  std::optional<Connected> connected_;
  MessageJoiner joiner_;
  std::vector<std::uint8_t> held_;    // the rest of a record of whose messages one asked a question
  std::vector<Bytes> record_pieces_;  // scratch of send, kept for its capacity
  RekeyAfter rekey_after_;

  bool failed_ = false;
  bool we_closed_ = false;
  bool peer_closed_ = false;
  bool data_waits_ = false;         // an ApplicationData event is in the queue: its bytes must stay where they are
  bool key_update_unsent_ = false;  // our answer to a KeyUpdate is still in the output
  bool key_update_wanted_ = false;  // we have asked for a KeyUpdate, and it has not come yet
  std::size_t change_cipher_specs_ = 0;
  std::size_t records_without_data_ = 0;
  std::size_t warning_alerts_ = 0;
  bool renegotiation_refused_ = false;
};

}  // namespace padlock::tls
