#include "padlock/cli/hooks.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
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
#include "padlock/certs/rules.h"
#include "padlock/cli/command.h"
#include "padlock/dns/name.h"
#include "padlock/net/clock.h"
#include "padlock/net/program.h"

namespace padlock::cli {
namespace {

/// A program that waits for a provider's servers takes a minute; one that takes longer has lost its way.
constexpr std::chrono::seconds hook_patience{120};
/// Whoever runs it tells us when that is over; more would mean that nobody does.
constexpr std::chrono::seconds reply_patience = hook_patience + std::chrono::seconds(10);
constexpr std::chrono::milliseconds look_for_reply{50};
/// What of its output is passed on: its end, which says what became of it.
constexpr std::size_t output_bytes = 4'000;
constexpr std::size_t message_bytes = 8'192;
/// SHA-256 in base64url (RFC 8555, section 8.4).
constexpr std::size_t value_length = 43;
constexpr std::string_view challenge_label = "_acme-challenge.";

std::vector<std::string_view> lines_of(std::string_view text, std::size_t most) {
  std::vector<std::string_view> lines;
  while (lines.size() + 1 < most && text.find('\n') != std::string_view::npos) {
    lines.push_back(text.substr(0, text.find('\n')));
    text.remove_prefix(text.find('\n') + 1);
  }
  lines.push_back(text);
  return lines;
}

/// "7", "present", the name and the value: a request is trusted no more than whoever has taken over a worker.
struct Request {
  std::string number, verb, fqdn, value;
};
std::optional<Request> parse_request(std::string_view text) {
  if (!text.starts_with(hook_wanted)) return std::nullopt;
  const auto lines = lines_of(text.substr(hook_wanted.size()), 5);
  if (lines.size() != 4 || !parse_decimal(lines[0])) return std::nullopt;
  const Request request{std::string(lines[0]), std::string(lines[1]), std::string(lines[2]), std::string(lines[3])};
  const bool verb_known = request.verb == "present" || request.verb == "cleanup";
  const bool name_good = request.fqdn.starts_with(challenge_label) && request.fqdn.ends_with('.') &&
                         dns::Name::parse(request.fqdn).has_value();
  const bool value_good = request.value.size() == value_length && from_base64url(request.value).has_value();
  return verb_known && name_good && value_good ? std::optional(request) : std::nullopt;
}

std::string reply_to(const Request& request, int exit_code, std::string_view text) {
  if (text.size() > output_bytes) text.remove_prefix(text.size() - output_bytes);
  return std::string(hook_wanted) + request.number + "\n" + std::to_string(exit_code) + "\n" + std::string(text);
}

/// What others can change runs with our rights whatever they like.
std::optional<std::string> fault_of(const std::filesystem::path& program) {
  struct stat state{};
  if (::stat(program.c_str(), &state) != 0) return std::generic_category().message(errno);
  if (!S_ISREG(state.st_mode)) return "it is no regular file";
  if (state.st_uid != 0 && state.st_uid != ::geteuid()) return "it belongs to another user";
  if ((state.st_mode & (S_IWGRP | S_IWOTH)) != 0) return "others may write to it: run `chmod go-w` on it";
  return std::nullopt;
}

/// Of a process that was split off: answers until the other end is closed.
[[noreturn]] void serve_hooks(const std::filesystem::path& program, int socket) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2}) std::signal(signal, SIG_IGN);
  std::array<char, message_bytes> room{};
  for (;;) {
    const ssize_t size = ::recv(socket, room.data(), room.size(), 0);
    if (size <= 0) ::_exit(fine);
    const std::string reply = answer_hook(program, std::string_view(room.data(), static_cast<std::size_t>(size)));
    if (!reply.empty()) ::send(socket, reply.data(), reply.size(), MSG_NOSIGNAL);
  }
}

void close_all_but(int kept) {
  constexpr int first = STDERR_FILENO + 1;
  if (kept > first) ::close_range(first, static_cast<unsigned>(kept - 1), 0);
  ::close_range(static_cast<unsigned>(kept + 1), ~0U, 0);
}

Result<net::Descriptor> split_off(const std::filesystem::path& program) {
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
  serve_hooks(program, theirs.get());
}

}  // namespace

std::string answer_hook(const std::filesystem::path& program, std::string_view request) {
  const auto asked = parse_request(request);
  if (!asked) return {};
  if (program.empty()) return reply_to(*asked, failed, "no program is named in [acme]");
  if (const auto fault = fault_of(program)) return reply_to(*asked, failed, escaped(program.native()) + ": " + *fault);
  const net::ProgramRun run{
      .program = program,
      .arguments = {asked->verb, asked->fqdn, asked->value},
      .environment = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"},
      .input = {}};
  const auto outcome = net::run_program(run, hook_patience);
  if (!outcome) return reply_to(*asked, failed, outcome.error().what);
  return reply_to(*asked, outcome->exit_code, outcome->out + outcome->err);
}

Result<std::unique_ptr<Hooks>> Hooks::open(const std::filesystem::path& program, const net::ServiceManager& manager) {
  if (auto keeper = manager.duplicate_keeper()) return std::make_unique<Hooks>(*std::move(keeper));
  return std::make_unique<Hooks>(PADLOCK_TRY(split_off(program)));
}

void Hooks::take_replies() {
  std::array<char, message_bytes> room{};
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
  const std::uint64_t number = ++last_;
  const std::string what = std::string(name_of(call.verb)) + " " + call.fqdn;
  const std::string request = std::string(hook_wanted) + std::to_string(number) + "\n" +
                              std::string(name_of(call.verb)) + "\n" + call.fqdn + "\n" + call.value;
  if (::send(other_.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0)
    co_return broken(certs::rules::hook_not_run, "nobody is there to run the program for `" + what + "`");
  const auto end = net::deadline_in(reply_patience);
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
  co_return broken(certs::rules::hook_failed, "the program ended `" + what + "` with " + escaped(lines.front()) +
                                                  (last.empty() ? std::string() : ": " + escaped(last)));
}

}  // namespace padlock::cli
