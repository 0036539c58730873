#include "padlock/tls/wire/pre_shared_key.h"

#include <string>

#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/wire/code_points.h"

namespace padlock::tls {

namespace {

constexpr std::size_t longest = 0xffff;

Result<std::size_t> parse_identities(Reader list, List<PskIdentity>& kept, Arena arena) {
  std::size_t count = 0;
  for (; !list.empty(); ++count) {
    const Bytes identity = PADLOCK_TRY(list.vec16("identity", 1)).rest();
    const std::uint32_t age = PADLOCK_TRY(list.u32("obfuscated_ticket_age"));
    if (count < limits::psk_identities) kept.push_back({copy_of(identity, arena), age});
  }
  return count;
}

Result<std::size_t> parse_binders(Reader list, List<List<std::uint8_t>>& kept, Arena arena) {
  std::size_t count = 0;
  for (; !list.empty(); ++count) {
    const Bytes binder = PADLOCK_TRY(list.vec8("binder", 32)).rest();
    if (count < limits::psk_identities) kept.push_back(copy_of(binder, arena));
  }
  return count;
}

}  // namespace

Result<OfferedPsks> parse_offered_psks(Reader& in, Arena arena) {
  OfferedPsks psks{.identities = List<PskIdentity>(arena), .binders = List<List<std::uint8_t>>(arena)};
  const Reader identities = PADLOCK_TRY(in.vec16("identities", 7, longest));
  const std::size_t identity_count = PADLOCK_TRY(parse_identities(identities, psks.identities, arena));
  psks.binders_length = in.remaining();
  const Reader binders = PADLOCK_TRY(in.vec16("binders", 33, longest));
  const std::size_t binder_count = PADLOCK_TRY(parse_binders(binders, psks.binders, arena));
  if (identity_count != binder_count) {
    return broken(rules::psk_binder_count, "pre_shared_key has " + std::to_string(identity_count) + " identities and " +
                                               std::to_string(binder_count) + " binders");
  }
  return psks;
}

void write_offered_psks(Writer& out, const OfferedPsks& psks) {
  out.vec16([&](Writer& identities) {
    for (const PskIdentity& each : psks.identities) {
      identities.vec16([&](Writer& identity) { identity.bytes(each.identity); });
      identities.u32(each.obfuscated_ticket_age);
    }
  });
  out.vec16([&](Writer& binders) {
    for (const auto& each : psks.binders) binders.vec8([&](Writer& binder) { binder.bytes(each); });
  });
}

}  // namespace padlock::tls
