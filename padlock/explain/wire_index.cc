#include "padlock/explain/wire_index.h"

#include <algorithm>
#include <utility>

#include "padlock/explain/limits.h"

namespace padlock::explain {
namespace {

Protection protection_of(tls::EncryptionLevel level) {
  switch (level) {
    case tls::EncryptionLevel::plaintext: return Protection::none;
    case tls::EncryptionLevel::early_data: return Protection::early_key;
    case tls::EncryptionLevel::handshake: return Protection::handshake_keys;
    case tls::EncryptionLevel::application: return Protection::application_keys;
  }
  return Protection::none;
}

/// What is kept of the stream of this range, as far as a step has room for it.
void append_kept(std::vector<std::uint8_t>& wire, const trace::Stream& stream, WireRange range) {
  const Bytes kept = stream.kept;
  const std::size_t begin = std::min(range.begin, kept.size());
  const std::size_t length =
      std::min({range.end - range.begin, kept.size() - begin, limits::wire_bytes_kept - wire.size()});
  const Bytes part = kept.subspan(begin, length);
  wire.insert(wire.end(), part.begin(), part.end());
}

}  // namespace

WireIndex::WireIndex(std::span<const trace::Event> events, const trace::Connection& connection,
                     std::size_t explicit_nonce_length)
    : explicit_nonce_length_(explicit_nonce_length) {
  sides_[0].stream = &connection.client;
  sides_[1].stream = &connection.server;
  for (const trace::Event& event : events) {
    if (const auto* record = std::get_if<trace::Record>(&event.what)) add(*record);
    tls_ = tls_ || std::holds_alternative<trace::HandshakeMessage>(event.what);
  }
  if (tls_) return;
  for (Side& side : sides_) side.data.add_plain(side.stream->length);
}

void WireIndex::add(const trace::Record& record) {
  Side& from = side(record.sender);
  const WireRange range{from.position, from.position + record.wire_length};
  from.position = range.end;
  from.records += record.count;
  from.level = record.level;
  const std::size_t nonce = record.level == tls::EncryptionLevel::plaintext ? 0 : explicit_nonce_length_;
  switch (record.inner) {
    case tls::ContentType::handshake:
      from.handshake[record.level].map.add_record(range.begin, record.wire_length, record.plaintext_length, nonce);
      break;
    case tls::ContentType::application_data:
      from.data.add_record(range.begin, record.wire_length, record.plaintext_length, nonce);
      break;
    case tls::ContentType::alert: from.alerts.records.push_back({range, record.level}); break;
    case tls::ContentType::change_cipher_spec: from.change_cipher_specs.records.push_back({range, record.level}); break;
  }
}

tls::EncryptionLevel WireIndex::data_level() const {
  return tls_ ? tls::EncryptionLevel::application : tls::EncryptionLevel::plaintext;
}

Placement WireIndex::give_message(Step& step, tls::Sender sender, tls::EncryptionLevel level, std::size_t length) {
  Side& from = side(sender);
  Lane& lane = from.handshake[level];
  const std::size_t begin = std::exchange(lane.taken, lane.taken + length);
  return give(step, from, lane.map, {begin, begin + length}, level);
}

Placement WireIndex::give_data(Step& step, tls::Sender sender, std::size_t begin, std::size_t length) {
  Side& from = side(sender);
  return give(step, from, from.data, {begin, begin + length}, data_level());
}

Placement WireIndex::give_rest_of_data(Step& step, tls::Sender sender, std::size_t begin) {
  const std::size_t end = std::max(begin, side(sender).data.plaintext_length());
  return give_data(step, sender, begin, end - begin);
}

void WireIndex::give_alert(Step& step, tls::Sender sender) { give(step, side(sender), side(sender).alerts); }

void WireIndex::give_change_cipher_spec(Step& step, tls::Sender sender) {
  give(step, side(sender), side(sender).change_cipher_specs);
}

bool WireIndex::give_leftovers(Step& step, tls::Sender sender) {
  Side& from = side(sender);
  std::ranges::sort(from.given, {}, &WireRange::begin);
  std::vector<WireRange> gaps;
  std::size_t covered = 0;
  for (const WireRange& range : from.given) {
    if (range.begin > covered) gaps.push_back({covered, range.begin});
    covered = std::max(covered, range.end);
  }
  if (covered < from.stream->length) gaps.push_back({covered, from.stream->length});
  if (gaps.empty()) return false;
  give(step, from, gaps, from.level);
  return true;
}

/// Bytes beyond the stream's end never left: the connection was gone.
void WireIndex::give(Step& step, Side& side, std::span<const WireRange> ranges, tls::EncryptionLevel level) {
  step.protection = protection_of(level);
  std::size_t bytes = 0;
  for (WireRange range : ranges) {
    range = {std::min(range.begin, side.stream->length), std::min(range.end, side.stream->length)};
    bytes += range.size();
    append_kept(step.wire, *side.stream, range);
    if (range.size() > 0) side.given.push_back(range);
  }
  step.wire_bytes = bytes;
}

Placement WireIndex::give(Step& step, Side& side, const WireMap& map, WireRange plaintext, tls::EncryptionLevel level) {
  const std::vector<WireRange> ranges = map.find(plaintext.begin, plaintext.size());
  give(step, side, ranges, level);
  const std::size_t first = map.record_at(plaintext.begin).size();
  const std::size_t records = map.records_of(plaintext.begin, plaintext.size());
  return {.records = records, .record_bytes = first, .shared = records == 1 && *step.wire_bytes < first};
}

void WireIndex::give(Step& step, Side& side, Queue& queue) {
  if (queue.taken == queue.records.size()) return;  // it was never written, or the trace was full
  const Whole& record = queue.records[queue.taken++];
  give(step, side, std::span(&record.range, 1), record.level);
}

}  // namespace padlock::explain
