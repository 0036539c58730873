#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/net/address.h"
#include "padlock/net/descriptor.h"

// What systemd and its like tell a service and want to hear from it: sd_notify(3) and sd_listen_fds(3), which are a
// datagram and an environment, so that no library is needed.

namespace padlock::net {

/// The descriptor on which a worker's keeper hears it; a keeper is its worker's service manager.
inline constexpr const char* keeper_variable = "PADLOCK_KEEPER";
/// What a worker says to its keeper when another worker is to take its place.
inline constexpr std::string_view restart_wanted = "RESTART=1";

/// Tells the service manager how this process fares; without one nothing happens.
class ServiceManager {
 public:
  /// Reads NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID and PADLOCK_KEEPER, and takes them out of the environment.
  static ServiceManager of_environment();

  void ready(std::string_view status) const;
  void reloading() const;
  void stopping() const;
  /// This process is at work: to be said twice within each watchdog_time.
  void alive() const;
  /// What another process said, as it is.
  void relay(std::string_view message) const { send(std::string(message)); }
  /// It is a keeper, which can put another process in our place.
  bool is_keeper() const { return keeper_ != nullptr; }
  /// Another descriptor of the way to the keeper; nothing: there is none, or no descriptor is left.
  std::optional<Descriptor> duplicate_keeper() const;
  void ask_for_restart() const { send(std::string(restart_wanted)); }
  /// After how long without `alive` we are ended; nothing: nobody waits for that.
  std::optional<std::chrono::microseconds> watchdog_time() const { return watchdog_; }

 private:
  void send(const std::string& message) const;
  std::shared_ptr<const Descriptor> keeper_;  ///< null: none
  std::string socket_;  ///< empty: there is nobody; '@' in front: a name that is in no file system
  std::optional<std::chrono::microseconds> watchdog_;
};

/// A listening socket that this process was started with: of TCP, or a Unix socket of this name.
inline constexpr std::string_view passed_admin_name = "admin";
struct PassedSocket {
  Descriptor socket;
  std::string name;   ///< FileDescriptorName= of its unit; may be empty
  Endpoint endpoint;  ///< nothing for a Unix socket
};

/// The sockets of LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES, which are taken out of the environment; none: we were not
/// started by one. Error: rules::passed_socket_unfit, if one of them is no such socket.
Result<std::vector<PassedSocket>> take_passed_sockets();

}  // namespace padlock::net
