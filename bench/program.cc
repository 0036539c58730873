#include "bench/program.h"

#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <utility>

#include "bench/require.h"
#include "padlock/base/text.h"

namespace padlock::bench {
namespace {

constexpr timeval patience{.tv_sec = 60, .tv_usec = 0};  // a case or a round takes milliseconds
constexpr std::size_t longest_answer = 4096;

/// Starts it, found by PATH if it names no folder, with `end` as its stdin and stdout. Returns 0 and sets errno if that
/// fails.
pid_t start(std::string file, std::vector<std::string> arguments, int end) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, end, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, end, STDOUT_FILENO);
  std::vector<char*> words{file.data()};
  words.reserve(arguments.size() + 2);
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  pid_t process = 0;
  errno = posix_spawnp(&process, file.c_str(), &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return errno == 0 ? process : 0;
}

}  // namespace

Program::Program(std::string file, std::vector<std::string> arguments) : file_(std::move(file)) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) failed(std::strerror(errno));
  setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  socket_ = ends[0];
  process_ = start(file_, std::move(arguments), ends[1]);
  if (process_ == 0) failed(std::string("does not start: ") + std::strerror(errno));
  close(ends[1]);  // so that the end of the program is the end of its answers
}

Program::~Program() { stop(); }

void Program::stop() {
  if (process_ == 0) return;
  close(socket_);
  kill(process_, SIGKILL);  // it holds nothing that would be lost
  waitpid(std::exchange(process_, 0), nullptr, 0);
}

std::string Program::ask(const std::string& line) {
  send_line(line + "\n");
  return read_line();
}

void Program::misunderstood(std::string_view answer) { failed("answered '" + escaped(answer.substr(0, 200)) + "'"); }

std::string find_peer(const std::string& peer, const char* variable, const std::string& file) {
  if (const char* const named = std::getenv(variable)) return named;
  std::string built = "build/peers/bin/" + file;
  if (access(built.c_str(), X_OK) == 0) return built;
  std::printf("%s: absent (./dev setup --peers)\n", peer.c_str());
  return {};
}

double Program::measured_round(double budget_ns) {
  const std::string answer = ask("round " + std::to_string(budget_ns));
  std::istringstream words(answer);
  std::string unit;
  double ns = 0;
  if (!(words >> unit >> ns) || !words.eof() || unit != "ns" || ns <= 0) misunderstood(answer);
  return ns;
}

void Program::failed(const std::string& how) {
  stop();
  fail(file_ + " " + how);
}

void Program::send_line(std::string_view line) {
  while (!line.empty()) {
    const ssize_t sent = send(socket_, line.data(), line.size(), MSG_NOSIGNAL);
    if (sent < 0) failed("ended without an answer");
    line.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string Program::read_line() {
  std::size_t end = 0;
  while ((end = unread_.find('\n')) == std::string::npos) {
    std::array<char, 512> piece{};
    const ssize_t count = recv(socket_, piece.data(), piece.size(), 0);
    if (count < 0 && errno == EAGAIN) failed("gave no answer within a minute");
    if (count <= 0) failed("ended without an answer");
    unread_.append(piece.data(), static_cast<std::size_t>(count));
    if (unread_.size() > longest_answer) misunderstood(unread_);
  }
  std::string line = unread_.substr(0, end);
  unread_.erase(0, end + 1);
  return line;
}

}  // namespace padlock::bench
