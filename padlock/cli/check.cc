// `padlock check`: a look at a server's certificate and TLS, a line for each thing; exit 3 if something is wrong.
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "padlock/base/text.h"
#include "padlock/cli/command.h"
#include "padlock/cli/fetch_flags.h"
#include "padlock/cli/verdict_json.h"
#include "padlock/client/assessment.h"
#include "padlock/net/clock.h"
#include "padlock/net/output_file.h"

namespace padlock::cli {
namespace {

struct CheckFlags : FetchFlags {
  std::string fail_on = "bad";
  bool json = false;
};

std::string colour_of(client::Grade grade) {
  switch (grade) {
    case client::Grade::good: return "\x1b[32m";
    case client::Grade::warning: return "\x1b[33m";
    case client::Grade::bad: return "\x1b[31m";
  }
  return "";
}

std::size_t count(const std::vector<client::Finding>& findings, client::Grade grade) {
  return static_cast<std::size_t>(std::ranges::count(findings, grade, &client::Finding::grade));
}

std::string summary(const std::vector<client::Finding>& findings) {
  const std::size_t bad = count(findings, client::Grade::bad);
  const std::size_t warnings = count(findings, client::Grade::warning);
  if (bad + warnings == 0) return "nothing is wrong";
  const auto say = [](std::size_t number, std::string_view one) {
    return std::to_string(number) + " " + std::string(one) + (number == 1 ? "" : "s");
  };
  return say(bad, "fault") + ", " + say(warnings, "warning");
}

std::string as_text(const client::ProbeOutcome& outcome, const std::vector<client::Finding>& findings) {
  const bool colour = wants_colour(STDOUT_FILENO);
  std::string text;
  for (const client::Finding& finding : findings) {
    const std::string grade = column(client::name_of(finding.grade), 9);
    text += (colour ? colour_of(finding.grade) + grade + "\x1b[0m" : grade) + column(finding.topic, 14) + finding.text +
            "\n";
  }
  return text + escaped(outcome.security.authority) + ": " + summary(findings) + "\n";
}

std::string as_json(const client::ProbeOutcome& outcome, const std::vector<client::Finding>& findings) {
  Json list = Json::array();
  for (const client::Finding& finding : findings)
    list.push_back({{"topic", finding.topic}, {"grade", client::name_of(finding.grade)}, {"text", finding.text}});
  Json json{{"host", outcome.security.authority}, {"findings", std::move(list)}};
  json["security"] = to_json(outcome.security);
  return dump(json, true) + "\n";
}

int check(const CheckFlags& flags) {
  const auto prepared = prepare_fetch(flags);
  if (!prepared) {
    print_refusal(prepared.error());
    return usage;
  }
  const auto outcome = client::probe(flags.url, prepared->options);
  if (!outcome.connected()) {
    print_error(*outcome.error);
    return client::exit_code_of(*outcome.error, client::Stage::before_connected) == usage ? usage : failed;
  }
  const auto findings = client::assess(outcome, net::now().wall);
  const std::string text = flags.json ? as_json(outcome, findings) : as_text(outcome, findings);
  const auto written = net::write_all(STDOUT_FILENO, as_bytes(text));
  if (!written) {
    print_error(written.error());
    return failed;
  }
  for (const std::string& note : outcome.security.notes) print_error(note);
  const bool warnings_count = flags.fail_on == "warning";
  const bool wrong =
      count(findings, client::Grade::bad) > 0 || (warnings_count && count(findings, client::Grade::warning) > 0);
  return wrong && flags.fail_on != "nothing" ? ExitCode::findings : fine;
}

}  // namespace

void add_check(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("check", "Look at a server's certificate and TLS; exit 3 if something is wrong");
  const auto flags = std::make_shared<CheckFlags>();
  command->add_option("host", flags->url, "HOST[:PORT]")->required();
  add_connection_flags(*command, *flags);
  command->add_option("--fail-on", flags->fail_on, "What makes it exit 3: bad, warning (these too), or nothing")
      ->check(CLI::IsMember({"bad", "warning", "nothing"}))
      ->capture_default_str();
  command->add_flag("--json", flags->json, "All of it as JSON (docs/guide/check.md)");
  command->callback([flags, &run] { run = [flags] { return check(*flags); }; });
}

}  // namespace padlock::cli
