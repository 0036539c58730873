#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "padlock/tls/quic.h"
#include "padlock/tls/testing/sessions.h"

namespace padlock::tls::testing {

/// Bytes of the CRYPTO stream of a level.
using QuicParcel = std::pair<EncryptionLevel, std::vector<std::uint8_t>>;

/// One end of a QUIC handshake with a caller that notes what happens and answers questions: at once, or when `answer`
/// is called for one of `questions`.
class QuicEnd {
 public:
  using BytesByLevel = std::map<EncryptionLevel, std::vector<std::uint8_t>>;

  explicit QuicEnd(QuicConnection made) : connection(std::move(made)) { drain(); }

  /// Gives the connection what the peer says, in pieces of at most so many bytes.
  void take(const QuicParcel& parcel, std::size_t piece = 100'000);
  /// Takes all events.
  void drain();
  /// Answers questions[index].
  void answer(std::size_t index);
  bool complete() const;

  QuicConnection connection;
  std::shared_ptr<const Credential> credential = testing::credential();
  bool answers_at_once = true;
  bool declines = false;         ///< refuses the peer's chain
  std::vector<Event> questions;  ///< open ones

  // What happened.
  std::vector<QuicParcel> parcels;  ///< to be sent
  BytesByLevel said, heard;
  BytesByLevel reading, writing;   ///< secrets
  std::vector<std::string> order;  ///< "read handshake", "write handshake", "complete", "failed"
  std::vector<std::uint8_t> peers_parameters;
  std::vector<SessionPtr> sessions;
  std::optional<Failed> failed;

 private:
  void on_event(Event event);
};

/// Two ends that are not connected yet, with the transport parameters 1, 2, 3 and 4, 5.
struct QuicPair {
  explicit QuicPair(const ClientConfig& client_config = {}, const ServerConfig& server_config = {},
                    SessionPtr session = nullptr);
  /// Carries parcels both ways until nobody has more to say.
  void exchange(std::size_t piece = 100'000);
  QuicEnd client;
  QuicEnd server;
};

}  // namespace padlock::tls::testing
