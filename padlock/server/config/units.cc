#include "padlock/server/config/units.h"

#include <algorithm>
#include <array>

#include "padlock/base/text.h"

namespace padlock::server {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

struct Unit {
  std::string_view name;
  std::uint64_t size;
};

constexpr Unit unit(std::string_view name, milliseconds size) {
  return {name, static_cast<std::uint64_t>(size.count())};
}

constexpr std::array durations{
    unit("ms", 1ms),         unit("s", 1s),           unit("second", 1s),    unit("seconds", 1s), unit("m", 1min),
    unit("min", 1min),       unit("minute", 1min),    unit("minutes", 1min), unit("h", 1h),       unit("hour", 1h),
    unit("hours", 1h),       unit("d", 24h),          unit("day", 24h),      unit("days", 24h),   unit("y", 365 * 24h),
    unit("year", 365 * 24h), unit("years", 365 * 24h)};
constexpr std::uint64_t longest = std::uint64_t{100} * 365 * 24 * 3600 * 1000;

constexpr std::array sizes{Unit{"B", 1}, Unit{"KiB", std::uint64_t{1} << 10}, Unit{"MiB", std::uint64_t{1} << 20},
                           Unit{"GiB", std::uint64_t{1} << 30}};
constexpr std::uint64_t largest = std::uint64_t{1} << 60;

std::optional<std::uint64_t> parse(std::string_view text, std::span<const Unit> units, std::uint64_t most) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_decimal(text.substr(0, digits));
  text.remove_prefix(digits);
  if (text.starts_with(' ')) text.remove_prefix(1);
  const auto found = std::ranges::find(units, text, &Unit::name);
  if (!number || found == units.end() || *number > most / found->size) return std::nullopt;
  return *number * found->size;
}

}  // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
  const auto found = parse(text, durations, longest);
  if (!found) return std::nullopt;
  return milliseconds(static_cast<milliseconds::rep>(*found));
}

std::optional<std::uint64_t> parse_size(std::string_view text) { return parse(text, sizes, largest); }

}  // namespace padlock::server
