#include "padlock/net/sandbox.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "padlock/net/descriptor.h"
#include "padlock/net/listener.h"

namespace padlock::net {
namespace {

namespace fs = std::filesystem;

/// What a taken-over worker would try; each is done in a process of its own that has entered the sandbox before.
class Sandboxed : public ::testing::Test {
 protected:
  Sandboxed() {
    fs::create_directories(folder_ / "site");
    fs::create_directories(folder_ / "state");
    std::ofstream(folder_ / "site" / "index.html") << "hello";
    std::ofstream(folder_ / "outside.txt") << "secret";
  }
  ~Sandboxed() override { fs::remove_all(folder_); }

  /// The `errno` of what was tried; 0: it went.
  int attempt(const std::function<bool()>& crime) const {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto entered =
          enter_sandbox({.read = {folder_ / "site"}, .write = {folder_ / "state"}, .connect_ports = {{443}}});
      if (!entered) ::_exit(200);
      errno = 0;
      const bool done = crime();
      ::_exit(done ? 0 : errno);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 201;
  }
  static bool has_landlock() { return enter_in_child().landlock > 0; }
  static Sandbox enter_in_child() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe(ends.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      const auto entered = enter_sandbox({});
      const int landlock = entered ? entered->landlock : -1;
      ::_exit(::write(ends[1], &landlock, sizeof landlock) == sizeof landlock ? 0 : 1);
    }
    Sandbox sandbox;
    EXPECT_EQ(::read(ends[0], &sandbox.landlock, sizeof sandbox.landlock), sizeof sandbox.landlock);
    ::waitpid(child, nullptr, 0);
    ::close(ends[0]);
    ::close(ends[1]);
    return sandbox;
  }

  fs::path folder_ = fs::temp_directory_path() / ("padlock-sandbox-" + std::to_string(::getpid()));
};

bool opens(const fs::path& path, int flags) { return static_cast<bool>(Descriptor(::open(path.c_str(), flags, 0600))); }

bool binds(const char* address) {
  const auto listeners = open_listeners(*parse_endpoint(address), 1);
  return listeners.has_value();
}

TEST_F(Sandboxed, ExecutesNothing) {  // docs/threats.md, P7
  EXPECT_EQ(attempt([] { return ::execl("/bin/true", "true", nullptr) == 0; }), EPERM);
  EXPECT_EQ(attempt([] {
              const pid_t child = ::fork();
              if (child == 0) ::_exit(0);
              return child > 0;
            }),
            EPERM);
}

TEST_F(Sandboxed, LooksIntoNoProcess) {
  EXPECT_EQ(attempt([] { return ::ptrace(PTRACE_ATTACH, ::getppid(), nullptr, nullptr) == 0; }), EPERM);
  EXPECT_EQ(attempt([] { return ::kill(::getppid(), 0) == 0; }), EPERM);
  EXPECT_EQ(attempt([] { return ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0; }), 0);
}

TEST_F(Sandboxed, BindsNothing) {
  EXPECT_EQ(attempt([] { return binds("127.0.0.1:999"); }), EPERM);
  EXPECT_EQ(attempt([] { return binds("127.0.0.1:0"); }), EPERM);
}

TEST_F(Sandboxed, BecomesNobodyElse) {
  EXPECT_EQ(attempt([] { return ::setresuid(0, 0, 0) == 0; }), EPERM);
}

TEST_F(Sandboxed, OpensWhatIsItsOwnAlone) {
  if (!has_landlock()) GTEST_SKIP() << "this kernel has no Landlock";
  EXPECT_EQ(attempt([] { return opens("/etc/shadow", O_RDONLY); }), EACCES);
  EXPECT_EQ(attempt([this] { return opens(folder_ / "outside.txt", O_RDONLY); }), EACCES);
  EXPECT_EQ(attempt([this] { return opens(folder_ / "site" / "index.html", O_RDONLY); }), 0);
  EXPECT_EQ(attempt([this] { return opens(folder_ / "site" / "index.html", O_WRONLY); }), EACCES);
  EXPECT_EQ(attempt([this] { return opens(folder_ / "site" / "new.html", O_WRONLY | O_CREAT); }), EACCES);
  EXPECT_EQ(attempt([this] { return opens(folder_ / "state" / "new", O_WRONLY | O_CREAT); }), 0);
  EXPECT_EQ(
      attempt([this] { return ::rename((folder_ / "state" / "new").c_str(), (folder_ / "state" / "n").c_str()) == 0; }),
      0);
}

TEST_F(Sandboxed, ConnectsToThePortsThatItNeedsAlone) {
  if (enter_in_child().landlock < 4) GTEST_SKIP() << "this kernel's Landlock knows no ports";
  const auto listener = open_listeners(*parse_endpoint("127.0.0.1:0"), 1);
  ASSERT_TRUE(listener);
  const auto connects = [](std::uint16_t port) {
    const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;  // NOLINT
  };
  const std::uint16_t port = local_endpoint(listener->front()).port;
  EXPECT_EQ(attempt([&] { return connects(port); }), EACCES);
  EXPECT_NE(attempt([&] { return connects(443); }), EACCES);
}

TEST_F(Sandboxed, GoesOnServing) {
  EXPECT_EQ(attempt([] {
              bool ran = false;
              std::thread([&ran] { ran = true; }).join();
              return ran && ::kill(::getpid(), 0) == 0;
            }),
            0);
}

}  // namespace
}  // namespace padlock::net
