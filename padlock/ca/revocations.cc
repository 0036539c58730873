#include "padlock/ca/revocations.h"

#include <algorithm>
#include <array>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/ca/json_lines.h"
#include "padlock/ca/limits.h"
#include "padlock/ca/rules.h"
#include "padlock/net/atomic_file.h"

namespace padlock::ca {
namespace {

using x509::CRLReason;

constexpr std::array reasons{CRLReason::unspecified, CRLReason::keyCompromise,        CRLReason::affiliationChanged,
                             CRLReason::superseded,  CRLReason::cessationOfOperation, CRLReason::privilegeWithdrawn};
/// A line is shorter: two numbers of 20 octets and two times.
constexpr std::size_t longest_line = 300;

}  // namespace

std::optional<CRLReason> find_reason(std::string_view name) {
  const auto* found = std::ranges::find_if(
      reasons, [&](CRLReason reason) { return equal_ignoring_ascii_case(x509::name_of(reason), name); });
  return found == reasons.end() ? std::nullopt : std::optional(*found);
}

std::string reasons_for_people() {
  std::string list;
  for (const CRLReason reason : reasons) list.append(list.empty() ? "" : ", ").append(x509::name_of(reason));
  return list;
}

const Revocation* Revocations::find(std::string_view serial, std::string_view issuer) const {
  const auto found = std::ranges::find_if(
      entries, [&](const Revocation& one) { return one.serial == serial && one.issuer == issuer; });
  return found == entries.end() ? nullptr : &*found;
}

std::string revocation_line(const Revocation& one) {
  const Json line{{"serial", one.serial},
                  {"issuer", one.issuer},
                  {"reason", x509::name_of(one.reason)},
                  {"at", one.at.time_since_epoch().count()},
                  {"not_after", one.not_after.time_since_epoch().count()}};
  return line.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
}

std::optional<Revocation> parse_revocation_line(std::string_view text) {
  const Json line = Json::parse(text, nullptr, false);
  const bool whole = line.is_object() && has_text(line, "serial") && has_text(line, "issuer") &&
                     has_text(line, "reason") && has_time(line, "at") && has_time(line, "not_after");
  if (!whole) return std::nullopt;
  const auto reason = find_reason(line["reason"].get<std::string>());
  if (!reason) return std::nullopt;
  return Revocation{.serial = line["serial"].get<std::string>(),
                    .issuer = line["issuer"].get<std::string>(),
                    .reason = *reason,
                    .at = time_of(line["at"]),
                    .not_after = time_of(line["not_after"])};
}

Result<Revocations> read_revocations(const std::filesystem::path& file) {
  return read_lines<Revocations>(file, max_revocations * longest_line, parse_revocation_line);
}

Result<void> append_revocation(const std::filesystem::path& file, const Revocation& revocation, WallTime now) {
  Revocations known = PADLOCK_TRY(read_revocations(file));
  if (known.entries.size() >= max_revocations) {
    std::erase_if(known.entries, [&](const Revocation& one) { return one.not_after + expired_entry_life < now; });
    if (known.entries.size() >= max_revocations) {
      return broken(rules::too_many_revocations, "there are " + std::to_string(known.entries.size()) +
                                                     " revoked certificates that have not expired");
    }
    std::string text;
    for (const Revocation& one : known.entries) text += revocation_line(one);
    PADLOCK_TRY(net::write_file_atomically(file, as_bytes(text), net::private_file_mode));
  }
  return net::append_line_durably(file, revocation_line(revocation));
}

}  // namespace padlock::ca
