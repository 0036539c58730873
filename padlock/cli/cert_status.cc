// `padlock cert status`: which certificates are stored and shown, and which of them nobody has renewed in time.
#include "padlock/cli/cert_status.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "padlock/base/text.h"
#include "padlock/certs/certificate_entry.h"
#include "padlock/certs/certificate_health.h"
#include "padlock/certs/file_store.h"
#include "padlock/certs/renewal_plan.h"
#include "padlock/cli/admin_client.h"
#include "padlock/cli/local_ca.h"
#include "padlock/cli/rules.h"
#include "padlock/cli/verdict_json.h"
#include "padlock/client/verdict.h"
#include "padlock/net/clock.h"

namespace padlock::cli {
namespace {

struct StatusFlags {
  std::string socket;
  bool json = false;
};

/// One certificate, as it stands somewhere.
struct Line {
  std::string where;  ///< "stored", "served"
  std::string name;
  std::string issuer{};  ///< empty: there is none yet
  WallTime not_before{}, not_after{};
  WallTime obtained{};  ///< of one that is stored
  std::string_view state{};
  std::optional<certs::RenewalState> failing{};  ///< orders in a row came to nothing
};

/// What is wrong with a certificate: late is one that nobody has renewed in time.
std::string_view state_of(const Line& line, WallTime now) {
  return line.issuer.empty() ? "missing" : name_of(certs::health_of(line.not_before, line.not_after, now));
}

/// Of several CAs one may have renewed what another gave: the older one is of no interest.
void mark_replaced(std::vector<Line>& lines, WallTime now) {
  for (Line& line : lines) {
    const bool replaced = std::ranges::any_of(lines, [&](const Line& other) {
      return other.name == line.name && line.obtained < other.obtained && now < other.not_after;
    });
    if (replaced) line.state = "replaced";
  }
}

Result<std::vector<Line>> stored(certs::StoreFolder& store, WallTime now) {
  const auto provider = crypto::make_provider();
  std::vector<Line> lines;
  for (const certs::StoreKey& key : PADLOCK_TRY(store.list(certs::Kind::certificate))) {
    const auto entry = PADLOCK_TRY(certs::find_certificate(store, key, *provider));
    if (!entry) continue;  // its notice tells
    const auto leaf = PADLOCK_TRY(certs::leaf_of(*entry));
    lines.push_back({"stored", key.name, key.ca, leaf->not_before, leaf->not_after, entry->obtained});
    lines.back().state = state_of(lines.back(), now);
  }
  mark_replaced(lines, now);
  return lines;
}

/// What is known of names whose last orders failed.
Result<std::map<std::string, certs::RenewalState>> failing_orders(certs::StoreFolder& store) {
  std::map<std::string, certs::RenewalState> all;
  for (const certs::StoreKey& key : PADLOCK_TRY(store.list(certs::Kind::order))) {
    const auto value = PADLOCK_TRY(store.get(key));
    const auto state = value ? certs::parse_renewal_state(as_text(value->reveal())) : std::nullopt;
    if (state && state->failures > 0) all.insert_or_assign(key.name, *state);
  }
  return all;
}

WallTime time_of(const Json& json, const char* key) {
  return WallTime(std::chrono::seconds(json.value(key, std::int64_t{0})));
}

/// What a running server shows; nothing runs, nothing is shown. Errors: those of ask_admin for a socket that was named.
Result<std::vector<Line>> served(const StatusFlags& flags, WallTime now) {
  std::vector<Line> lines;
  const auto socket = admin_socket_of(flags.socket);
  if (!socket && socket.error().rule == &rules::no_server_found) return lines;
  if (!socket) return std::unexpected(socket.error());
  const auto answer = PADLOCK_TRY(ask_admin_json(*socket, "GET", "/status", "sites"));
  for (const Json& site : answer.json.at("sites")) {
    const auto name = site.at("name").get<std::string>();
    if (site.at("certificates").empty()) lines.push_back({.where = "served", .name = name});
    for (const Json& one : site.at("certificates"))
      lines.push_back({"served", name, one.at("issuer").get<std::string>(), time_of(one, "not_before_seconds"),
                       time_of(one, "not_after_seconds")});
  }
  for (Line& line : lines) line.state = state_of(line, now);
  return lines;
}

std::string left_of(const Line& line, WallTime now) {
  const auto days = std::chrono::floor<std::chrono::days>(line.not_after - now).count();
  return days < 0 ? "EXPIRED" : std::to_string(days) + (days == 1 ? " day left" : " days left");
}

std::string certificate_of(const Line& line, WallTime now) {
  if (line.issuer.empty()) return "no certificate yet";
  return column(left_of(line, now), 15) + "until " + client::minute_text(line.not_after) + ", by " +
         escaped(line.issuer);
}

std::string failures_of(const Line& line) {
  if (!line.failing) return {};
  const unsigned count = line.failing->failures;
  return "; " + std::to_string(count) + (count == 1 ? " order has" : " orders have") + " failed, the next is at " +
         client::minute_text(line.failing->next_try);
}

std::string text_of(const std::vector<Line>& lines, WallTime now) {
  if (lines.empty()) return "no certificate is stored, and no server runs that shows one\n";
  std::string text;
  for (const Line& line : lines)
    text += column(line.state, 9) + column(line.where, 8) + column(escaped(line.name), 32) + certificate_of(line, now) +
            failures_of(line) + "\n";
  return text;
}

Json json_of(const Line& line) {
  Json json{{"where", line.where}, {"name", line.name}};
  if (!line.issuer.empty()) {
    json["issuer"] = line.issuer;
    json["not_before"] = to_string(line.not_before);
    json["not_after"] = to_string(line.not_after);
  }
  json["state"] = line.state;
  if (line.failing) {
    json["failures"] = line.failing->failures;
    json["next_try"] = to_string(line.failing->next_try);
  }
  return json;
}

std::string json_of(const std::vector<Line>& lines, const std::vector<std::string>& notices) {
  Json list = Json::array();
  for (const Line& line : lines) list.push_back(json_of(line));
  return dump(Json{{"certificates", std::move(list)}, {"notices", notices}}, true) + "\n";
}

Result<int> status(const StatusFlags& flags) {
  certs::StoreFolder store(PADLOCK_TRY(own_state_directory()));
  const WallTime now = net::now().wall;
  std::vector<Line> lines = PADLOCK_TRY(stored(store, now));
  for (Line& line : PADLOCK_TRY(served(flags, now))) lines.push_back(std::move(line));
  const auto failing = PADLOCK_TRY(failing_orders(store));
  for (Line& line : lines) {
    const auto found = failing.find(line.name);  // of this certificate, or of none yet
    if (found != failing.end() && found->second.not_after == line.not_after) line.failing = found->second;
  }
  for (const std::string& notice : store.notices()) print_error(notice);
  if (!print(flags.json ? json_of(lines, store.notices()) : text_of(lines, now))) return failed;
  const bool good =
      std::ranges::all_of(lines, [](const Line& line) { return line.state == "good" || line.state == "replaced"; });
  return good && store.notices().empty() ? fine : findings;
}

}  // namespace

void add_cert_status(CLI::App& cert, Run& run) {
  auto* const command = cert.add_subcommand("status",
                                            "Which certificates are stored and shown; exit code 3 if one has "
                                            "expired, nobody renews it, or a site has none");
  const auto flags = std::make_shared<StatusFlags>();
  command->add_option("--socket", flags->socket, "A server's socket (default: that of the one that runs here)");
  command->add_flag("--json", flags->json, "As JSON");
  command->callback([flags, &run] { run = work_of(flags, status); });
}

}  // namespace padlock::cli
