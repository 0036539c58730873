#include "padlock/tls/wire/key_share.h"

#include <algorithm>

#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/wire/code_points.h"

namespace padlock::tls {

Result<KeyShareEntry> parse_key_share_entry(Reader& in, Arena arena) {
  const auto group = PADLOCK_TRY(parse_code_point<NamedGroup>(in, "group"));
  Reader key_exchange = PADLOCK_TRY(in.vec16("key_exchange", 1));
  return KeyShareEntry{group, copy_of(key_exchange.rest(), arena)};
}

void write_key_share_entry(Writer& out, const KeyShareEntry& entry) {
  out.u16(static_cast<std::uint16_t>(entry.group));
  out.vec16([&](Writer& body) { body.bytes(entry.key_exchange); });
}

Result<List<KeyShareEntry>> parse_key_share_client_hello(Reader& in, Arena arena) {
  constexpr std::size_t usual = 2;
  List<KeyShareEntry> shares(arena);
  shares.reserve(usual);
  Reader client_shares = PADLOCK_TRY(in.vec16("client_shares"));
  while (!client_shares.empty()) {
    if (shares.size() == limits::key_shares) {
      return broken(rules::too_many_key_shares, "more than " + std::to_string(limits::key_shares) + " key shares");
    }
    KeyShareEntry entry = PADLOCK_TRY(parse_key_share_entry(client_shares, arena));
    if (std::ranges::find(shares, entry.group, &KeyShareEntry::group) != shares.end()) {
      return broken(rules::duplicate_key_share, "two key shares for " + std::string(name_of(entry.group)));
    }
    shares.push_back(std::move(entry));
  }
  return shares;
}

void write_key_share_client_hello(Writer& out, std::span<const KeyShareEntry> client_shares) {
  out.vec16([&](Writer& body) {
    for (const KeyShareEntry& entry : client_shares) write_key_share_entry(body, entry);
  });
}

}  // namespace padlock::tls
