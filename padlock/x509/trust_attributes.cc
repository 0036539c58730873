#include "padlock/x509/trust_attributes.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "padlock/base/text.h"
#include "padlock/der/reader.h"
#include "padlock/x509/rules.h"

namespace padlock::x509 {
namespace {

constexpr std::string_view object_mark = "[p11-kit-object-v1]";
constexpr std::string_view no_date = "\"%00\"";  // a CK_BBOOL that is false stands for no date

/// A UTCTime in quotes, "210301000000Z".
Result<WallTime> parse_date(std::string_view value) {
  const bool quoted = value.size() == 15 && value.starts_with('"') && value.ends_with('"');
  std::vector<std::uint8_t> der{0x17, 13};
  if (quoted) std::ranges::copy(as_bytes(value.substr(1, 13)), std::back_inserter(der));
  auto time = der::Reader(der, "date").time("nss-server-distrust-after");
  if (time) return *time;
  return broken(rules::refused_trust_file_entry,
                "its nss-server-distrust-after is no date: " + escaped(value.substr(0, 32)));
}

Result<void> take(TrustAttributes& attributes, std::string_view name, std::string_view value) {
  if (name == "trusted") attributes.trusted = value == "true";
  if (name == "x-distrusted") attributes.distrusted = value == "true";
  if (name == "nss-server-distrust-after" && value != no_date)
    attributes.server_distrust_after = PADLOCK_TRY(parse_date(value));
  return {};
}

}  // namespace

Result<std::optional<TrustAttributes>> parse_trust_attributes(std::string_view explanatory_text) {
  const std::size_t object = explanatory_text.rfind(object_mark);
  if (object == std::string_view::npos) return std::nullopt;
  std::string_view rest = explanatory_text.substr(object + object_mark.size());
  TrustAttributes attributes;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    PADLOCK_TRY(take(attributes, line.substr(0, colon), line.substr(colon + 2)));
  }
  return attributes;
}

}  // namespace padlock::x509
