#include "padlock/cli/status_text.h"

#include <array>
#include <vector>

#include <nlohmann/json.hpp>

#include "padlock/base/text.h"
#include "padlock/cli/command.h"

namespace padlock::cli {
namespace {

constexpr std::size_t title_width = 15;

std::string row(std::string_view title, const std::string& text) {
  return text.empty() ? std::string() : "  " + column(title, title_width) + text + "\n";
}

std::string text_of(const Json& value) { return value.is_string() ? escaped(value.get<std::string>()) : value.dump(); }

std::string joined(const Json& list, std::string_view between) {
  std::string text;
  for (const Json& one : list) text.append(text.empty() ? "" : between).append(text_of(one));
  return text;
}

/// "TLS 1.3 990, TLS 1.2 10".
std::string counts_of(const Json& object) {
  std::string text;
  for (const auto& [name, count] : object.items())
    text.append(text.empty() ? "" : ", ").append(escaped(name)).append(" ").append(count.dump());
  return text;
}

std::string counted(const Json& number, std::string_view what) {
  return number.dump() + " " + std::string(what) + (number == 1 ? "" : "s");
}

/// "2 days 3 h", "3 h 20 min", "40 s": two units are enough.
std::string duration_text(std::uint64_t seconds) {
  struct Unit {
    std::uint64_t seconds;
    std::string_view name;
  };
  constexpr std::array<Unit, 4> units{{{86'400, " days"}, {3'600, " h"}, {60, " min"}, {1, " s"}}};
  std::string text;
  int shown = 0;
  for (const Unit& unit : units) {
    const std::uint64_t count = seconds / unit.seconds;
    seconds %= unit.seconds;
    if (shown == 2 || (count == 0 && (shown == 0 ? unit.seconds > 1 : true))) continue;
    text += (text.empty() ? "" : " ") + std::to_string(count) + std::string(unit.name);
    ++shown;
  }
  return text;
}

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> units{"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  std::uint64_t tenths = bytes * 10;
  for (; tenths >= 10'240 && unit + 1 < units.size(); ++unit) tenths /= 1'024;
  const std::string digits = std::to_string(tenths / 10) + (unit == 0 ? "" : "." + std::to_string(tenths % 10));
  return digits + " " + std::string(units[unit]);
}

/// "12 good, 1 late": what needs somebody stands behind what does not.
std::string certificates_text(const Json& status) {
  std::string text;
  for (const std::string_view state : {"good", "late", "expired", "missing"}) {
    const auto count = status.at("certificates").value(std::string(state), std::uint64_t{0});
    if (count > 0) text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(state);
  }
  return text;
}

std::string orders_text(const Json& orders) {
  if (orders.is_null()) return {};
  std::string text = orders.at("obtained").dump() + " obtained, " + orders.at("renewed").dump() + " renewed, " +
                     orders.at("under_way").dump() + " under way";
  if (const std::string failures = counts_of(orders.at("failures")); !failures.empty()) text += "; failed: " + failures;
  return text;
}

std::string events_text(const Json& events) {
  std::string text;
  for (const auto& [receiver, counts] : events.items())
    text += (text.empty() ? "" : "; ") + escaped(receiver) + ": " + counts_of(counts);
  return text;
}

std::string head_text(const Json& status) {
  std::string text = "padlock " + text_of(status.at("version")) + ", process " + text_of(status.at("process")) + ", " +
                     text_of(status.at("state")) + " for " +
                     duration_text(status.at("uptime_seconds").get<std::uint64_t>()) + " with " +
                     counted(status.at("workers"), "worker") + "\n";
  text += row("configuration", text_of(status.at("configuration")));
  const Json& reloads = status.at("reloads");
  if (reloads.contains("last"))
    text +=
        row("reloads", reloads.at("done").dump() + " done, " + reloads.at("refused").dump() + " refused; the last " +
                           text_of(reloads.at("last_result")) + " at " + text_of(reloads.at("last")));
  text += row("https", joined(status.at("listeners").at("https"), ", "));
  text += row("http", joined(status.at("listeners").at("http"), ", "));
  text += row("certificates", certificates_text(status));
  text += row("orders", orders_text(status.at("orders")));
  text += row("events", events_text(status.at("events")));
  text += row("user", text_of(status.at("user")));
  text += row("sandbox", text_of(status.at("sandbox")));
  for (const Json& note : status.at("notes")) text += row("note", text_of(note));
  return text;
}

std::string certificate_text(const Json& certificate) {
  const auto days = certificate.at("days_left").get<std::int64_t>();
  return (certificate.at("state") == "late" ? "LATE: " : "") +
         (days < 0 ? "EXPIRED" : std::to_string(days) + (days == 1 ? " day" : " days") + " left") + ", until " +
         text_of(certificate.at("not_after")) + ", by " + text_of(certificate.at("issuer"));
}

std::string sites_text(const Json& sites) {
  std::string text;
  for (const Json& site : sites) {
    text += "\n" + text_of(site.at("name")) + "\n" + row("content", text_of(site.at("content")));
    if (site.contains("service")) text += row("service", text_of(site.at("service")));
    if (site.at("names").size() > 1) text += row("names", joined(site.at("names"), ", "));
    for (const Json& one : site.at("certificates")) text += row("certificate", certificate_text(one));
  }
  return text;
}

std::string numbers_text(const Json& status) {
  const Json& connections = status.at("connections");
  const Json& handshakes = status.at("handshakes");
  const Json& requests = status.at("requests");
  std::string text = "\nsince the start\n";
  text +=
      row("connections", connections.at("open").dump() + " open, " + connections.at("accepted").dump() + " accepted, " +
                             connections.at("refused").dump() + " refused, " + connections.at("shed").dump() + " shed");
  text += row("handshakes",
              handshakes.at("completed").dump() + ", of which " + handshakes.at("resumed").dump() + " resumed");
  text += row("  versions", counts_of(handshakes.at("by_version")));
  text += row("  groups", counts_of(handshakes.at("by_group")));
  text += row("  suites", counts_of(handshakes.at("by_cipher_suite")));
  text += row("  failed", counts_of(handshakes.at("failures")));
  text += row("requests", requests.at("answered").dump() + " with " +
                              bytes_text(requests.at("body_bytes").get<std::uint64_t>()) + " of bodies");
  text += row("  versions", counts_of(requests.at("by_version")));
  text += row("  status", counts_of(requests.at("by_status")));
  text += row("failures", counts_of(status.at("failures")));
  if (status.at("log_lines_dropped") != 0)
    text += row("log", counted(status.at("log_lines_dropped"), "line") + " dropped");
  return text;
}

std::uint64_t sum_of(const Json& object) {
  std::uint64_t sum = 0;
  for (const Json& count : object) sum += count.get<std::uint64_t>();
  return sum;
}

}  // namespace

std::string status_text(const Json& status) {
  return head_text(status) + sites_text(status.at("sites")) + numbers_text(status);
}

std::string status_line(const Json& status, const Json* before) {
  const auto moved = [&](std::string_view what, const auto& read) {
    const std::uint64_t now = read(status);
    std::string text = std::string(what) + " " + std::to_string(now);
    if (before != nullptr) text += " (+" + std::to_string(now - read(*before)) + ")";
    return text;
  };
  return "connections " + status.at("connections").at("open").dump() + ", " +
         moved("handshakes",
               [](const Json& one) { return one.at("handshakes").at("completed").get<std::uint64_t>(); }) +
         ", " +
         moved("requests", [](const Json& one) { return one.at("requests").at("answered").get<std::uint64_t>(); }) +
         ", " + moved("failures", [](const Json& one) { return sum_of(one.at("failures")); });
}

}  // namespace padlock::cli
