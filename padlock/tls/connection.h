#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/tls/config.h"
#include "padlock/tls/events.h"
#include "padlock/tls/observer.h"
#include "padlock/tls/types.h"

namespace padlock::tls {

/// A session that a client would like to go on from, and the time of its hello.
struct Resumption {
  std::shared_ptr<const ClientSession> session;
  Instant now;
};

/// A TLS connection, client or server (RFC 8446, 5246), without I/O: bytes and answers go in, events and bytes come
/// out.
///
/// Laws (property-tested): each `feed` takes bytes, yields an event, or `waiting_for()` says why not; and cutting the
/// input at any other places yields the same events. The object is movable and not thread-safe.
class Connection {
 public:
  /// A client that wants to reach `server_name` (host name for SNI, or IP literal, which is not sent). The provider
  /// must outlive the connection. The first flight is ready once the first question (the key share) is answered.
  /// `resumption`: of an earlier connection to this name; passed over if its time is over or the configuration does not
  /// allow what it needs, and the server may always choose a full handshake.
  static Connection client(std::shared_ptr<const ClientConfig> config, std::string server_name,
                           crypto::Provider& provider, Observer* observer = nullptr, KeyLog* key_log = nullptr,
                           Resumption resumption = {});
  static Connection server(std::shared_ptr<const ServerConfig> config, crypto::Provider& provider,
                           Observer* observer = nullptr, KeyLog* key_log = nullptr);
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  /// Takes whole records from the front of `input` and decrypts them in place; gives the number of bytes taken. It
  /// stops after a record that yields ApplicationData, so that the views stay valid; the caller keeps the tail and
  /// offers it again, with more bytes. An error is also yielded as `Failed`; later calls take nothing.
  Result<std::size_t> feed(std::span<std::uint8_t> input, Instant now);
  std::optional<Event> next_event();
  /// What the peer should get.
  Bytes output() const;
  void output_sent(std::size_t count);
  Waiting waiting_for() const;

  // Answers, at once or later, in any order.
  Result<void> answer(QuestionId id, std::shared_ptr<const Credential> credential);
  Result<void> answer(QuestionId id, Result<crypto::Answer> answer);
  Result<void> answer(QuestionId id, PeerVerified proof);
  Result<void> answer(QuestionId id, EarlyDataAnswer answer);
  /// The answer is no: the handshake fails with this error and its rule's alert.
  Result<void> decline(QuestionId id, Error error);

  /// Bytes that may be sent before HandshakeComplete: a client's early data, while the server has not answered; a
  /// server's answer to early data that it has taken. 0: none now.
  std::size_t early_data_room() const;

  // Sending. Fails after close, and before HandshakeComplete where `early_data_room` has no place for it.
  /// A gather write: the pieces, one after the other, sealed into as few records as they fill.
  Result<void> send(std::span<const Bytes> pieces);
  Result<void> send(Bytes piece) { return send(std::span(&piece, 1)); }
  /// Lends room for up to `size` bytes of plaintext (at most one record's 16,384, less if the peer takes less: see the
  /// span) where they will be sealed in place.
  /// One reservation at a time; what the engine says meanwhile goes before it. Valid until commit, drop or send.
  Result<std::span<std::uint8_t>> reserve(std::size_t size);
  /// Seals the first `size` bytes of the reservation as one record.
  Result<void> commit(std::size_t size);
  void drop_reservation();
  /// Says close_notify (RFC 8446, section 6.1); receiving goes on until the peer's.
  void close();
  /// The transport has ended. Without a close_notify before, the next event is Failed with rules::truncated.
  void input_ended();
  /// Kills the connection from our side with this error's alert: deadlines, shutdown, refused host.
  void fail(Error error);
  /// KeyUpdate (RFC 8446, section 4.6.3).
  Result<void> update_keys(bool request_from_peer);

  /// Gives back the memory of buffers that hold nothing, for a connection that is idle now: the next record costs an
  /// allocation again. Without it the buffers stay, and sending or receiving costs none.
  void release_buffers();

  /// Exported keying material (RFC 8446, section 7.5) of out.size() bytes; fails before HandshakeComplete. No context
  /// and an empty one are the same in TLS 1.3, but not in TLS 1.2 (RFC 5705, section 4).
  Result<void> export_keying_material(std::string_view label, std::optional<Bytes> context,
                                      std::span<std::uint8_t> out) const;
  const ConnectionInfo& info() const;

 private:
  class Engine;
  explicit Connection(std::unique_ptr<Engine> engine);
  std::unique_ptr<Engine> engine_;
};

/// Answers one of the connection's questions with the provider, here and now: for whoever does not collect them.
Result<void> answer_at_once(Connection& connection, const CryptoWanted& wanted, crypto::Provider& provider);

}  // namespace padlock::tls
