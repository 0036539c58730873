// `padlock explain`: the same fetch as a ladder, on stdout.
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "padlock/cli/command.h"
#include "padlock/cli/fetch_flags.h"
#include "padlock/explain/json.h"
#include "padlock/explain/make_ladder.h"
#include "padlock/explain/recorder.h"
#include "padlock/explain/terminal.h"
#include "padlock/http/message/url.h"
#include "padlock/net/clock.h"
#include "padlock/net/output_file.h"

namespace padlock::cli {
namespace {

struct ExplainFlags : FetchFlags {
  explain::ViewOptions view;
  bool json = false;
};

/// What stdout can show; a pipe or a file gets 80 columns.
explain::TerminalStyle style() {
  explain::TerminalStyle style{.colour = wants_colour(STDOUT_FILENO), .utf8 = locale_is_utf8()};
  winsize size{};
  const bool told = ::isatty(STDOUT_FILENO) == 1 && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  if (told && size.ws_col > 0) style.columns = size.ws_col;
  return style;
}

/// Where the first connection will go to: what --connect-to says, else the URL.
std::optional<std::uint16_t> first_port(const PreparedFetch& fetch) {
  const auto url = http::parse_typed_url(fetch.request.url);
  if (!url) return std::nullopt;
  for (const client::ConnectTo& entry : fetch.options.connect_to) {
    const bool meant = (entry.host.empty() || entry.host == url->host) && (!entry.port || *entry.port == url->port);
    if (meant) return entry.to_port.value_or(url->port);
  }
  return url->port;
}

explain::Ladder ladder_of(PreparedFetch& fetch) {
  explain::CapturingTap tap;
  if (const auto port = first_port(fetch)) tap.prepare(*port);
  explain::Recorder recorder(explain::moment_now, &tap);
  fetch.options.observer = &recorder;
  const client::FetchOutcome outcome = client::fetch(fetch.request, fetch.options);
  explain::FetchStory story{.url = fetch.request.url, .told_names = {}, .now = net::now().wall};
  for (const client::ResolveEntry& entry : fetch.options.resolve) story.told_names.push_back(entry.host);
  return explain::make_ladder(recorder.take(), outcome, story);
}

int explain_fetch(const ExplainFlags& flags) {
  auto prepared = prepare_fetch(flags);
  if (!prepared) {
    print_refusal(prepared.error());
    return usage;
  }
  if (prepared->key_log) {
    const std::string warning = key_log_warning(*prepared->key_log);
    std::fwrite(warning.data(), 1, warning.size(), stderr);
  }
  const explain::Ladder ladder = ladder_of(*prepared);
  const std::string text =
      flags.json ? explain::to_json(ladder, flags.view) : explain::to_terminal(ladder, flags.view, style());
  const auto written = net::write_all(STDOUT_FILENO, as_bytes(text));
  if (prepared->key_log && prepared->key_log->error()) print_error(*prepared->key_log->error());
  if (!written) {
    print_error(written.error());
    return failed;
  }
  return ladder.outcome.exit_code;
}

}  // namespace

void add_explain(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("explain", "Show a fetch step by step: who sent what, and who can read it");
  const auto flags = std::make_shared<ExplainFlags>();
  add_fetch_flags(*command, *flags);
  command->add_flag("--bytes", flags->view.bytes, "Show each message's fields with their bytes");
  command->add_flag("--wiretap", flags->view.wiretap, "Show what a listener on the way reads, and what still leaks");
  command->add_flag("--json", flags->json, "The ladder as JSON (docs/guide/explain-json.md)");
  command->callback([flags, &run] { run = [flags] { return explain_fetch(*flags); }; });
}

}  // namespace padlock::cli
