#pragma once

#include <chrono>
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

/// Tells the service manager how this process fares; without one nothing happens.
class ServiceManager {
 public:
  /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, and takes them out of the environment.
  static ServiceManager of_environment();

  void ready(std::string_view status) const;
  void reloading() const;
  void stopping() const;
  /// This process is at work: to be said twice within each watchdog_time.
  void alive() const;
  /// After how long without `alive` we are ended; nothing: nobody waits for that.
  std::optional<std::chrono::microseconds> watchdog_time() const { return watchdog_; }

 private:
  void send(const std::string& message) const;
  std::string socket_;  ///< empty: there is nobody; '@' in front: a name that is in no file system
  std::optional<std::chrono::microseconds> watchdog_;
};

/// A listening TCP socket that this process was started with.
struct PassedSocket {
  Descriptor socket;
  std::string name;  ///< FileDescriptorName= of its unit; may be empty
  Endpoint endpoint;
};

/// The sockets of LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES, which are taken out of the environment; none: we were not
/// started by one. Error: rules::passed_socket_unfit, if one of them is no listening TCP socket.
Result<std::vector<PassedSocket>> take_passed_sockets();

}  // namespace padlock::net
