// `padlock status` and `padlock reload`: a running server is looked at and told what to do, through its
// administration's socket.
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "padlock/base/text.h"
#include "padlock/cli/admin_client.h"
#include "padlock/cli/command.h"
#include "padlock/cli/status_text.h"
#include "padlock/net/clock.h"
#include "padlock/net/output_file.h"

namespace padlock::cli {
namespace {

constexpr std::chrono::seconds watch_step{1};

struct AdminFlags {
  std::string socket;
  bool json = false;
  bool watch = false;
};

Result<std::filesystem::path> socket_of(const AdminFlags& flags) { return admin_socket_of(flags.socket); }

/// What a server answers, as JSON of the kind that we know. Errors: those of ask_admin.
Result<Json> ask(const std::filesystem::path& socket, std::string_view method, std::string_view target,
                 std::string_view member) {
  return PADLOCK_TRY(ask_admin_json(socket, method, target, member)).json;
}

bool print(const std::string& text) {
  const auto written = net::write_all(STDOUT_FILENO, as_bytes(text));
  if (!written) print_error(written.error());
  return written.has_value();
}

int fail(const Error& error) {
  print_error(error);
  return failed;
}

// ---- status ---------------------------------------------------------------------------------------------------------

std::string shown(const AdminFlags& flags, const Json& status) {
  return flags.json ? dump(status, true) + "\n" : status_text(status);
}

/// Until the server is gone. A terminal shows it in one place; elsewhere a line is added each time.
int watch(const AdminFlags& flags, const std::filesystem::path& socket) {
  constexpr std::string_view repaint = "\x1b[H\x1b[J";
  const bool terminal = ::isatty(STDOUT_FILENO) == 1 && !flags.json;
  std::optional<Json> before;
  for (auto next = std::chrono::steady_clock::now();; std::this_thread::sleep_until(next += watch_step)) {
    const auto status = ask(socket, "GET", "/status", "sites");
    if (!status) return fail(status.error());
    const std::string line = flags.json
                                 ? dump(*status, false)
                                 : to_string(net::now().wall) + " " + status_line(*status, before ? &*before : nullptr);
    if (!print(terminal ? std::string(repaint) + status_text(*status) : line + "\n")) return failed;
    before = *status;
  }
}

int status(const AdminFlags& flags) {
  const auto socket = socket_of(flags);
  if (!socket) return fail(socket.error());
  if (flags.watch) return watch(flags, *socket);
  const auto json = ask(*socket, "GET", "/status", "sites");
  if (!json) return fail(json.error());
  return print(shown(flags, *json)) ? fine : failed;
}

// ---- reload ---------------------------------------------------------------------------------------------------------

std::string changes_text(const Json& outcome) {
  std::string text;
  for (const std::string_view what : {"added", "removed", "changed"})
    for (const Json& site : outcome.at(what)) text += column(what, 9) + escaped(site.get<std::string>()) + "\n";
  const auto unchanged = outcome.at("unchanged").get<std::size_t>();
  return text + "reloaded: " + std::to_string(unchanged) + (unchanged == 1 ? " site is" : " sites are") +
         " as before\n";
}

int reload(const AdminFlags& flags) {
  const auto socket = socket_of(flags);
  if (!socket) return fail(socket.error());
  const auto outcome = ask(*socket, "POST", "/reload", "result");
  if (!outcome) return fail(outcome.error());
  const bool done = outcome->at("result") == "done";
  if (flags.json) return print(dump(*outcome, true) + "\n") ? (done ? fine : usage) : failed;
  if (done) return print(changes_text(*outcome)) ? fine : failed;
  for (const Json& problem : outcome->at("problems")) print_error(problem.get<std::string>());
  return usage;
}

// ---- restart --------------------------------------------------------------------------------------------------------

/// The process that answers now, once it is another than this one; nothing: it does not become another.
std::optional<Json> await_other_process(const std::filesystem::path& socket, const Json& before) {
  constexpr std::chrono::seconds patience{60};
  constexpr std::chrono::milliseconds step{50};
  for (const auto end = std::chrono::steady_clock::now() + patience; std::chrono::steady_clock::now() < end;) {
    std::this_thread::sleep_for(step);
    const auto status = ask(socket, "GET", "/status", "process");
    if (status && status->at("process") != before) return status->at("process");
  }
  return std::nullopt;
}

int restart(const AdminFlags& flags) {
  const auto socket = socket_of(flags);
  if (!socket) return fail(socket.error());
  const auto outcome = ask(*socket, "POST", "/restart", "result");
  if (!outcome) return fail(outcome.error());
  if (outcome->at("result") != "started") {
    for (const Json& problem : outcome->at("problems")) print_error(problem.get<std::string>());
    return usage;
  }
  const auto process = await_other_process(*socket, outcome->at("process"));
  if (!process) {
    print_error("no other worker has taken the place of this one: the server's log says why; it serves on");
    return failed;
  }
  const Json result{{"result", "done"}, {"process", *process}, {"before", outcome->at("process")}};
  const std::string text =
      "restarted: process " + process->dump() + " serves in place of " + outcome->at("process").dump() + "\n";
  return print(flags.json ? dump(result, true) + "\n" : text) ? fine : failed;
}

void add_flags(CLI::App& command, AdminFlags& flags) {
  command.add_option("--socket", flags.socket, "The server's socket (default: that of the one that runs here)");
  command.add_flag("--json", flags.json, "As JSON");
}

}  // namespace

void add_status(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("status", "Look at a running server");
  const auto flags = std::make_shared<AdminFlags>();
  add_flags(*command, *flags);
  command->add_flag("--watch", flags->watch, "Each second anew, until the server ends");
  command->callback([flags, &run] { run = [flags] { return status(*flags); }; });
}

void add_reload(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("reload", "Have a running server read its configuration again");
  const auto flags = std::make_shared<AdminFlags>();
  add_flags(*command, *flags);
  command->callback([flags, &run] { run = [flags] { return reload(*flags); }; });
}

void add_restart(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("restart", "Have another process take a running server's place (serve --keeper)");
  const auto flags = std::make_shared<AdminFlags>();
  add_flags(*command, *flags);
  command->callback([flags, &run] { run = [flags] { return restart(*flags); }; });
}

}  // namespace padlock::cli
