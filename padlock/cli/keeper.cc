#include "padlock/cli/keeper.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <list>
#include <system_error>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/cli/administration.h"
#include "padlock/cli/command.h"
#include "padlock/cli/hooks.h"
#include "padlock/cli/passed_sockets.h"
#include "padlock/cli/rules.h"
#include "padlock/cli/serve_flags.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/listener.h"
#include "padlock/net/service_manager.h"
#include "padlock/net/unix_socket.h"
#include "padlock/server/server.h"

namespace padlock::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// A worker that ends is started again after this time, which doubles up to the other while it ends at once.
constexpr std::chrono::milliseconds first_pause{100}, longest_pause{10'000};
/// From this age on a worker did not end at once.
constexpr std::chrono::seconds settled_age{60};

constexpr int first_passed = 3;  // sd_listen_fds(3)

struct Worker {
  pid_t process;
  net::Descriptor control;  ///< what it says of itself comes here
  Clock::time_point started = Clock::now();
  bool ready = false;
};

/// What a worker is started with.
struct Passed {
  std::vector<net::Descriptor> sockets;
  std::string names;  ///< one each, with colons between
  void add(net::Descriptor socket, std::string_view name) {
    names.append(names.empty() ? "" : ":").append(name);
    sockets.push_back(std::move(socket));
  }
};

std::vector<std::string> own_arguments() {
  std::ifstream file("/proc/self/cmdline");
  std::vector<std::string> arguments;
  for (std::string one; std::getline(file, one, '\0');) arguments.push_back(std::move(one));
  return arguments;
}

/// Of a process that was to become a worker.
[[noreturn]] void give_up(std::string_view over) {
  print_error("cannot start a worker: " + std::string(over) + ": " + std::generic_category().message(errno));
  ::_exit(failed);
}

void set_variable(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }

class Keeper {
 public:
  Keeper(Passed passed, std::optional<WorkerUser> user, net::ServiceManager manager, HookPrograms hooks)
      : passed_(std::move(passed)), user_(std::move(user)), manager_(std::move(manager)), hooks_(std::move(hooks)) {}
  int run();

 private:
  bool start_worker();
  [[noreturn]] void become_worker(int control);
  bool become_user() const;
  void take_signals();
  void take_news(Worker& worker);
  void on_ready(Worker& worker);
  void reap();
  void on_end(std::list<Worker>::iterator worker, int status);
  void send_all(int signal);
  Worker* current();

  Passed passed_;
  std::optional<WorkerUser> user_;
  net::ServiceManager manager_;
  HookProcesses hooks_;
  std::string program_ = std::filesystem::read_symlink("/proc/self/exe").native();
  std::vector<std::string> arguments_ = own_arguments();
  net::Descriptor signals_;
  std::list<Worker> workers_;  ///< the youngest last
  std::chrono::milliseconds pause_ = first_pause;
  std::optional<Clock::time_point> start_at_;  ///< the next worker, after one that has ended
  bool stopping_ = false;
  bool served_ = false;  ///< a worker was ready once
  int exit_code_ = fine;
};

// ---- starting a worker ----------------------------------------------------------------------------------------------

bool Keeper::start_worker() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) return false;
  net::Descriptor ours(ends[0]);
  const net::Descriptor theirs(ends[1]);
  const pid_t child = ::fork();
  if (child == 0) become_worker(theirs.get());
  if (child < 0) return false;
  workers_.push_back({.process = child, .control = std::move(ours)});
  return true;
}

/// In the new process, which has this thread alone.
void Keeper::become_worker(int control) {
  std::vector<int> numbers;
  numbers.reserve(passed_.sockets.size() + 1);
  for (const net::Descriptor& socket : passed_.sockets) numbers.push_back(socket.get());
  numbers.push_back(control);
  // Out of the way first: a number that is wanted may be another one's.
  const int free_from = first_passed + static_cast<int>(numbers.size());
  for (int& number : numbers) number = ::fcntl(number, F_DUPFD_CLOEXEC, free_from);
  for (std::size_t at = 0; at < numbers.size(); ++at)
    if (numbers[at] < 0 || ::dup2(numbers[at], first_passed + static_cast<int>(at)) < 0) give_up("its sockets");
  set_variable("LISTEN_PID", std::to_string(::getpid()));
  set_variable("LISTEN_FDS", std::to_string(passed_.sockets.size()));
  set_variable("LISTEN_FDNAMES", passed_.names);
  set_variable(net::keeper_variable, std::to_string(first_passed + passed_.sockets.size()));
  if (manager_.watchdog_time()) set_variable("WATCHDOG_USEC", std::to_string(manager_.watchdog_time()->count()));
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);  // what the unit gave us to bind with
  if (!become_user()) give_up("its user");
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  std::vector<char*> arguments;
  arguments.reserve(arguments_.size() + 1);
  for (std::string& one : arguments_) arguments.push_back(one.data());
  arguments.push_back(nullptr);
  ::execv(program_.c_str(), arguments.data());
  give_up("its program");
}

