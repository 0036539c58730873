#include "padlock/net/unix_socket.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <system_error>
#include <utility>

#include <asio/local/stream_protocol.hpp>

#include "padlock/base/text.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/rules.h"

namespace padlock::net {
namespace {

constexpr mode_t socket_mode = 0600, group_socket_mode = 0660;
constexpr mode_t group_folder_mode = 0750;
constexpr int backlog = 16;  // people and their scripts, not clients

std::unexpected<Error> socket_cannot(const Rule& rule, std::string_view verb, const std::filesystem::path& path) {
  const int code = errno;
  return broken(rule, "cannot " + std::string(verb) + " " + escaped(path.native()) + ": " +
                          std::generic_category().message(code));
}

Descriptor new_socket() { return Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

/// A Unix socket's address holds 107 characters; below an open folder every name is short.
class Address {
 public:
  static Result<Address> of(const std::filesystem::path& path, std::string_view wish) {
    Address made;
    std::string text = path.native();
    if (text.size() > most_characters) {
      made.folder_ = Descriptor(::open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
      if (!made.folder_) return socket_cannot(rules::nobody_listens, wish, path);
      text = "/proc/self/fd/" + std::to_string(made.folder_.get()) + "/" + path.filename().native();
    }
    if (text.size() > most_characters)
      return broken(rules::file_unwritable, "the name " + escaped(path.native()) + " is too long for a socket");
    made.address_ = asio::local::stream_protocol::endpoint(text);
    return made;
  }
  const sockaddr* data() const { return address_.data(); }
  socklen_t size() const { return static_cast<socklen_t>(address_.size()); }

 private:
  static constexpr std::size_t most_characters = sizeof(sockaddr_un::sun_path) - 1;
  Address() = default;
  asio::local::stream_protocol::endpoint address_;
  Descriptor folder_;
};

std::optional<ino_t> inode_of(const std::filesystem::path& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) return std::nullopt;
  return status.st_ino;
}

/// The folder of an administration's socket, made where it is missing: nobody else gets in, but the group if there is
/// one.
Result<void> prepare_folder(const std::filesystem::path& folder, std::optional<gid_t> group) {
  struct stat status{};
  const bool there = ::stat(folder.c_str(), &status) == 0;
  const bool is_the_groups = there && group && status.st_gid == *group && (status.st_mode & 0777U) == group_folder_mode;
  if (!is_the_groups) PADLOCK_TRY(make_private_directory(folder));
  if (::stat(folder.c_str(), &status) != 0) return socket_cannot(rules::file_unwritable, "open folder", folder);
  if (status.st_uid != ::geteuid() && status.st_uid != 0)
    return broken(rules::directory_open_to_others, escaped(folder.native()) + " belongs to another user");
  if (is_the_groups || !group) return {};
  const bool given =
      ::chown(folder.c_str(), static_cast<uid_t>(-1), *group) == 0 && ::chmod(folder.c_str(), group_folder_mode) == 0;
  if (!given) return socket_cannot(rules::file_unwritable, "give to the group the folder", folder);
  return {};
}

/// The mode is set before the socket has a name, so that it is never open to others.
Result<Descriptor> bind_under(const std::filesystem::path& path, std::optional<gid_t> group) {
  const auto address = PADLOCK_TRY(Address::of(path, "make the socket"));
  Descriptor socket = new_socket();
  const bool bound =
      socket && ::fchmod(socket.get(), socket_mode) == 0 && ::bind(socket.get(), address.data(), address.size()) == 0;
  if (!bound) return socket_cannot(rules::file_unwritable, "make the socket", path);
  if (group) {
    const bool given =
        ::lchown(path.c_str(), static_cast<uid_t>(-1), *group) == 0 && ::chmod(path.c_str(), group_socket_mode) == 0;
    if (!given) return socket_cannot(rules::file_unwritable, "give to the group the socket", path);
  }
  if (::listen(socket.get(), backlog) != 0) return socket_cannot(rules::socket_failed, "listen on", path);
  return socket;
}

}  // namespace

Result<UnixListener> UnixListener::open(const std::filesystem::path& path, std::optional<gid_t> group) {
  const auto folder = std::filesystem::absolute(path).parent_path();
  PADLOCK_TRY(prepare_folder(folder, group));
  // Two servers that start at once must not each take the other's socket for a dead one's.
  Descriptor lock(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock || ::flock(lock.get(), LOCK_EX) != 0) return socket_cannot(rules::file_unwritable, "lock", folder);
  if (connect_unix(path))
    return broken(rules::unix_socket_in_use, "another server answers on " + escaped(path.native()));
  struct stat status{};
  const bool there = ::lstat(path.c_str(), &status) == 0;
  if (there && !S_ISSOCK(status.st_mode))
    return broken(rules::file_unwritable, escaped(path.native()) + " is there already, and is no socket");
  if (there && ::unlink(path.c_str()) != 0) return socket_cannot(rules::file_unwritable, "replace", path);
  Descriptor socket = PADLOCK_TRY(bind_under(path, group));
  return UnixListener(std::filesystem::absolute(path), std::move(socket), inode_of(path).value_or(0));
}

UnixListener::~UnixListener() {
  if (!path_.empty() && inode_of(path_) == inode_) ::unlink(path_.c_str());
}

Result<Descriptor> connect_unix(const std::filesystem::path& path) {
  const auto address = PADLOCK_TRY(Address::of(path, "connect to"));
  Descriptor socket = new_socket();
  if (socket && ::connect(socket.get(), address.data(), address.size()) == 0) return socket;
  const bool nobody = errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR;
  const bool forbidden = errno == EACCES || errno == EPERM;
  return socket_cannot(nobody      ? rules::nobody_listens
                       : forbidden ? rules::unix_socket_not_permitted
                                   : rules::socket_failed,
                       "connect to", path);
}

Result<PeerIdentity> peer_identity(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
    return broken(rules::socket_failed, "cannot tell who connects: " + std::generic_category().message(errno));
  PeerIdentity peer{.user = credentials.uid, .groups = {credentials.gid}};
  std::vector<gid_t> further(256);
  size = static_cast<socklen_t>(further.size() * sizeof(gid_t));
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, further.data(), &size) == 0)
    peer.groups.insert(peer.groups.end(), further.begin(),
                       further.begin() + static_cast<std::ptrdiff_t>(size / sizeof(gid_t)));
  return peer;
}

std::optional<gid_t> find_group(const std::string& name) {
  std::vector<char> room(std::size_t{16} * 1024);
  group entry{};
  group* found = nullptr;
  if (::getgrnam_r(name.c_str(), &entry, room.data(), room.size(), &found) != 0 || found == nullptr)
    return std::nullopt;
  return found->gr_gid;
}

}  // namespace padlock::net
