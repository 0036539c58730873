// `padlock get`: the body to stdout or a file, one verdict line to stderr.
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "padlock/cli/command.h"
#include "padlock/cli/fetch_flags.h"
#include "padlock/cli/get_report.h"
#include "padlock/cli/progress.h"
#include "padlock/cli/verbose.h"
#include "padlock/client/rules.h"
#include "padlock/http/message/url.h"
#include "padlock/net/clock.h"
#include "padlock/net/output_file.h"

namespace padlock::cli {
namespace {

struct GetFlags : FetchFlags {
  std::string output;
  bool remote_name = false;
  bool include = false;
  bool silent = false;
  bool verbose = false;
  bool json = false;
};

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

/// "HTTP/1.1 200 OK" or "HTTP/2 200" and its fields, as -i and -I show them. HTTP/2 has no reason phrase.
std::string head_text(const http::Response& response, client::HttpVersion version) {
  std::string text = std::string(name_of(version)) + " " + std::to_string(response.status);
  if (version == client::HttpVersion::HTTP_1_1) text += " " + std::string(http::reason_phrase(response.status));
  text += "\r\n";
  for (const http::FieldView& field : response.fields.all())
    text.append(field.name).append(": ").append(field.value).append("\r\n");
  return text + "\r\n";
}

/// -O: the last part of the URL's path.
Result<std::string> remote_name(const std::string& text) {
  const http::Url url = PADLOCK_TRY(http::parse_typed_url(text));
  std::string name = url.path.substr(url.path.rfind('/') + 1);
  if (!name.empty() && name != "." && name != "..") return name;
  return broken(client::rules::bad_option, "-O finds no file name in " + url.to_string() + "; give one with -o");
}

/// Where the body goes: standard output, or a file that appears when it is whole.
class Sink {
 public:
  explicit Sink(std::string path) : path_(std::move(path)) {}
  Result<void> write(Bytes bytes) {
    if (path_.empty() || path_ == "-") return failed_as_sink(net::write_all(STDOUT_FILENO, bytes));
    if (!file_) {
      auto file = net::OutputFile::create(path_);
      if (!file) return failed_as_sink(std::unexpected(file.error()));
      file_.emplace(std::move(*file));
    }
    return failed_as_sink(file_->write(bytes));
  }
  Result<void> commit() { return file_ ? failed_as_sink(file_->commit()) : Result<void>(); }

 private:
  static Result<void> failed_as_sink(Result<void> written) {
    if (written) return written;
    return broken(client::rules::sink_failed, written.error().what);
  }
  std::string path_;
  std::optional<net::OutputFile> file_;
};

void print_outcome(const GetFlags& flags, const client::FetchOutcome& outcome) {
  if (flags.json) return print(report_as_json(outcome) + "\n");
  using client::SecurityLevel;
  const bool quiet = flags.silent && outcome.security.level == SecurityLevel::locked;
  const std::string line = client::verdict_line(outcome.security, locale_is_utf8());
  if (!line.empty() && !quiet) print(line + "\n" + client::verdict_details(outcome.security, net::now().wall));
  const bool told = outcome.security.level == SecurityLevel::broken && outcome.security.error && outcome.error &&
                    outcome.security.error->rule == outcome.error->rule;
  if (outcome.error && !told) print_error(*outcome.error);
}

Result<std::string> output_path(const GetFlags& flags) {
  return flags.remote_name ? remote_name(flags.url) : Result<std::string>(flags.output);
}

int get(const GetFlags& flags) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away is an error of ours to tell (23), not a silent death
  auto prepared = prepare_fetch(flags);
  const auto path = output_path(flags);
  if (!prepared || !path) {
    print_refusal(!prepared ? prepared.error() : path.error());
    return usage;
  }
  if (prepared->key_log) print(key_log_warning(*prepared->key_log));
  Sink sink(*path);
  Progress progress(!flags.silent && ::isatty(STDERR_FILENO) == 1);
  Verbose verbose;
  if (flags.verbose) prepared->options.observer = &verbose;
  prepared->options.on_head = [&](const http::Response& response, client::HttpVersion version) -> Result<void> {
    progress.expect(response);
    return flags.include || flags.head ? sink.write(as_bytes(head_text(response, version))) : sink.write({});
  };
  prepared->options.on_body = [&](Bytes bytes) {
    progress.add(bytes.size());
    return sink.write(bytes);
  };
  prepared->options.sessions = std::make_shared<client::SessionStore>();  // for redirects
  auto outcome = client::fetch(prepared->request, prepared->options);
  progress.end();
  if (!outcome.error) {
    if (auto whole = sink.commit(); !whole) outcome.error = whole.error();
  }
  print_outcome(flags, outcome);
  if (prepared->key_log && prepared->key_log->error()) print_error(*prepared->key_log->error());
  return outcome.exit_code();
}

}  // namespace

void add_get(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("get", "Fetch a URL, with a verdict on how safe it came");
  const auto flags = std::make_shared<GetFlags>();
  add_fetch_flags(*command, *flags);
  command->add_option("-o,--output", flags->output, "Write to this file; it appears when it is whole");
  command->add_flag("-O,--remote-name", flags->remote_name, "Write to a file named as in the URL");
  command->add_flag("-i,--include", flags->include, "Show the response's head before its body");
  command->add_flag("-s,--silent", flags->silent, "No progress, and no verdict where it is [locked]");
  command->add_flag("-v,--verbose", flags->verbose, "Show connections and heads on stderr");
  command->add_flag("--json", flags->json, "The verdict as JSON, on stderr");
  command->callback([flags, &run] { run = [flags] { return get(*flags); }; });
}

}  // namespace padlock::cli
