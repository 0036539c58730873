#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "padlock/tls/handshake/negotiated.h"
#include "padlock/tls/record/message_joiner.h"
#include "padlock/tls/record/record_reader.h"
#include "padlock/tls/testing/end.h"
#include "padlock/tls/wire/certificate.h"
#include "padlock/tls/wire/client_hello.h"
#include "padlock/tls/wire/compressed_certificate.h"
#include "padlock/tls/wire/encrypted_extensions.h"
#include "padlock/tls/wire/server_hello.h"

namespace padlock::tls::testing {

using Message = std::vector<std::uint8_t>;

/// A peer that says what a test tells it, right or wrong, to a real connection. It keeps transcript and keys, but has
/// no states: messages are made by the functions of its two kinds, changed by the test, and sent in any order.
class ScriptedPeer {
 public:
  /// Sends the message in a record of its own, or `more` with it in the same record, and adds it to the transcript.
  void send(const Message& message) { send_together({message}); }
  void send_together(std::initializer_list<Message> messages);
  /// Sends the message in two records, the first of `first` bytes.
  void send_cut(const Message& message, std::size_t first);
  void send_record(ContentType type, Bytes content);
  /// A protected record whose inner plaintext (content, type, padding) is exactly this.
  void send_inner(Bytes inner);
  void send_bytes(Bytes bytes) { end_.deliver(bytes); }
  void send_change_cipher_spec() { send_bytes(std::array<std::uint8_t, 6>{20, 3, 3, 0, 1, 1}); }

  /// Goes on with the key after a KeyUpdate that was sent.
  void next_write_key();

  /// Reads what the connection has sent; handshake messages join the transcript.
  void read();
  std::vector<Message> messages;          ///< read so far
  std::optional<AlertDescription> alert;  ///< the last one read

  const std::optional<Failed>& failed() const { return end_.failed; }
  End& end() { return end_; }
  Negotiated& negotiated() { return *negotiated_; }
  /// The keys come from this one too; a client's, if the server selects it.
  void use_psk(Bytes psk) { psk_.assign(psk.begin(), psk.end()); }

 protected:
  ScriptedPeer(Sender self, End& end) : end_(end), self_(self), reader_(self == Sender::client) {}
  void add_to_transcript(const Message& message);
  void derive_handshake(CipherSuite suite, const Random& client_random, const crypto::SharedSecret& secret);
  void derive_application();
  void protect_writing(const TrafficSecret& secret);
  void protect_reading(const TrafficSecret& secret);

  End& end_;
  Sender self_;
  RecordReader reader_;
  MessageJoiner joiner_;
  std::optional<RecordProtection> writing_;
  std::optional<TrafficSecret> write_secret_;
  CipherSuite suite_ = CipherSuite::TLS_AES_128_GCM_SHA256;
  std::optional<Transcript> transcript_;
  std::vector<std::uint8_t> psk_;
  std::optional<Negotiated> negotiated_;
  std::optional<ApplicationSecrets> application_;
};

/// Speaks to a client.
class ScriptedServer : public ScriptedPeer {
 public:
  /// Reads the client's first hello.
  explicit ScriptedServer(End& client);

  /// What a good server would say next; tests change it.
  ServerHello server_hello();
  HelloRetryRequest hello_retry_request(NamedGroup group) const;
  EncryptedExtensions encrypted_extensions() const;
  Certificate certificate() const;
  Message certificate_verify() const;
  Message finished() const;

  void send(const ServerHello& hello);
  /// With what the transcript needs.
  void send(const HelloRetryRequest& retry);
  using ScriptedPeer::send;
  /// For a server that chooses another than the client's first.
  void use_suite(CipherSuite suite) { suite_ = suite; }
  void use_handshake_keys();
  void use_application_keys();

  /// The whole flight, for tests of what comes after it.
  void complete();

  ClientHello hello;  ///< the client's last one
  std::shared_ptr<const Credential> credential = testing::credential();

 private:
  std::shared_ptr<const crypto::EphemeralKey> key_;
};

/// Speaks to a server.
class ScriptedClient : public ScriptedPeer {
 public:
  explicit ScriptedClient(End& server) : ScriptedPeer(Sender::client, server) {}

  ClientHello client_hello(NamedGroup group = NamedGroup::x25519);
  KeyShareEntry make_share(NamedGroup group);
  /// Makes binder `place` of a first hello right.
  void put_binder(ClientHello& hello, std::size_t place, Bytes psk) const;
  void send(const ClientHello& hello);
  /// What follows is early data of the hello that was sent.
  void use_early_key();
  void use_handshake_key() { protect_writing(negotiated_->secrets.client_handshake_traffic_secret); }
  /// For a hello that is sent as a message: what its answer is read by.
  void remember(const ClientHello& hello);
  using ScriptedPeer::send;
  /// Reads the server's flight and takes its keys.
  void read_flight();
  Message finished() const;
  /// Once the server's flight is read, and before our Finished is sent.
  void derive_application_keys() { derive_application(); }
  void use_application_keys();
  void complete();

 private:
  ClientHello hello_;
  std::shared_ptr<const crypto::EphemeralKey> key_;
};

// Messages from structs.
Message to_message(const ClientHello& hello);
Message to_message(const ServerHello& hello);
Message to_message(const HelloRetryRequest& retry);
Message to_message(const EncryptedExtensions& extensions);
Message to_message(const Certificate& certificate);
Message to_message(const CompressedCertificate& certificate);
Message to_message(const CertificateRequest& request);
Message to_message(const CertificateVerify& verify);
Message key_update(std::uint8_t request_update);
Message new_session_ticket();

/// Data of pre_shared_key: one identity that nobody knows, and its binder.
Message offered_psks();

/// The message with one more extension at the end of its block; not for Certificate.
Message with_extension(const Message& message, ExtensionType type, Bytes data = {});
/// The message without the extensions of this type.
Message without_extension(const Message& message, ExtensionType type);

}  // namespace padlock::tls::testing
