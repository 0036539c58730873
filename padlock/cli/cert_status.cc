// `padlock cert status`: which certificates are stored and shown, and which of them nobody has renewed in time.
#include "padlock/cli/cert_status.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "padlock/base/text.h"
#include "padlock/certs/certificate_entry.h"
#include "padlock/certs/file_store.h"
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

/// Renewal begins with a third of its life left, or half of a short one: with less than this it has failed for long.
constexpr int late_part = 4;

/// One certificate, as it stands somewhere.
struct Line {
  std::string where;  ///< "stored", "served"
  std::string name;
  std::string issuer;
  WallTime not_before{}, not_after{};
};

std::string_view state_of(const Line& line, WallTime now) {
  if (now >= line.not_after) return "expired";
  return (line.not_after - now) * late_part < line.not_after - line.not_before ? "late" : "good";
}

Result<std::vector<Line>> stored(certs::StoreFolder& store) {
  const auto provider = crypto::make_provider();
  std::vector<Line> lines;
  for (const certs::StoreKey& key : PADLOCK_TRY(store.list(certs::Kind::certificate))) {
    const auto entry = PADLOCK_TRY(certs::find_certificate(store, key, *provider));
    if (!entry) continue;  // its notice tells
    const auto leaf = PADLOCK_TRY(certs::leaf_of(*entry));
    lines.push_back({"stored", key.name, key.ca, leaf->not_before, leaf->not_after});
  }
  return lines;
}

WallTime time_of(const Json& json, const char* key) {
  return WallTime(std::chrono::seconds(json.value(key, std::int64_t{0})));
}

/// What a running server shows; nothing runs, nothing is shown. Errors: those of ask_admin for a socket that was named.
Result<std::vector<Line>> served(const StatusFlags& flags) {
  std::vector<Line> lines;
  const auto socket = admin_socket_of(flags.socket);
  if (!socket && socket.error().rule == &rules::no_server_found) return lines;
  if (!socket) return std::unexpected(socket.error());
  const auto answer = PADLOCK_TRY(ask_admin_json(*socket, "GET", "/status", "sites"));
  for (const Json& site : answer.json.at("sites")) {
    for (const Json& one : site.at("certificates"))
      lines.push_back({"served", site.at("name").get<std::string>(), one.at("issuer").get<std::string>(),
                       time_of(one, "not_before_seconds"), time_of(one, "not_after_seconds")});
  }
  return lines;
}

std::string left_of(const Line& line, WallTime now) {
  const auto days = std::chrono::floor<std::chrono::days>(line.not_after - now).count();
  return days < 0 ? "EXPIRED" : std::to_string(days) + (days == 1 ? " day left" : " days left");
}

std::string text_of(const std::vector<Line>& lines, WallTime now) {
  if (lines.empty()) return "no certificate is stored, and no server runs that shows one\n";
  std::string text;
  for (const Line& line : lines)
    text += column(state_of(line, now), 9) + column(line.where, 8) + column(escaped(line.name), 32) +
            column(left_of(line, now), 15) + "until " + client::minute_text(line.not_after) + ", by " +
            escaped(line.issuer) + "\n";
  return text;
}

std::string json_of(const std::vector<Line>& lines, const std::vector<std::string>& notices, WallTime now) {
  Json list = Json::array();
  for (const Line& line : lines)
    list.push_back({{"where", line.where},
                    {"name", line.name},
                    {"issuer", line.issuer},
                    {"not_before", to_string(line.not_before)},
                    {"not_after", to_string(line.not_after)},
                    {"state", state_of(line, now)}});
  return dump(Json{{"certificates", std::move(list)}, {"notices", notices}}, true) + "\n";
}

Result<int> status(const StatusFlags& flags) {
  certs::StoreFolder store(PADLOCK_TRY(own_state_directory()));
  std::vector<Line> lines = PADLOCK_TRY(stored(store));
  for (Line& line : PADLOCK_TRY(served(flags))) lines.push_back(std::move(line));
  const WallTime now = net::now().wall;
  for (const std::string& notice : store.notices()) print_error(notice);
  if (!print(flags.json ? json_of(lines, store.notices(), now) : text_of(lines, now))) return failed;
  const bool good = std::ranges::all_of(lines, [&](const Line& line) { return state_of(line, now) == "good"; });
  return good && store.notices().empty() ? fine : findings;
}

}  // namespace

void add_cert_status(CLI::App& cert, Run& run) {
  auto* const command = cert.add_subcommand("status",
                                            "Which certificates are stored and shown; exit code 3 if one has "
                                            "expired or nobody renews it");
  const auto flags = std::make_shared<StatusFlags>();
  command->add_option("--socket", flags->socket, "A server's socket (default: that of the one that runs here)");
  command->add_flag("--json", flags->json, "As JSON");
  command->callback([flags, &run] { run = work_of(flags, status); });
}

}  // namespace padlock::cli
