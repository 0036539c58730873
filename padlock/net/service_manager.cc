#include "padlock/net/service_manager.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

#include <asio/local/datagram_protocol.hpp>

#include "padlock/base/text.h"
#include "padlock/net/listener.h"
#include "padlock/net/rules.h"

namespace padlock::net {
namespace {

constexpr int first_passed = 3;              // sd_listen_fds(3): SD_LISTEN_FDS_START
constexpr std::uint64_t most_passed = 1024;  // more would be a mistake

/// A variable, taken out of the environment: it is not meant for programs that we start.
std::optional<std::string> take(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  std::string text(value);
  ::unsetenv(name);
  return text;
}

std::optional<std::uint64_t> take_number(const char* name) {
  const auto text = take(name);
  return text ? parse_decimal(*text) : std::nullopt;
}

std::string microseconds_now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

bool has(int socket, int option, int wanted) {
  int value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(socket, SOL_SOCKET, option, &value, &size) == 0 && value == wanted;
}

bool is_fit(int socket, std::string_view name) {
  const bool ours = has(socket, SO_DOMAIN, AF_INET) || has(socket, SO_DOMAIN, AF_INET6) ||
                    (name == passed_admin_name && has(socket, SO_DOMAIN, AF_UNIX));
  return ours && has(socket, SO_TYPE, SOCK_STREAM) && has(socket, SO_ACCEPTCONN, 1);
}

std::vector<std::string> split(std::string_view text, char between) {
  std::vector<std::string> parts;
  for (std::size_t end = 0; end != std::string_view::npos; text.remove_prefix(std::min(text.size(), end + 1))) {
    end = text.find(between);
    parts.emplace_back(text.substr(0, end));
  }
  return parts;
}

}  // namespace

ServiceManager ServiceManager::of_environment() {
  ServiceManager manager;
  if (const auto keeper = take_number(keeper_variable))
    manager.keeper_ = std::make_shared<const Descriptor>(::fcntl(static_cast<int>(*keeper), F_DUPFD_CLOEXEC, 0));
  manager.socket_ = take("NOTIFY_SOCKET").value_or("");
  const auto time = take_number("WATCHDOG_USEC");
  const auto process = take_number("WATCHDOG_PID");
  const bool ours = !process || *process == static_cast<std::uint64_t>(::getpid());
  if (time && *time > 0 && ours) manager.watchdog_ = std::chrono::microseconds(*time);
  return manager;
}

std::optional<Descriptor> ServiceManager::duplicate_keeper() const {
  if (!keeper_) return std::nullopt;
  Descriptor other(::fcntl(keeper_->get(), F_DUPFD_CLOEXEC, 0));
  return other ? std::optional(std::move(other)) : std::nullopt;
}

void ServiceManager::ready(std::string_view status) const { send("READY=1\nSTATUS=" + std::string(status)); }
void ServiceManager::reloading() const { send("RELOADING=1\nMONOTONIC_USEC=" + microseconds_now()); }
void ServiceManager::stopping() const { send("STOPPING=1\nSTATUS=stopping"); }
void ServiceManager::alive() const { send("WATCHDOG=1"); }

/// A manager that does not listen is its own trouble.
void ServiceManager::send(const std::string& message) const {
  if (keeper_) {
    ::send(keeper_->get(), message.data(), message.size(), MSG_NOSIGNAL);
    return;
  }
  if (socket_.empty()) return;
  std::string path = socket_;
  if (path.front() == '@') path.front() = '\0';
  const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  asio::local::datagram_protocol::endpoint address;
  if (!socket || path.size() >= address.capacity() - sizeof(sa_family_t)) return;
  address.path(path);
  ::sendto(socket.get(), message.data(), message.size(), MSG_NOSIGNAL, address.data(),
           static_cast<socklen_t>(address.size()));
}

Result<std::vector<PassedSocket>> take_passed_sockets() {
  const auto process = take_number("LISTEN_PID"), count = take_number("LISTEN_FDS");
  const auto names = split(take("LISTEN_FDNAMES").value_or(""), ':');
  std::vector<PassedSocket> passed;
  if (!count || process != static_cast<std::uint64_t>(::getpid())) return passed;
  if (*count > most_passed)
    return broken(rules::passed_socket_unfit, "LISTEN_FDS says " + std::to_string(*count) + " sockets");
  passed.reserve(*count);
  for (int at = 0; at < static_cast<int>(*count); ++at) {
    const auto index = static_cast<std::size_t>(at);
    std::string name = index < names.size() ? names[index] : std::string();
    Descriptor socket(first_passed + at);
    if (::fcntl(socket.get(), F_SETFD, FD_CLOEXEC) != 0 || !is_fit(socket.get(), name))
      return broken(rules::passed_socket_unfit, "descriptor " + std::to_string(socket.get()) + " (" + escaped(name) +
                                                    ") is no listening TCP socket");
    const bool is_unix = has(socket.get(), SO_DOMAIN, AF_UNIX);
    const Endpoint endpoint = is_unix ? Endpoint{} : local_endpoint(socket);
    passed.push_back({std::move(socket), std::move(name), endpoint});
  }
  return passed;
}

}  // namespace padlock::net
