#include "padlock/tls/session/ticket_keys.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "padlock/base/reader.h"
#include "padlock/base/writer.h"
#include "padlock/crypto/hkdf.h"

namespace padlock::tls {

namespace {

constexpr std::size_t header_length = 4 + 4 + 16 + 8;  // period, node, start, counter
constexpr std::size_t most_keys = 64;                  // of other nodes and workers

/// One step of HKDF-Expand over an info of several pieces.
Secret<32> expand(const Secret<32>& secret, std::span<const Bytes> info) {
  std::vector<std::uint8_t> joined;
  for (const Bytes piece : info) joined.insert(joined.end(), piece.begin(), piece.end());
  const crypto::Hmac key(crypto::HashAlgorithm::sha256, secret.reveal());
  return Secret<32>::made(32, [&](std::span<std::uint8_t> out) { crypto::hkdf_expand(key, joined, out); });
}

Secret<32> expand(const Secret<32>& secret, std::string_view label) {
  const Bytes info = as_bytes(label);
  return expand(secret, std::span(&info, 1));
}

struct Header {
  std::uint32_t period;
  TicketSource source;
  std::uint64_t counter;
};

void write_header(Writer& out, const Header& header) {
  out.u32(header.period);
  out.bytes(header.source.node);
  out.bytes(header.source.start);
  out.u64(header.counter);
}

Result<Header> parse_header(Reader in) {
  Header header;
  header.period = PADLOCK_TRY(in.u32("period"));
  copy_bytes(PADLOCK_TRY(in.bytes("node", 4)), header.source.node);
  copy_bytes(PADLOCK_TRY(in.bytes("start", 16)), header.source.start);
  header.counter = PADLOCK_TRY(in.u64("counter"));
  return header;
}

/// The counter behind zeros: each key is of one source, which never counts back.
std::array<std::uint8_t, crypto::aead_nonce_length> nonce_of(std::uint64_t counter) {
  std::array<std::uint8_t, crypto::aead_nonce_length> nonce{};
  for (auto byte = nonce.rbegin(); counter != 0; ++byte, counter >>= 8) *byte = static_cast<std::uint8_t>(counter);
  return nonce;
}

}  // namespace

Secret<32> next_ticket_root(const Secret<32>& root) { return expand(root, "padlock ticket root"); }

TicketKeys::TicketKeys(crypto::Provider& provider, Secret<32> root, WallTime since, TicketSource source,
                       std::uint32_t first_period)
    : provider_(provider),
      since_(since),
      source_(source),
      period_(first_period),
      root_(next_ticket_root(root)),
      key_(expand(root, "padlock ticket key")) {}

/// A clock that stands before `since` is in the first period.
std::uint32_t TicketKeys::period_of(WallTime now) const {
  const auto periods = std::max<std::int64_t>(0, (now - since_) / period);
  return static_cast<std::uint32_t>(std::min<std::int64_t>(periods, std::numeric_limits<std::uint32_t>::max()));
}

/// Never back: what is wiped is gone.
void TicketKeys::go_on_to(WallTime now) {
  const std::uint32_t wanted = period_of(now);
  if (wanted <= period_) return;
  while (period_ < wanted) {
    last_key_ = std::move(key_);
    key_ = expand(root_, "padlock ticket key");
    root_ = next_ticket_root(root_);
    ++period_;
  }
  std::erase_if(keys_, [&](const Key& each) { return each.period + 1 < period_; });
}

std::unique_ptr<crypto::Aead> TicketKeys::make_key(const Secret<32>& period_key, const TicketSource& source) const {
  const std::array info = {as_bytes("padlock ticket source"), Bytes(source.node), Bytes(source.start)};
  return provider_.make_aead(crypto::AeadAlgorithm::aes_256_gcm, expand(period_key, info).reveal());
}

/// `number`: of this period or the last.
crypto::Aead& TicketKeys::key_of(std::uint32_t number, const TicketSource& source) {
  const auto found =
      std::ranges::find_if(keys_, [&](const Key& each) { return each.period == number && each.source == source; });
  if (found != keys_.end()) return *found->aead;
  // A made-up source costs a key that opens nothing; the oldest makes room, our own is made again when it is missed.
  if (keys_.size() == most_keys) keys_.erase(keys_.begin());
  keys_.push_back({number, source, make_key(number == period_ ? key_ : *last_key_, source)});
  return *keys_.back().aead;
}

List<std::uint8_t> TicketKeys::seal(Bytes session, WallTime now, Arena arena) {
  go_on_to(now);
  List<std::uint8_t> ticket(arena);
  ticket.reserve(header_length + session.size() + crypto::aead_tag_length);
  Writer out(ticket);
  const std::uint64_t counter = sealed_++;
  write_header(out, {period_, source_, counter});
  ticket.resize(header_length + session.size() + crypto::aead_tag_length);
  const auto whole = std::span(ticket);
  key_of(period_, source_)
      .seal(nonce_of(counter), whole.first(header_length), std::span(&session, 1), whole.subspan(header_length));
  return ticket;
}

std::optional<Bytes> TicketKeys::open(std::span<std::uint8_t> ticket, WallTime now) {
  go_on_to(now);
  if (ticket.size() < header_length + crypto::aead_tag_length) return std::nullopt;
  const Bytes front = ticket.first(header_length);
  const auto header = parse_header(Reader(front, "Ticket"));
  const bool this_period = header && header->period == period_;
  const bool last_period = header && last_key_ && header->period + std::uint64_t{1} == period_;
  if (!this_period && !last_period) return std::nullopt;
  const auto sealed = ticket.subspan(header_length);
  if (!key_of(header->period, header->source).open(nonce_of(header->counter), front, sealed)) return std::nullopt;
  return sealed.first(sealed.size() - crypto::aead_tag_length);
}

std::chrono::seconds TicketKeys::lifetime(WallTime now) const {
  const WallTime end = since_ + (std::max(period_, period_of(now)) + std::int64_t{2}) * period;
  return std::clamp<std::chrono::seconds>(end - now, period, 2 * period);
}

}  // namespace padlock::tls
