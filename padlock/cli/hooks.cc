#include "padlock/cli/hooks.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/base/text.h"
#include "padlock/certs/certificate_event.h"
#include "padlock/certs/rules.h"
#include "padlock/cli/command.h"
#include "padlock/dns/name.h"
#include "padlock/net/clock.h"
#include "padlock/net/program.h"

namespace padlock::cli {
namespace {

/// A program that waits for a provider's servers takes a minute; one that takes longer has lost its way. One that tells
/// somebody something has less to do.
constexpr std::chrono::seconds dns_patience{120}, event_patience{30};
/// Whoever runs it tells us when that is over; more would mean that nobody does.
constexpr std::chrono::seconds reply_grace{10};
constexpr std::chrono::milliseconds look_for_reply{50};
/// What of its output is passed on: its end, which says what became of it.
constexpr std::size_t output_bytes = 4'000;
/// As many orders as are under way, an event, and those of a worker that this one takes the place of.
constexpr std::size_t most_processes = 16;
/// SHA-256 in base64url (RFC 8555, section 8.4).
constexpr std::size_t value_length = 43;
constexpr std::string_view challenge_label = "_acme-challenge.", event_verb = "event";

std::vector<std::string_view> lines_of(std::string_view text, std::size_t most) {
  std::vector<std::string_view> lines;
  while (lines.size() + 1 < most && text.find('\n') != std::string_view::npos) {
    lines.push_back(text.substr(0, text.find('\n')));
    text.remove_prefix(text.find('\n') + 1);
  }
  lines.push_back(text);
  return lines;
}

/// What a request asks for, once it was checked: it is trusted no more than whoever has taken over a worker.
struct Request {
  std::string number;
  net::ProgramRun run;
  std::chrono::seconds patience{};
};

/// Of records: a verb, a name and a value.
bool is_call(std::string_view verb, std::string_view fqdn, std::string_view value) {
  const bool verb_known = verb == "present" || verb == "cleanup";
  const bool name_good = fqdn.starts_with(challenge_label) && fqdn.ends_with('.') && dns::Name::parse(fqdn).has_value();
  const bool value_good = value.size() == value_length && from_base64url(value).has_value();
  return verb_known && name_good && value_good;
}

/// "7", "present", the name and the value; or "7", "event" and the event: a line each.
std::optional<Request> parse_request(const HookPrograms& programs, std::string_view text) {
  if (!text.starts_with(hook_wanted)) return std::nullopt;
  const auto lines = lines_of(text.substr(hook_wanted.size()), 5);
  if (lines.size() < 3 || !parse_decimal(lines[0])) return std::nullopt;
  Request request{
      .number = std::string(lines[0]),
      .run = {.program = {},
              .arguments = {},
              .environment = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"},
              .input = {}}};
  const auto kind = lines.size() == 3 ? certs::kind_of_event(lines[2]) : std::nullopt;
  if (kind && lines[1] == event_verb) {
    request.run.program = programs.events;
    request.run.arguments = {std::string(name_of(*kind))};
    request.run.input = std::string(lines[2]) + "\n";
    request.patience = event_patience;
    return request;
  }
  if (lines.size() != 4 || !is_call(lines[1], lines[2], lines[3])) return std::nullopt;
  request.run.program = programs.dns;
  request.run.arguments.assign(lines.begin() + 1, lines.end());
  request.patience = dns_patience;
  return request;
}

std::string reply_to(const Request& request, int exit_code, std::string_view text) {
  if (text.size() > output_bytes) text.remove_prefix(text.size() - output_bytes);
  return std::string(hook_wanted) + request.number + "\n" + std::to_string(exit_code) + "\n" + std::string(text);
}

/// Of a process that was split off: answers until the other end is closed.
[[noreturn]] void serve_hooks(HookPrograms programs, int socket) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2}) std::signal(signal, SIG_IGN);
  HookProcesses processes(std::move(programs));
  std::array<char, hook_message_bytes> room{};
  for (;;) {
    const ssize_t size = ::recv(socket, room.data(), room.size(), 0);
    if (size <= 0) ::_exit(fine);
    for (pid_t ended = 0; (ended = ::waitpid(-1, nullptr, WNOHANG)) > 0;) processes.ended(ended);
    processes.start(socket, std::string_view(room.data(), static_cast<std::size_t>(size)));
  }
}

void close_all_but(int kept) {
  constexpr int first = STDERR_FILENO + 1;
  if (kept > first) ::close_range(first, static_cast<unsigned>(kept - 1), 0);
  ::close_range(static_cast<unsigned>(kept + 1), ~0U, 0);
}

Result<net::Descriptor> split_off(const HookPrograms& programs) {
  std::array<int, 2> ends{-1, -1};
  const auto not_run = [] {
    return broken(certs::rules::hook_not_run,
                  "there is no process for programs: " + std::generic_category().message(errno));
  };
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) return not_run();
  net::Descriptor ours(ends[0]), theirs(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return not_run();
  if (child > 0) return ours;
  close_all_but(theirs.get());
  serve_hooks(programs, theirs.get());
}

}  // namespace