bool Keeper::become_user() const {
  if (!user_) return true;
  set_variable("HOME", user_->home);
  ::unsetenv("XDG_RUNTIME_DIR");
  return ::initgroups(user_->name.c_str(), user_->group) == 0 && ::setgid(user_->group) == 0 &&
         ::setuid(user_->user) == 0;
}

// ---- its life -------------------------------------------------------------------------------------------------------

Worker* Keeper::current() {
  const auto found = std::ranges::find_if(workers_, &Worker::ready);
  return found == workers_.end() ? nullptr : &*found;
}

void Keeper::send_all(int signal) {
  for (const Worker& worker : workers_) ::kill(worker.process, signal);
}

/// What workers say is what a service manager wants to hear; a restart is what they want of us.
void Keeper::take_news(Worker& worker) {
  std::array<char, hook_message_bytes> room{};
  const ssize_t count = ::recv(worker.control.get(), room.data(), room.size(), MSG_DONTWAIT);
  if (count <= 0) {
    worker.control = net::Descriptor();  // it has ended, or is about to
    return;
  }
  const std::string_view text(room.data(), static_cast<std::size_t>(count));
  if (text == net::restart_wanted) {
    start_worker();
    return;
  }
  if (text.starts_with(hook_wanted)) {
    hooks_.start(worker.control.get(), text);
    return;
  }
  const bool old = worker.ready && &worker != current();
  if (!old && !stopping_) manager_.relay(text);
  if (text.starts_with("READY=1") && !worker.ready) on_ready(worker);
}

/// The one before lets its requests come to their end; its sockets are ours, so that nothing in their queues is lost.
void Keeper::on_ready(Worker& worker) {
  served_ = true;
  for (Worker& other : workers_) {
    if (&other == &worker || !other.ready) continue;
    other.ready = false;
    ::kill(other.process, SIGTERM);
  }
  worker.ready = true;
}

void Keeper::take_signals() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    const int signal = static_cast<int>(info.ssi_signo);
    if (signal == SIGCHLD) reap();
    if (signal == SIGUSR2 && !stopping_) start_worker();
    if (signal == SIGHUP || signal == SIGUSR1) {
      if (const Worker* const worker = current()) ::kill(worker->process, signal);
    }
    if (signal != SIGTERM && signal != SIGINT) continue;
    if (!std::exchange(stopping_, true)) manager_.stopping();
    send_all(SIGTERM);
  }
}

void Keeper::reap() {
  int status = 0;
  for (pid_t ended = 0; (ended = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    hooks_.ended(ended);
    const auto worker = std::ranges::find(workers_, ended, &Worker::process);
    if (worker != workers_.end()) on_end(worker, status);
  }
}

void Keeper::on_end(std::list<Worker>::iterator worker, int status) {
  const bool was_current = worker->ready;
  const bool settled = Clock::now() - worker->started >= settled_age;
  const std::string name = "worker " + std::to_string(worker->process);
  workers_.erase(worker);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : failed;
  if (stopping_) {
    exit_code_ = std::max(exit_code_, code);
    return;
  }
  if (!served_) {  // the first one has said what is wrong
    exit_code_ = code;
    stopping_ = true;
    return;
  }
  const std::string how = WIFSIGNALED(status) ? std::string(" was ended by signal ") + std::to_string(WTERMSIG(status))
                                              : " ended with exit code " + std::to_string(code);
  if (current() != nullptr && !was_current) {
    if (code != fine) print_error(name + how + "; the one before it serves on");
    return;
  }
  if (settled) pause_ = first_pause;
  print_error(name + how + "; another one is started in " + std::to_string(pause_.count()) + " ms");
  start_at_ = Clock::now() + pause_;
  pause_ = std::min(pause_ * 2, longest_pause);
}

int Keeper::run() {
  sigset_t taken;
  ::sigemptyset(&taken);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2}) ::sigaddset(&taken, signal);
  ::sigprocmask(SIG_BLOCK, &taken, nullptr);
  signals_ = net::Descriptor(::signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK));
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (!start_worker()) return failed;
  while (!(stopping_ && workers_.empty())) {
    std::vector<pollfd> waits{{.fd = signals_.get(), .events = POLLIN, .revents = 0}};
    waits.reserve(workers_.size() + 1);
    for (const Worker& worker : workers_) waits.push_back({.fd = worker.control.get(), .events = POLLIN, .revents = 0});
    int wait = -1;
    if (start_at_ && !stopping_)
      wait = static_cast<int>(
          std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::milliseconds>(*start_at_ - Clock::now()).count()));
    ::poll(waits.data(), waits.size(), wait);
    auto at = waits.begin();
    for (Worker& worker : workers_) {
      if (++at == waits.end()) break;  // it was started just now
      if (at->revents != 0) take_news(worker);
    }
    if (waits.front().revents != 0) take_signals();
    if (start_at_ && !stopping_ && Clock::now() >= *start_at_) {
      start_at_.reset();
      start_worker();
    }
  }
  return exit_code_;
}

