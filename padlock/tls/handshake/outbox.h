#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/tls/events.h"
#include "padlock/tls/handshake/carrier.h"
#include "padlock/tls/handshake/choose.h"
#include "padlock/tls/handshake/event_queue.h"
#include "padlock/tls/handshake/questions.h"
#include "padlock/tls/observer.h"
#include "padlock/tls/record/record_reader.h"
#include "padlock/tls/record/record_writer.h"
#include "padlock/tls/schedule/key_schedule.h"
#include "padlock/tls/wire/client_hello.h"
#include "padlock/tls/wire/handshake_message.h"

namespace padlock::tls {

/// Everything that a step of the handshake can do to the world: say messages, change keys, ask questions, tell the
/// caller and the listeners. The states themselves only calculate.
class Outbox {
 public:
  Outbox(Sender self, crypto::Provider& crypto_provider, Observer* observer, KeyLog* key_log)
      : provider(crypto_provider),
        reader(self == Sender::client),
        writer(self, observer),
        self_(self),
        observer_(observer),
        key_log_(key_log) {}

  crypto::Provider& provider;
  /// Where the handshake keeps what comes in messages and goes out in them; gone with the handshake.
  Arena arena = std::pmr::get_default_resource();
  RecordReader reader;
  RecordWriter writer;
  EventQueue events;
  Questions questions;
  ConnectionInfo info;
  /// Of the latest call that knew the time.
  Instant now{};
  /// Server: the configuration of the name in the hello that was just read, if it has one; holds from then on.
  std::shared_ptr<const ServerConfig> site_config{};

  /// Adds a message, whose body `write_body(Writer&)` writes, to the flight: it goes out with the next `flush`, in as
  /// few records as the flight fills. Gives the message, which is good until the next call.
  template <class WriteBody>
  Bytes send(HandshakeType type, WriteBody&& write_body) {
    constexpr std::size_t usual = 256;
    if (flight().capacity() == 0) flight().reserve(usual);
    const Bytes message = append_message(flight(), type, write_body);
    tell_sent(message);
    return message;
  }
  /// Adds whole messages that were composed before, in the arena if they are not to be copied.
  void send(List<std::uint8_t> messages);
  void send(Bytes messages) { send(List<std::uint8_t>(messages.begin(), messages.end(), arena)); }
  /// Puts the flight into records.
  void flush();
  /// The handshake's arena is about to go, and with it its questions, and what it said and did not flush.
  void forget_handshake() {
    flight_.reset();
    arena = std::pmr::get_default_resource();
    questions.forget_all();
  }
  /// A dummy change_cipher_spec behind what was sent (RFC 8446, appendix D.4); only the first call does it.
  void send_change_cipher_spec();
  /// From now on an alert gets one in front of it, as the flight would have that it takes the place of.
  void owe_change_cipher_spec() { change_cipher_spec_owed_ = true; }
  void pay_change_cipher_spec() {
    if (change_cipher_spec_owed_) send_change_cipher_spec();
  }

  /// TLS 1.2's, in front of the first record under new keys.
  void send_change_cipher_spec_and_protect(CipherSuite suite, TrafficKeys keys);
  void protect_reading(CipherSuite suite, TrafficKeys keys);

  void protect_writing(CipherSuite suite, const TrafficSecret& secret, EncryptionLevel level);
  void protect_reading(CipherSuite suite, const TrafficSecret& secret, EncryptionLevel level);
  EncryptionLevel reading_level() const { return reading_level_; }
  EncryptionLevel writing_level() const { return carrier_ == nullptr ? writer.level() : carrier_level_; }
  /// What follows is unprotected again: early data was in vain.
  void unprotect_writing();

  /// Messages and secrets go there, and reader and writer are not used.
  void use_carrier(Carrier& carrier) { carrier_ = &carrier; }
  /// Null: there are records.
  Carrier* carrier() const { return carrier_; }
  /// What the client sends is early data, of which `most` bytes are taken.
  void read_early_data(CipherSuite suite, const TrafficSecret& secret, std::size_t most);
  /// Counts content of early data that has come; fails with `rules::too_much_early_data`.
  Result<void> count_early_data(std::size_t size);
  /// Our caller may send so many bytes before the handshake is complete: early data, or a server's answer to it.
  void allow_data(std::size_t most) { data_allowed_ = most; }
  std::size_t data_allowed() const { return data_allowed_; }

  void ask(crypto::Question question);
  void ask_certificate(std::optional<std::string> server_name, std::span<const SignatureScheme> schemes,
                       std::vector<std::vector<std::uint8_t>> authorities = {});
  /// `wanted.id` is set here.
  void ask_chain_verification(ChainVerificationWanted wanted);
  void ask_early_data(Bytes ticket, std::chrono::milliseconds age);

  /// 32 bytes for a hello; fails if the random source does, and then nothing goes out.
  Result<Random> random();

  // For the listeners. Without one each costs a branch.
  void received(const HandshakeMessage& message) const;
  void received(const Record& record) const {
    if (traced && observer_ != nullptr) tell_received(record);
  }
  void alert(Sender sender, EncryptionLevel level, AlertDescription description) const;
  void derived(std::string_view label, std::size_t length) const;
  void chose(std::string_view what, std::string_view value, std::string_view reason) const;
  void log_key(std::string_view label, const Random& client_random, Bytes secret) const;

  Sender self() const { return self_; }
  Sender peer() const { return self_ == Sender::client ? Sender::server : Sender::client; }

 private:
  List<std::uint8_t>& flight() { return flight_ ? *flight_ : flight_.emplace(arena); }
  void tell_sent(Bytes messages) const;
  void tell_received(const Record& record) const;

  std::optional<List<std::uint8_t>> flight_;  // in the arena
  EncryptionLevel reading_level_ = EncryptionLevel::plaintext;
  std::size_t early_data_left_ = 0;  // that the client may still send
  std::size_t data_allowed_ = 0;     // of ours, before the handshake is complete
  Carrier* carrier_ = nullptr;
  EncryptionLevel carrier_level_ = EncryptionLevel::plaintext;
  bool change_cipher_spec_sent_ = false;
  bool change_cipher_spec_owed_ = false;
  Sender self_;
  Observer* observer_;
  KeyLog* key_log_;
};

}  // namespace padlock::tls
