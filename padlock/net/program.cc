#include "padlock/net/program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>  // kill is POSIX's, not <csignal>'s
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <system_error>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/net/descriptor.h"
#include "padlock/net/limits.h"
#include "padlock/net/rules.h"

namespace padlock::net {
namespace {

using Clock = std::chrono::steady_clock;

std::unexpected<Error> not_started(const ProgramRun& run, int code) {
  return broken(rules::program_not_started,
                "cannot run " + escaped(run.program.native()) + ": " + std::generic_category().message(code));
}

struct Pipe {
  Descriptor from, to;
};

Result<Pipe> open_pipe(const ProgramRun& run) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return not_started(run, errno);
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

/// As execve wants them: pointers into the strings, and a null at the end.
std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// What posix_spawn is told to do in the child: its three descriptors, a session of its own, and no blocked signal.
class SpawnSettings {
 public:
  SpawnSettings(const Pipe& in, const Pipe& out, const Pipe& err) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_adddup2(&actions_, in.from.get(), STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, out.to.get(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, err.to.get(), STDERR_FILENO);
    ::posix_spawnattr_init(&attributes_);
    sigset_t none, usual;
    ::sigemptyset(&none);
    ::sigemptyset(&usual);
    ::sigaddset(&usual, SIGPIPE);  // we ignore it; scripts count on it
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &usual);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

Result<pid_t> spawn(const ProgramRun& run, const SpawnSettings& settings) {
  std::vector<std::string> arguments{run.program.native()};
  arguments.insert(arguments.end(), run.arguments.begin(), run.arguments.end());
  std::vector<std::string> environment = run.environment;
  pid_t child = -1;
  const int code = ::posix_spawn(&child, run.program.c_str(), settings.actions(), settings.attributes(),
                                 pointers_to(arguments).data(), pointers_to(environment).data());
  if (code != 0) return not_started(run, code);
  return child;
}

/// Takes what there is; false: the other end is closed. What is beyond the limit is read and dropped.
bool take(const Descriptor& from, std::string& kept) {
  std::array<char, 4096> piece{};
  const ssize_t count = ::read(from.get(), piece.data(), piece.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  const std::size_t room = limits::program_output_bytes - kept.size();
  kept.append(piece.data(), std::min(room, static_cast<std::size_t>(count)));
  return count > 0;
}

/// Reads both outputs to their ends; false if the time is over before.
bool collect(const Descriptor& out, const Descriptor& err, ProgramOutcome& outcome, Clock::time_point end) {
  std::array<pollfd, 2> open{pollfd{out.get(), POLLIN, 0}, pollfd{err.get(), POLLIN, 0}};
  while (open[0].fd >= 0 || open[1].fd >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0) return false;
    if (::poll(open.data(), open.size(), static_cast<int>(std::min<long long>(left, 60'000))) < 0 && errno != EINTR)
      return false;
    if (open[0].revents != 0 && !take(out, outcome.out)) open[0].fd = -1;
    if (open[1].revents != 0 && !take(err, outcome.err)) open[1].fd = -1;
  }
  return true;
}

/// A program may close its outputs before it ends, so this wait has its end too.
std::optional<int> wait_until(pid_t child, Clock::time_point end) {
  constexpr useconds_t pause = 2000;
  for (int status = 0;;) {
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended == child) return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    if (Clock::now() >= end) return std::nullopt;
    ::usleep(pause);
  }
}

void end_all(pid_t child) {
  ::kill(-child, SIGKILL);  // its session's first group
  ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
}

}  // namespace

Result<ProgramOutcome> run_program(const ProgramRun& run, std::chrono::milliseconds patience) {
  assert(run.input.size() <= limits::program_input_bytes);  // so that it fits into the pipe before anybody reads
  Pipe in = PADLOCK_TRY(open_pipe(run)), out = PADLOCK_TRY(open_pipe(run)), err = PADLOCK_TRY(open_pipe(run));
  const ssize_t given = ::write(in.to.get(), run.input.data(), run.input.size());
  if (given != static_cast<ssize_t>(run.input.size())) return not_started(run, errno);
  const auto end = Clock::now() + patience;
  const pid_t child = PADLOCK_TRY(spawn(run, SpawnSettings(in, out, err)));
  in = {};
  out.to = {};
  err.to = {};
  ProgramOutcome outcome;
  if (collect(out.from, err.from, outcome, end)) {
    if (const auto code = wait_until(child, end)) {
      outcome.exit_code = *code;
      return outcome;
    }
  }
  end_all(child);
  return broken(rules::program_stalled, escaped(run.program.native()) + " did not end within " +
                                            std::to_string(patience.count()) + " ms and was stopped");
}

std::optional<std::filesystem::path> find_program(std::string_view name,
                                                  std::span<const std::filesystem::path> folders) {
  for (const auto& folder : folders) {
    std::error_code error;
    std::filesystem::path file = folder / name;
    if (std::filesystem::is_regular_file(file, error) && ::access(file.c_str(), X_OK) == 0) return file;
  }
  return std::nullopt;
}

}  // namespace padlock::net
