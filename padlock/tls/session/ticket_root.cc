#include "padlock/tls/session/ticket_root.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "padlock/base/reader.h"
#include "padlock/base/writer.h"
#include "padlock/tls/session/ticket_keys.h"

namespace padlock::tls {
namespace {

/// A root that is ten years behind is none.
constexpr std::uint32_t most_steps = 10 * 366 * 2;

Result<TicketRoot> parse(Reader in) {
  TicketRoot root;
  copy_bytes(PADLOCK_TRY(in.bytes("family", root.family.size())), root.family);
  root.since = WallTime(std::chrono::seconds(static_cast<std::int64_t>(PADLOCK_TRY(in.u64("since")))));
  root.period = PADLOCK_TRY(in.u32("period"));
  root.root = Secret<32>(PADLOCK_TRY(in.bytes("root", 32)));
  PADLOCK_TRY(in.finish());
  return root;
}

}  // namespace

Result<TicketRoot> make_ticket_root(crypto::Provider& provider, WallTime now) {
  TicketRoot made;
  Wiped<std::array<std::uint8_t, 32>> root;
  PADLOCK_TRY(provider.random(made.family));
  PADLOCK_TRY(provider.random(root));
  made.since = now;
  made.root = Secret<32>(root);
  return made;
}

std::uint32_t ticket_period_of(WallTime since, WallTime now) {
  const auto periods = std::max<std::int64_t>(0, (now - since) / TicketKeys::period);
  return static_cast<std::uint32_t>(std::min<std::int64_t>(periods, std::numeric_limits<std::uint32_t>::max()));
}

TicketRoot advanced_to(TicketRoot root, WallTime now) {
  const std::uint32_t reached = ticket_period_of(root.since, now);
  const std::uint32_t wanted = reached == 0 ? 0 : reached - 1;
  if (wanted > root.period && wanted - root.period > most_steps) return root;
  for (; root.period < wanted; ++root.period) root.root = next_ticket_root(root.root);
  return root;
}

SecretBytes write_ticket_root(const TicketRoot& root) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(8 + 8 + 4 + 32);  // none of the secret stays where the vector was before it grew
  Writer out(bytes);
  out.bytes(root.family);
  out.u64(static_cast<std::uint64_t>(root.since.time_since_epoch().count()));
  out.u32(root.period);
  out.bytes(root.root.reveal());
  return SecretBytes(std::move(bytes));
}

std::optional<TicketRoot> parse_ticket_root(Bytes bytes) {
  auto root = parse(Reader(bytes, "TicketRoot"));
  return root ? std::optional(*std::move(root)) : std::nullopt;
}

}  // namespace padlock::tls
