#include "padlock/http/message/date.h"

#include <algorithm>
#include <array>

#include "padlock/base/text.h"
#include "padlock/http/message/syntax.h"

namespace padlock::http {
namespace {

constexpr std::array<std::string_view, 7> short_days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 7> long_days{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                    "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::string two_digits(unsigned number) {
  return {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
}

/// Takes fixed pieces from the front of a date; once one does not fit, `good` stays false.
struct Scanner {
  std::string_view rest;
  bool good = true;

  void literal(std::string_view text) {
    good = good && rest.starts_with(text);
    if (good) rest.remove_prefix(text.size());
  }
  unsigned number(std::size_t width) {
    const std::string_view digits = rest.substr(0, width);
    good = good && digits.size() == width && std::ranges::all_of(digits, is_digit);
    if (!good) return 0;
    rest.remove_prefix(width);
    return static_cast<unsigned>(parse_decimal(digits).value_or(0));
  }
  template <std::size_t Size>
  unsigned one_of(const std::array<std::string_view, Size>& words) {
    const auto found = std::ranges::find_if(words, [&](std::string_view word) { return rest.starts_with(word); });
    good = good && found != words.end();
    if (good) rest.remove_prefix(found->size());
    return static_cast<unsigned>(found - words.begin());
  }
};

struct Moment {
  int year;
  unsigned month, day, hour, minute, second, weekday;
};

void scan_time(Scanner& in, Moment& moment) {
  moment.hour = in.number(2);
  in.literal(":");
  moment.minute = in.number(2);
  in.literal(":");
  moment.second = in.number(2);
}

/// Sun, 06 Nov 1994 08:49:37 GMT
Moment scan_fixdate(Scanner& in) {
  Moment moment{};
  moment.weekday = in.one_of(short_days);
  in.literal(", ");
  moment.day = in.number(2);
  in.literal(" ");
  moment.month = in.one_of(months) + 1;
  in.literal(" ");
  moment.year = static_cast<int>(in.number(4));
  in.literal(" ");
  scan_time(in, moment);
  in.literal(" GMT");
  return moment;
}

/// Sunday, 06-Nov-94 08:49:37 GMT (RFC 850)
Moment scan_rfc850(Scanner& in, WallTime now) {
  Moment moment{};
  moment.weekday = in.one_of(long_days);
  in.literal(", ");
  moment.day = in.number(2);
  in.literal("-");
  moment.month = in.one_of(months) + 1;
  in.literal("-");
  const auto short_year = static_cast<int>(in.number(2));
  in.literal(" ");
  scan_time(in, moment);
  in.literal(" GMT");
  const int this_year =
      static_cast<int>(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(now)).year());
  moment.year = this_year - this_year % 100 + short_year;
  if (moment.year > this_year + 50) moment.year -= 100;
  return moment;
}

/// Sun Nov  6 08:49:37 1994 (asctime)
Moment scan_asctime(Scanner& in) {
  Moment moment{};
  moment.weekday = in.one_of(short_days);
  in.literal(" ");
  moment.month = in.one_of(months) + 1;
  in.literal(" ");
  const bool padded = in.rest.starts_with(' ');
  if (padded) in.literal(" ");
  moment.day = in.number(padded ? 1 : 2);
  in.literal(" ");
  scan_time(in, moment);
  in.literal(" ");
  moment.year = static_cast<int>(in.number(4));
  return moment;
}

std::optional<WallTime> to_wall_time(const Scanner& in, const Moment& moment) {
  if (!in.good || !in.rest.empty() || moment.hour > 23 || moment.minute > 59 || moment.second > 60) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(moment.year), std::chrono::month(moment.month),
                                         std::chrono::day(moment.day)};
  if (!date.ok() || std::chrono::weekday(date).c_encoding() != moment.weekday) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(moment.hour) + std::chrono::minutes(moment.minute) +
         std::chrono::seconds(moment.second);
}

}  // namespace

std::string to_http_date(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  std::string text(short_days.at(std::chrono::weekday(day).c_encoding()));
  text += ", " + two_digits(static_cast<unsigned>(date.day())) + " ";
  text += months.at(static_cast<unsigned>(date.month()) - 1);
  text += " " + two_digits(year / 100 % 100) + two_digits(year % 100) + " ";
  text += two_digits(static_cast<unsigned>(clock.hours().count())) + ":";
  text += two_digits(static_cast<unsigned>(clock.minutes().count())) + ":";
  return text + two_digits(static_cast<unsigned>(clock.seconds().count())) + " GMT";
}

std::optional<WallTime> parse_http_date(std::string_view text, WallTime now) {
  Scanner fixdate{text};
  if (const auto time = to_wall_time(fixdate, scan_fixdate(fixdate))) return time;
  Scanner rfc850{text};
  if (const auto time = to_wall_time(rfc850, scan_rfc850(rfc850, now))) return time;
  Scanner asctime{text};
  return to_wall_time(asctime, scan_asctime(asctime));
}

}  // namespace padlock::http
