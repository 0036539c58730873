// `padlock host`: services are added to a running server, and have HTTPS at once.
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "padlock/base/text.h"
#include "padlock/cli/admin_client.h"
#include "padlock/cli/command.h"
#include "padlock/cli/local_ca.h"
#include "padlock/cli/rules.h"
#include "padlock/http/message/path.h"

namespace padlock::cli {
namespace {

struct HostFlags {
  std::string socket;
  bool json = false;
  std::string name, next;
  std::vector<std::string> to;
  std::string dir, path, health, hsts;
  bool force = false;
  std::uint64_t wait = 0;
};

std::string target_of(const HostFlags& flags) { return "/hosts/" + http::encode_path(flags.name); }

Result<AdminJson> ask(const HostFlags& flags, std::string_view method, const std::string& target,
                      std::string_view member, const Json& body = {}) {
  const auto socket = PADLOCK_TRY(admin_socket_of(flags.socket));
  return ask_admin_json(socket, method, target, member, body.is_null() ? "" : dump(body, false));
}

// ---- what people read -----------------------------------------------------------------------------------------------

std::string text_of(const Json& json) { return escaped(json.get<std::string>()); }

std::string content_text(const Json& host) {
  if (host.contains("dir")) return text_of(host.at("dir"));
  if (host.contains("redirect")) return "a redirect to " + text_of(host.at("redirect"));
  if (host.contains("respond")) return "a fixed response";
  if (!host.contains("to")) return "its paths";
  std::string text;
  for (const Json& one : host.at("to")) text += (text.empty() ? "" : ", ") + text_of(one);
  return text;
}

std::string row(std::string_view title, const std::string& text) { return "  " + column(title, 13) + text + "\n"; }

std::string host_text(const Json& host) {
  std::string text = text_of(host.at("url")) + "\n" + row("content", content_text(host));
  for (const Json& path : host.at("paths"))
    text += row("path", column(text_of(path.at("path")), 12) + content_text(path));
  for (const Json& one : host.at("certificates"))
    text += row("certificate", one.at("days_left").dump() + " days left, until " + text_of(one.at("not_after")) +
                                   ", by " + text_of(one.at("issuer")));
  return text + row("file", text_of(host.at("file")));
}

// ---- commands -------------------------------------------------------------------------------------------------------

/// What a change came to, on stdout or stderr.
Result<int> outcome_of(const HostFlags& flags, const AdminJson& answer, std::string (*text)(const Json&)) {
  const bool fine_so = answer.json.at("result") == "done";
  constexpr int of_the_world = 500;  // an upstream that is not well is no mistake of whoever typed
  const int code = fine_so ? fine : answer.status >= of_the_world ? failed : usage;
  if (flags.json) return print(dump(answer.json, true) + "\n") ? code : failed;
  if (fine_so) return print(text(answer.json)) ? code : failed;
  for (const Json& problem : answer.json.at("problems")) print_error(problem.get<std::string>());
  return code;
}

std::string served_text(const Json& answer) {
  const Json& host = answer.at("host");
  std::string text = text_of(host.at("url")) + " serves " + content_text(host) + "\n";
  for (const Json& path : host.at("paths"))
    text += "  " + column(text_of(path.at("path")), 12) + content_text(path) + "\n";
  if (!answer.at("drained").get<bool>()) text += "  what answered before is still at work on old requests\n";
  return text;
}

/// The content that was named. The server has another working folder.
Result<Json> content_body(const HostFlags& flags) {
  Json body{{"wait_seconds", flags.wait}, {"force", flags.force}};
  if (!flags.to.empty()) body["to"] = flags.to;
  if (!flags.path.empty()) body["path"] = flags.path;
  if (!flags.health.empty()) body["health"] = flags.health;
  if (!flags.hsts.empty()) body["hsts"] = flags.hsts;
  if (flags.dir.empty()) return body;
  std::error_code error;
  const auto folder = std::filesystem::canonical(flags.dir, error);
  if (error) return broken(rules::host_folder, escaped(flags.dir) + ": " + error.message());
  body["dir"] = folder.native();
  return body;
}

Result<int> add(const HostFlags& flags) {
  Json body = PADLOCK_TRY(content_body(flags));
  body["name"] = flags.name;
  return outcome_of(flags, PADLOCK_TRY(ask(flags, "POST", "/hosts", "result", body)), served_text);
}

Result<int> change(const HostFlags& flags) {
  const Json body = PADLOCK_TRY(content_body(flags));
  return outcome_of(flags, PADLOCK_TRY(ask(flags, "PATCH", target_of(flags), "result", body)), served_text);
}

Result<int> rename(const HostFlags& flags) {
  return outcome_of(flags, PADLOCK_TRY(ask(flags, "PATCH", target_of(flags), "result", {{"name", flags.next}})),
                    served_text);
}

Result<int> remove(const HostFlags& flags) {
  const Json body = flags.path.empty() ? Json() : Json{{"path", flags.path}};
  return outcome_of(flags, PADLOCK_TRY(ask(flags, "DELETE", target_of(flags), "result", body)), [](const Json& answer) {
    return answer.contains("host") ? served_text(answer) : "removed " + text_of(answer.at("name")) + "\n";
  });
}

Result<int> show(const HostFlags& flags) {
  return outcome_of(flags, PADLOCK_TRY(ask(flags, "GET", target_of(flags), "result")),
                    [](const Json& answer) { return host_text(answer.at("host")); });
}

Result<int> list(const HostFlags& flags) {
  auto answer = PADLOCK_TRY(ask(flags, "GET", "/hosts", "hosts"));
  if (answer.json.contains("result")) return outcome_of(flags, answer, served_text);
  if (flags.json) return print(dump(answer.json, true) + "\n") ? fine : failed;
  const Json& hosts = answer.json.at("hosts");
  std::string text;
  for (const Json& host : hosts)
    text += column(text_of(host.at("name")), 16) + column(text_of(host.at("url")), 40) + content_text(host) + "\n";
  if (hosts.empty())
    text =
        "no service yet; `padlock host add NAME --to PORT` makes one below " + text_of(answer.json.at("domain")) + "\n";
  return print(text) ? fine : failed;
}

// ---- flags ----------------------------------------------------------------------------------------------------------

CLI::App* add_command(CLI::App& host, const std::string& name, const std::string& what,
                      const std::shared_ptr<HostFlags>& flags, Run& run, Result<int> (*work)(const HostFlags&)) {
  auto* const command = host.add_subcommand(name, what);
  command->add_option("--socket", flags->socket, "The server's socket (default: that of the one that runs here)");
  command->add_flag("--json", flags->json, "As JSON");
  command->callback([flags, work, &run] { run = work_of(flags, work); });
  return command;
}

void add_name(CLI::App& command, HostFlags& flags) {
  command.add_option("NAME", flags.name, "Its name: shop for https://shop.DOMAIN")->required();
}

void add_content(CLI::App& command, HostFlags& flags, std::uint64_t wait) {
  auto* const to = command.add_option("--to", flags.to,
                                      "A server that answers: PORT, HOST:PORT or URL; may be repeated, and requests "
                                      "are spread over them");
  to->allow_extra_args(false);
  command.add_option("--dir", flags.dir, "A folder whose files are served")->excludes(to);
  command.add_option("--path", flags.path, "For this part of the service alone: /api/");
  command.add_option("--health", flags.health, "The path by which it is asked whether it is well: below 400 is");
  command.add_option("--hsts", flags.hsts, "How long browsers shall take https alone: \"1 year\" (RFC 6797)");
  command.add_flag("--force", flags.force, "Whether it is well or not");
  flags.wait = wait;
  command.add_option("--wait", flags.wait, "Seconds until it must be well")
      ->check(CLI::Range(0, 60))
      ->capture_default_str();
}

}  // namespace

void add_host(CLI::App& app, Run& run) {
  auto* const host = app.add_subcommand("host", "Services of a running server, with HTTPS at once");
  host->require_subcommand(1);
  constexpr std::uint64_t just_started = 2, deployed = 30;
  const auto flags_for = [] { return std::make_shared<HostFlags>(); };

  auto flags = flags_for();
  auto* command = add_command(*host, "add", "Add a service, once it is well", flags, run, add);
  add_name(*command, *flags);
  add_content(*command, *flags, just_started);

  flags = flags_for();
  add_command(*host, "list", "The services", flags, run, list);

  flags = flags_for();
  add_name(*add_command(*host, "show", "One service", flags, run, show), *flags);

  flags = flags_for();
  command = add_command(*host, "switch",
                        "Have another answer for a service: waits until it is well, and until the old "
                        "one has answered all it was asked",
                        flags, run, change);
  add_name(*command, *flags);
  add_content(*command, *flags, deployed);

  flags = flags_for();
  command = add_command(*host, "rename", "Give a service another name", flags, run, rename);
  add_name(*command, *flags);
  command->add_option("NEW", flags->next, "Its name from now on")->required();

  flags = flags_for();
  command = add_command(*host, "remove", "End a service, or a part of it", flags, run, remove);
  add_name(*command, *flags);
  command->add_option("--path", flags->path, "This part alone");
}

}  // namespace padlock::cli
