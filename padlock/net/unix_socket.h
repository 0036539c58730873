#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/net/descriptor.h"

// Sockets in the file system, by which one process of this machine tells another what to do (docs/threats.md, P9).

namespace padlock::net {

/// A listening stream socket with a name, which goes with the object. Whoever may not open its folder cannot reach it.
class UnixListener {
 public:
  /// The folder is made with mode 0700 where it is missing, and the socket has mode 0600; with a `group` they have 0750
  /// and 0660 and belong to it. What a dead process left under this name is replaced.
  /// Errors: rules::unix_socket_in_use, if somebody answers there; ::directory_open_to_others, ::file_unwritable.
  static Result<UnixListener> open(const std::filesystem::path& path, std::optional<gid_t> group = std::nullopt);
  UnixListener(UnixListener&&) noexcept = default;
  UnixListener& operator=(UnixListener&& other) noexcept {
    std::swap(path_, other.path_);  // what was ours goes with the other
    std::swap(socket_, other.socket_);
    std::swap(inode_, other.inode_);
    return *this;
  }
  ~UnixListener();

  const std::filesystem::path& path() const { return path_; }
  /// The socket, for a loop that owns it from then on; the name stays with this object.
  Descriptor take_socket() { return std::move(socket_); }
  /// The name is another process's from now on: it does not go with this object.
  void keep_name() { path_.clear(); }

 private:
  UnixListener(std::filesystem::path path, Descriptor socket, ino_t inode)
      : path_(std::move(path)), socket_(std::move(socket)), inode_(inode) {}
  std::filesystem::path path_;
  Descriptor socket_;
  ino_t inode_;  ///< of the name that we made: another one's is not ours to remove
};

/// A connection to the socket of this name, blocking.
/// Errors: rules::nobody_listens, ::unix_socket_not_permitted, ::socket_failed.
Result<Descriptor> connect_unix(const std::filesystem::path& path);

/// Who is at the other end of a connected Unix socket, as the kernel noted it when it connected.
struct PeerIdentity {
  uid_t user;
  std::vector<gid_t> groups;
};
Result<PeerIdentity> peer_identity(int socket);

/// The number of a group; nothing: this machine has none of that name.
std::optional<gid_t> find_group(const std::string& name);

}  // namespace padlock::net
