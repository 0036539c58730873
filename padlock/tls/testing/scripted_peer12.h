#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "padlock/tls/record/message_joiner.h"
#include "padlock/tls/record/protection.h"
#include "padlock/tls/schedule/key_schedule12.h"
#include "padlock/tls/session/client_session.h"
#include "padlock/tls/testing/scripted_peer.h"

namespace padlock::tls::testing {

/// What ScriptedPeer is, for TLS 1.2. It speaks one suite, and one group of its kind.
class ScriptedPeer12 {
 public:
  ScriptedPeer12(const ScriptedPeer12&) = delete;
  ScriptedPeer12& operator=(const ScriptedPeer12&) = delete;
  virtual ~ScriptedPeer12() = default;

  /// AES-GCM, whose sealed records begin with a part of the nonce.
  static constexpr auto usual_suite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;

  /// A message that is said, or is going to be, joins the transcript.
  void remember(const Message& message);
  /// A message in a record of its own, sealed from our change_cipher_spec on; it joins the transcript.
  void send(const Message& message) { send_cut(message, message.size()); }
  /// In two records, the first of `first` bytes.
  void send_cut(const Message& message, std::size_t first);
  void send_change_cipher_spec();
  /// Without keys a sealed record is one of zeros.
  void send_record(ContentType type, Bytes content, bool sealed);
  void send_bytes(Bytes bytes) { end_.deliver(bytes); }

  /// Reads what the connection has sent; handshake messages join the transcript.
  void read();
  /// As they stood on the wire, opened with the key that their sender must have used.
  struct HeardAlert {
    std::uint8_t level;
    std::uint8_t description;
  };
  const std::vector<HeardAlert>& alerts() const { return alerts_; }
  /// Handshake messages, in the order in which they came.
  const std::vector<Message>& messages() const { return messages_; }
  /// What it heard and could not read: a record under another key than the sender must have, or nonsense.
  bool understood_all() const { return understood_all_; }

  /// Both ends have said their half.
  bool has_keys() const { return master_secret_.has_value(); }
  /// What the hello says of extended_master_secret, and how the keys are made.
  bool binds_keys = true;
  /// What the hello says of encrypt_then_mac.
  bool encrypts_then_macs = false;
  /// Over the transcript so far; of zeros without keys.
  Message finished() const;
  const std::optional<Failed>& failed() const { return end_.failed; }

 protected:
  ScriptedPeer12(Sender self, End& end, CipherSuite suite);
  NamedGroup group() const;
  KeyExchange key_exchange() const { return key_exchange_of(suite_); }
  virtual void said(const Message& /*message*/) {}
  virtual void heard(const HandshakeMessage& message) = 0;
  /// The transcript is at ClientKeyExchange. Only the first call does it.
  void derive_keys(const Result<crypto::SharedSecret>& pre_master_secret);
  Result<crypto::SharedSecret> agree(Bytes peers_share) const;
  /// The same from the master secret of a session that goes on, once both hellos are said.
  void resume_keys(Bytes master_secret);
  /// A signature over all messages so far.
  Message certificate_verify() const;

  End& end_;
  CipherSuite suite_;
  std::shared_ptr<const crypto::EphemeralKey> key_;  // null: static RSA
  Random client_random_{};
  Random server_random_{};

 private:
  crypto::Digest transcript_hash() const;
  void expand_keys();
  void hear_record(ContentType type, Bytes header, std::span<std::uint8_t> fragment);
  void hear_messages(Bytes content);

  Sender self_;
  std::vector<std::uint8_t> transcript_;  // messages of both ends
  MessageJoiner joiner_;
  std::optional<tls12::MasterSecret> master_secret_;
  std::optional<RecordProtection> writing_;
  std::optional<RecordProtection> reading_;
  bool seals_ = false;       // our change_cipher_spec is said
  bool peer_seals_ = false;  // theirs has come
  bool understood_all_ = true;
  std::vector<HeardAlert> alerts_;
  std::vector<Message> messages_;
};

/// Speaks to a client, which has sent its hello.
class ScriptedServer12 : public ScriptedPeer12 {
 public:
  explicit ScriptedServer12(End& client, CipherSuite suite = usual_suite);

  /// What a good server would say next.
  Message server_hello(bool status) const;
  /// Goes on from the session that the client offers. `renews`: a ticket follows.
  Message resuming_hello(bool renews) const;
  static Message new_session_ticket();
  Message hello_retry_request() const;
  Message certificate() const;
  static Message certificate_status();
  Message server_key_exchange() const;
  static Message certificate_request();
  static Message server_hello_done();

 private:
  void heard(const HandshakeMessage& message) override;

  std::shared_ptr<const Credential> credential_;
  List<std::uint8_t> session_id_;
};

/// Speaks to a server.
class ScriptedClient12 : public ScriptedPeer12 {
 public:
  explicit ScriptedClient12(End& server, CipherSuite suite = usual_suite);

  Message client_hello() const;
  /// Offers the session, by its ticket or its ID.
  Message resuming_hello(const ClientSession& session);
  static Message certificate(std::span<const std::vector<std::uint8_t>> chain);
  Message client_key_exchange() const;
  /// What carries anything else.
  Message client_key_exchange(Bytes exchange_keys) const;

 private:
  void said(const Message& message) override;
  void heard(const HandshakeMessage& message) override;

  ClientHello hello() const;

  std::vector<std::uint8_t> servers_share_;
  crypto::SharedSecret pre_master_secret_;  // of static RSA
  /// Of the session that was offered, and what its echo would be.
  std::vector<std::uint8_t> offered_master_secret_;
  List<std::uint8_t> offered_id_;
};

}  // namespace padlock::tls::testing
