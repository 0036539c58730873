#include "padlock/acme/timestamp.h"

#include <chrono>
#include <cstdint>

#include "padlock/base/text.h"

namespace padlock::acme {
namespace {

/// Takes texts from the front; once something does not fit, nothing fits any more.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  int number(std::size_t digits) {
    const auto value = parse_decimal(text_.substr(0, digits));
    good_ = good_ && text_.size() >= digits && value;
    text_.remove_prefix(std::min(digits, text_.size()));
    return good_ ? static_cast<int>(*value) : 0;
  }
  /// One of these characters.
  char one_of(std::string_view characters) {
    good_ = good_ && !text_.empty() && characters.find(text_.front()) != std::string_view::npos;
    if (!good_) return 0;
    const char taken = text_.front();
    text_.remove_prefix(1);
    return taken;
  }
  void fraction() {
    if (!text_.starts_with('.')) return;
    const std::size_t end = std::min(text_.find_first_not_of("0123456789", 1), text_.size());
    good_ = good_ && end > 1;
    text_.remove_prefix(end);
  }
  bool good_end() const { return good_ && text_.empty(); }

 private:
  std::string_view text_;
  bool good_ = true;
};

}  // namespace

std::optional<WallTime> parse_timestamp(std::string_view text) {
  Cursor in(text);
  const std::chrono::year year(in.number(4));
  in.one_of("-");
  const auto month = static_cast<unsigned>(in.number(2));
  in.one_of("-");
  const auto day = static_cast<unsigned>(in.number(2));
  in.one_of("Tt ");
  const std::chrono::hours hour(in.number(2));
  in.one_of(":");
  const std::chrono::minutes minute(in.number(2));
  in.one_of(":");
  const std::chrono::seconds second(in.number(2));
  in.fraction();
  const char zone = in.one_of("Zz+-");
  std::chrono::minutes offset{};
  if (zone == '+' || zone == '-') {
    offset = std::chrono::hours(in.number(2));
    in.one_of(":");
    offset += std::chrono::minutes(in.number(2));
  }
  const std::chrono::year_month_day date(year, std::chrono::month(month), std::chrono::day(day));
  // 60 is a leap second.
  if (!in.good_end() || !date.ok() || hour.count() > 23 || minute.count() > 59 || second.count() > 60) return {};
  if (offset >= std::chrono::days(1)) return {};
  return std::chrono::sys_days(date) + hour + minute + second - (zone == '-' ? -offset : offset);
}

std::string timestamp_text(WallTime time) {
  std::string text = to_string(time);  // "2026-03-01 12:00:00 UTC"
  text.replace(text.find(' '), 1, "T");
  return text.replace(text.find(' '), std::string::npos, "Z");
}

}  // namespace padlock::acme