// ---- what is bound --------------------------------------------------------------------------------------------------

/// The user's folders for what is kept and for sockets, as systemd would make them.
Result<void> prepare_state(const WorkerUser& user) {
  const char* const named = std::getenv("XDG_STATE_HOME");
  const std::filesystem::path state = std::filesystem::path(named == nullptr ? "/var/lib" : named);
  set_variable("XDG_STATE_HOME", state.native());
  PADLOCK_TRY(net::make_private_directory(state / "padlock"));
  if (::chown((state / "padlock").c_str(), user.user, user.group) == 0) return {};
  return broken(rules::user_needs_root, "cannot give " + escaped((state / "padlock").native()) + " to " +
                                            escaped(user.name) + ": " + std::generic_category().message(errno));
}

struct Prepared {
  Passed passed;
  std::optional<net::UnixListener> admin;
};

Result<Prepared> prepare(const server::Config& config) {
  Prepared prepared;
  auto given = PADLOCK_TRY(sort_passed_sockets(PADLOCK_TRY(net::take_passed_sockets()), config));
  auto bound = PADLOCK_TRY(server::bind_sockets(server_options(config), std::move(given.bound)));
  const std::uint16_t https_port = net::local_endpoint(bound.https.front()).port;
  for (net::Descriptor& socket : bound.https) prepared.passed.add(std::move(socket), "https");
  for (net::Descriptor& socket : bound.http) prepared.passed.add(std::move(socket), "http");
  prepared.admin = PADLOCK_TRY(open_admin_socket(config.admin, https_port));
  if (prepared.admin) prepared.passed.add(prepared.admin->take_socket(), "admin");
  if (config.admin.listen) {
    auto sockets = PADLOCK_TRY(net::open_listeners(*config.admin.listen, 1));
    prepared.passed.add(std::move(sockets.front()), "metrics");
  }
  return prepared;
}

}  // namespace

Result<WorkerUser> find_worker_user(const std::string& name) {
  std::vector<char> room(std::size_t{16} * 1024);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwnam_r(name.c_str(), &entry, room.data(), room.size(), &found) != 0 || found == nullptr)
    return broken(rules::no_such_user, "this machine has no user " + escaped(name));
  if (::geteuid() != 0 && ::geteuid() != found->pw_uid)
    return broken(rules::user_needs_root, "only root can become " + escaped(name));
  return WorkerUser{name, found->pw_dir, found->pw_uid, found->pw_gid};
}

int keep(const server::Config& config) {
  auto manager = net::ServiceManager::of_environment();
  std::optional<WorkerUser> user;
  if (config.user) {
    auto found = find_worker_user(*config.user);
    if (!found) return serving_stopped_by(found.error());
    if (::geteuid() == 0) {
      if (const auto made = prepare_state(*found); !made) return serving_stopped_by(made.error());
      user = *std::move(found);
    }
  }
  auto prepared = prepare(config);
  if (!prepared) return serving_stopped_by(prepared.error());
  return Keeper(std::move(prepared->passed), std::move(user), std::move(manager), hook_programs(config)).run();
}

bool is_kept_worker() { return std::getenv(net::keeper_variable) != nullptr; }

}  // namespace padlock::cli
