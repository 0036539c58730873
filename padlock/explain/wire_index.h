#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <span>
#include <vector>

#include "padlock/explain/ladder.h"
#include "padlock/explain/trace.h"
#include "padlock/explain/wire_map.h"

namespace padlock::explain {

/// How a step's bytes sit in records.
struct Placement {
  std::size_t records = 0;       ///< that hold a part of it; 0: none did
  std::size_t record_bytes = 0;  ///< of the first of them
  bool shared = false;           ///< that record holds something else too
};

/// Which bytes of one connection belong to what: hands each step its share, in the order of the trace, so that all
/// steps together have every byte once.
class WireIndex {
 public:
  /// `events`: those of this connection alone. `explicit_nonce_length`: of its sealed records.
  WireIndex(std::span<const trace::Event> events, const trace::Connection& connection,
            std::size_t explicit_nonce_length = 0);

  /// Whether the connection has records at all.
  bool tls() const { return tls_; }
  std::size_t records(tls::Sender sender) const { return side(sender).records; }

  // Each fills in `wire`, `wire_bytes` and `protection` of the step.
  /// The next handshake message of that length.
  Placement give_message(Step& step, tls::Sender sender, tls::EncryptionLevel level, std::size_t length);
  /// These bytes of application data, or of the connection itself if it has no records.
  Placement give_data(Step& step, tls::Sender sender, std::size_t begin, std::size_t length);
  /// All application data from there on.
  Placement give_rest_of_data(Step& step, tls::Sender sender, std::size_t begin);
  /// The next alert.
  void give_alert(Step& step, tls::Sender sender);
  /// The next change_cipher_spec.
  void give_change_cipher_spec(Step& step, tls::Sender sender);
  /// What nobody took. False: there is nothing.
  bool give_leftovers(Step& step, tls::Sender sender);

 private:
  /// A stream of handshake messages within the records of one side.
  struct Lane {
    WireMap map;
    std::size_t taken = 0;
  };
  struct Whole {
    WireRange range;
    tls::EncryptionLevel level;
  };
  /// Records of a kind that are steps as they are.
  struct Queue {
    std::vector<Whole> records;
    std::size_t taken = 0;
  };
  struct Side {
    const trace::Stream* stream = nullptr;
    std::map<tls::EncryptionLevel, Lane> handshake;
    WireMap data;
    Queue alerts;
    Queue change_cipher_specs;
    std::vector<WireRange> given;
    std::size_t position = 0;  // on the wire, behind the last record
    std::size_t records = 0;
    tls::EncryptionLevel level = tls::EncryptionLevel::plaintext;  // of the last record
  };

  void add(const trace::Record& record);
  static void give(Step& step, Side& side, std::span<const WireRange> ranges, tls::EncryptionLevel level);
  static Placement give(Step& step, Side& side, const WireMap& map, WireRange plaintext, tls::EncryptionLevel level);
  static void give(Step& step, Side& side, Queue& queue);
  Side& side(tls::Sender sender) { return sides_.at(sender == tls::Sender::client ? 0 : 1); }
  const Side& side(tls::Sender sender) const { return sides_.at(sender == tls::Sender::client ? 0 : 1); }
  tls::EncryptionLevel data_level() const;

  std::size_t explicit_nonce_length_;
  std::array<Side, 2> sides_;
  bool tls_ = false;
};

}  // namespace padlock::explain
