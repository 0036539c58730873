#include "padlock/net/service_manager.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <asio/io_context.hpp>
#include <asio/local/datagram_protocol.hpp>

#include "padlock/net/listener.h"
#include "padlock/net/rules.h"

namespace padlock::net {
namespace {

using ::testing::MatchesRegex;

/// What hears a service.
class Manager {
 public:
  explicit Manager(const std::string& path) : socket_(loop_, asio::local::datagram_protocol::endpoint(path)) {}
  std::string hear() {
    std::array<char, 512> room{};
    return {room.data(), socket_.receive(asio::buffer(room))};
  }

 private:
  asio::io_context loop_;
  asio::local::datagram_protocol::socket socket_;
};

TEST(ServiceManager, HearsHowTheServiceFares) {
  const std::string name = "padlock-notify-" + std::to_string(::getpid());
  Manager manager(std::string(1, '\0') + name);
  ::setenv("NOTIFY_SOCKET", ("@" + name).c_str(), 1);
  ::setenv("WATCHDOG_USEC", "3000000", 1);
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  const ServiceManager service = ServiceManager::of_environment();
  EXPECT_EQ(std::getenv("NOTIFY_SOCKET"), nullptr);
  EXPECT_EQ(service.watchdog_time(), std::chrono::seconds(3));
  service.ready("serving");
  EXPECT_EQ(manager.hear(), "READY=1\nSTATUS=serving");
  service.reloading();
  EXPECT_THAT(manager.hear(), MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+"));
  service.alive();
  EXPECT_EQ(manager.hear(), "WATCHDOG=1");
  service.stopping();
  EXPECT_EQ(manager.hear(), "STOPPING=1\nSTATUS=stopping");
}

TEST(ServiceManager, IsThereInAFileToo) {
  const std::string path = std::filesystem::temp_directory_path() / ("padlock-notify-" + std::to_string(::getpid()));
  Manager manager(path);
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  ::setenv("WATCHDOG_USEC", "3000000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  const ServiceManager service = ServiceManager::of_environment();
  service.alive();
  EXPECT_EQ(manager.hear(), "WATCHDOG=1");
  EXPECT_FALSE(service.watchdog_time()) << "another process is watched";
  std::filesystem::remove(path);
  ServiceManager::of_environment().ready("to nobody");
}

TEST(PassedSockets, AreThoseOfThisProcessAlone) {
  ::setenv("LISTEN_PID", "1", 1);
  ::setenv("LISTEN_FDS", "1", 1);
  const auto passed = take_passed_sockets();
  ASSERT_TRUE(passed);
  EXPECT_TRUE(passed->empty());
  EXPECT_EQ(std::getenv("LISTEN_FDS"), nullptr);
}

/// Runs in a process of its own, whose descriptors from 3 on are what is wanted; exits with what `look` gives.
template <class Look>
int with_passed(const Descriptor& first, const Look& look) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(first.get(), 3);
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDS", "1", 1);
    ::setenv("LISTEN_FDNAMES", "https", 1);
    ::_exit(look() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

TEST(PassedSockets, AreListeningTcpSockets) {
  auto listeners = open_listeners(*parse_endpoint("127.0.0.1:0"), 1);
  ASSERT_TRUE(listeners);
  const Endpoint endpoint = local_endpoint(listeners->front());
  EXPECT_EQ(with_passed(listeners->front(),
                        [&] {
                          const auto passed = take_passed_sockets();
                          return passed && passed->size() == 1 && passed->front().name == "https" &&
                                 passed->front().endpoint == endpoint &&
                                 ::fcntl(passed->front().socket.get(), F_GETFD) == FD_CLOEXEC;
                        }),
            0);
  const Descriptor file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(with_passed(file, [] { return take_passed_sockets().error().rule == &rules::passed_socket_unfit; }), 0);
}

}  // namespace
}  // namespace padlock::net
