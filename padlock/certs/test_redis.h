#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include "padlock/certs/local_issuer.h"
#include "padlock/certs/redis_settings.h"
#include "padlock/certs/seal.h"
#include "padlock/net/test_loop.h"

// For tests: a redis-server of Debian's on a free port of 127.0.0.1, plain or with TLS by our local CA, which ends with
// its object. It keeps nothing on the disk.
namespace padlock::certs::testing {

class RedisServer {
 public:
  explicit RedisServer(bool tls, std::vector<std::string> more = {})
      : folder_(std::filesystem::path(::testing::TempDir()) / ("padlock-redis-" + std::to_string(::getpid()))),
        tls_(tls),
        more_(std::move(more)),
        port_(free_port()) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    if (tls_) make_certificate();
    const auto made = make_seal_key(folder_ / "seal.key", *provider_);
    EXPECT_TRUE(made) << made.error().to_string();
    start();
  }
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;
  ~RedisServer() {
    stop();
    std::filesystem::remove_all(folder_);
  }

  static bool is_installed() { return ::access(program, X_OK) == 0; }
  const std::filesystem::path& folder() const { return folder_; }
  std::uint16_t port() const { return port_; }
  RedisSettings settings() const {
    using namespace std::chrono_literals;
    RedisSettings settings{.host = "localhost", .port = port_, .tls = tls_};
    if (tls_) settings.ca_files = {(folder_ / "state" / "ca" / "root.pem").native()};
    settings.seal_key = folder_ / "seal.key";
    settings.patience = 5s;  // a busy machine
    return settings;
  }
  void signal(int number) const { ::kill(process_, number); }
  void stop() {
    if (process_ <= 0) return;
    signal(SIGKILL);
    int status = 0;
    ::waitpid(process_, &status, 0);
    process_ = 0;
  }
  void start() {
    process_ = ::fork();
    if (process_ == 0) run();
    for (int tries = 0; tries < 2000 && !accepts(); ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(accepts());
  }

 private:
  static constexpr const char* program = "/usr/bin/redis-server";

  [[noreturn]] void run() {
    const std::string port = std::to_string(port_);
    std::vector<std::string> arguments{program, "--bind",       "127.0.0.1", "::1",   "--save",
                                       "",      "--appendonly", "no",        "--dir", folder_.native()};
    const std::vector<std::string> plain{"--port", port};
    const std::vector<std::string> secure{"--port",
                                          "0",
                                          "--tls-port",
                                          port,
                                          "--tls-cert-file",
                                          (folder_ / "chain.pem").native(),
                                          "--tls-key-file",
                                          (folder_ / "key.pem").native(),
                                          "--tls-ca-cert-file",
                                          (folder_ / "state" / "ca" / "root.pem").native(),
                                          "--tls-auth-clients",
                                          "no"};
    const auto& own = tls_ ? secure : plain;
    arguments.insert(arguments.end(), own.begin(), own.end());
    arguments.insert(arguments.end(), more_.begin(), more_.end());
    std::vector<char*> texts;
    texts.reserve(arguments.size() + 1);
    for (std::string& one : arguments) texts.push_back(one.data());
    texts.push_back(nullptr);
    const int log = ::open((folder_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(log, 1);
    ::dup2(log, 2);
    ::execv(program, texts.data());
    ::_exit(127);
  }

  void make_certificate() {
    LocalCaIssuer issuer(folder_ / "state", *provider_);
    asio::io_context loop;
    const IssueRequest request{{"localhost", "127.0.0.1"}, "", ""};
    const auto entry = net::testing::run(loop, issuer.issue(request));
    ASSERT_TRUE(entry) << entry.error().to_string();
    std::ofstream(folder_ / "chain.pem") << entry->chain_pem;
    std::ofstream(folder_ / "key.pem") << as_text(entry->key_pem.reveal());
  }

  static asio::ip::tcp::endpoint loopback(std::uint16_t port) { return {asio::ip::address_v4::loopback(), port}; }
  static std::uint16_t free_port() {
    asio::io_context loop;
    return asio::ip::tcp::acceptor(loop, loopback(0)).local_endpoint().port();
  }
  bool accepts() const {
    asio::io_context loop;
    asio::ip::tcp::socket socket(loop);
    std::error_code refused;
    socket.connect(loopback(port_), refused);
    return !refused;
  }

  std::filesystem::path folder_;
  bool tls_;
  std::vector<std::string> more_;
  std::uint16_t port_;
  pid_t process_ = 0;
  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
};

}  // namespace padlock::certs::testing