HookPrograms hook_programs(const server::Config& config) {
  return {.dns = config.acme ? config.acme->dns_hook : std::string(),
          .events = config.on_event ? config.on_event->program : std::string()};
}

/// What others can change runs with our rights whatever they like.
std::optional<std::string> fault_of_program(const std::filesystem::path& program) {
  struct stat state{};
  if (::stat(program.c_str(), &state) != 0) return std::generic_category().message(errno);
  if (!S_ISREG(state.st_mode)) return "it is no regular file";
  if (state.st_uid != 0 && state.st_uid != ::geteuid()) return "it belongs to another user";
  if ((state.st_mode & (S_IWGRP | S_IWOTH)) != 0) return "others may write to it: run `chmod go-w` on it";
  if ((state.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0) return "it is not executable: run `chmod +x` on it";
  return std::nullopt;
}

std::string answer_hook(const HookPrograms& programs, std::string_view request) {
  const auto asked = parse_request(programs, request);
  if (!asked) return {};
  const std::filesystem::path& program = asked->run.program;
  if (program.empty()) return reply_to(*asked, failed, "the configuration names no such program");
  if (const auto fault = fault_of_program(program))
    return reply_to(*asked, failed, escaped(program.native()) + ": " + *fault);
  const auto outcome = net::run_program(asked->run, asked->patience);
  if (!outcome) return reply_to(*asked, failed, outcome.error().what);
  return reply_to(*asked, outcome->exit_code, outcome->out + outcome->err);
}

void HookProcesses::start(int socket, std::string_view request) {
  if (running_.size() >= most_processes) return;
  const pid_t child = ::fork();
  if (child > 0) running_.insert(child);
  if (child != 0) return;
  const std::string reply = answer_hook(programs_, request);
  if (!reply.empty()) ::send(socket, reply.data(), reply.size(), MSG_NOSIGNAL);
  ::_exit(fine);
}

// ---- a worker's side ------------------------------------------------------------------------------------------------

Result<std::unique_ptr<Hooks>> Hooks::open(const HookPrograms& programs, const net::ServiceManager& manager) {
  if (auto keeper = manager.duplicate_keeper()) return std::make_unique<Hooks>(*std::move(keeper));
  return std::make_unique<Hooks>(PADLOCK_TRY(split_off(programs)));
}

void Hooks::take_replies() {
  std::array<char, hook_message_bytes> room{};
  for (;;) {
    const ssize_t size = ::recv(other_.get(), room.data(), room.size(), MSG_DONTWAIT);
    if (size <= 0) return;
    const std::string_view text(room.data(), static_cast<std::size_t>(size));
    if (!text.starts_with(hook_wanted)) continue;
    const auto lines = lines_of(text.substr(hook_wanted.size()), 2);
    const auto number = parse_decimal(lines.front());
    if (number && lines.size() == 2) replies_.insert_or_assign(*number, std::string(lines[1]));
  }
}

net::Awaitable<Result<void>> Hooks::run(certs::HookCall call) {
  const std::string verb(name_of(call.verb));
  std::string what = verb + " " + call.fqdn;
  std::string request = verb + "\n" + call.fqdn + "\n" + call.value;
  co_return co_await ask(std::move(request), std::move(what), dns_patience, certs::rules::hook_failed);
}

net::Awaitable<Result<void>> Hooks::tell(std::string event) {
  const auto kind = certs::kind_of_event(event);
  std::string what = kind ? std::string(name_of(*kind)) : std::string(event_verb);
  std::string request = std::string(event_verb) + "\n" + event;
  co_return co_await ask(std::move(request), std::move(what), event_patience, certs::rules::event_program_failed);
}

/// `request` without its number.
net::Awaitable<Result<void>> Hooks::ask(std::string request, std::string what, std::chrono::seconds patience,
                                        const Rule& failure) {
  const std::uint64_t number = ++last_;
  const std::string message = std::string(hook_wanted) + std::to_string(number) + "\n" + request;
  if (::send(other_.get(), message.data(), message.size(), MSG_NOSIGNAL) < 0)
    co_return broken(certs::rules::hook_not_run, "nobody is there to run the program for `" + what + "`");
  const auto end = net::deadline_in(patience + reply_grace);
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (take_replies(); !replies_.contains(number); take_replies()) {
    if (std::chrono::steady_clock::now() >= end)
      co_return broken(certs::rules::hook_not_run, "nobody has run the program for `" + what + "`");
    timer.expires_after(look_for_reply);
    std::error_code woken;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  const std::string reply = std::move(replies_.extract(number).mapped());
  const auto lines = lines_of(reply, 2);
  const bool good = lines.front() == "0";
  std::string_view output = lines.size() == 2 ? lines[1] : std::string_view();
  while (output.ends_with('\n')) output.remove_suffix(1);
  std::string_view last = output;
  while (!output.empty()) {
    last = output.substr(0, output.find('\n'));
    say("hook " + what + ": " + escaped(last) + "\n");
    output.remove_prefix(std::min(output.size(), last.size() + 1));
  }
  if (good) co_return Result<void>();
  co_return broken(failure, "the program ended `" + what + "` with " + escaped(lines.front()) +
                                (last.empty() ? std::string() : ": " + escaped(last)));
}

}  // namespace padlock::cli
