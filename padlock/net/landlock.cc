// Landlock, as https://docs.kernel.org/userspace-api/landlock.html describes it. Debian 12's header ends at version 2
// of an interface that grows: its constants are our own here, and the kernel is asked which of them it knows.
#include "padlock/net/landlock.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "padlock/base/text.h"
#include "padlock/net/descriptor.h"
#include "padlock/net/rules.h"

namespace padlock::net {
namespace {

// Rights to files; each interface version adds some.
constexpr std::uint64_t execute = 1U << 0U, write_files = 1U << 1U, read_files = 1U << 2U, read_dir = 1U << 3U;
constexpr std::uint64_t all_files_1 = (1U << 13U) - 1;  // up to make_sym
constexpr std::uint64_t refer = 1U << 13U;              // version 2: rename and link between folders
constexpr std::uint64_t truncate = 1U << 14U;           // version 3
constexpr std::uint64_t ioctl_dev = 1U << 15U;          // version 5

// Rights to TCP ports, from version 4 on.
constexpr std::uint64_t bind_tcp = 1U << 0U, connect_tcp = 1U << 1U;

// What must not reach out of the sandbox, from version 6 on: abstract Unix sockets are left, as service managers listen
// there.
constexpr std::uint64_t scope_signal = 1U << 1U;

struct RulesetAttributes {
  std::uint64_t handled_access_fs;
  std::uint64_t handled_access_net;  // version 4
  std::uint64_t scoped;              // version 6
};
struct PathBeneath {
  std::uint64_t allowed_access;
  std::int32_t parent_fd;
} __attribute__((packed));
struct NetPort {
  std::uint64_t allowed_access;
  std::uint64_t port;
};
constexpr int rule_path_beneath = 1, rule_net_port = 2;
constexpr unsigned int ask_version = 1;

// System calls that Debian 12's C library has no functions for.
int create_ruleset(const RulesetAttributes* attributes, std::size_t size, unsigned int flags) {
  return static_cast<int>(::syscall(SYS_landlock_create_ruleset, attributes, size, flags));
}
int add_rule(const Descriptor& ruleset, int type, const void* rule) {
  return static_cast<int>(::syscall(SYS_landlock_add_rule, ruleset.get(), type, rule, 0));
}

std::uint64_t file_rights(int version) {
  return all_files_1 | (version >= 2 ? refer : 0) | (version >= 3 ? truncate : 0) | (version >= 5 ? ioctl_dev : 0);
}

std::unexpected<Error> refuses(const std::string& what) {
  const int code = errno;
  return broken(rules::sandbox_failed, "Landlock refuses " + what + ": " + std::generic_category().message(code));
}

/// A path that is not there has no rights to give.
Result<void> allow(const Descriptor& ruleset, const std::filesystem::path& path, std::uint64_t rights) {
  const Descriptor place(::open(path.c_str(), O_PATH | O_CLOEXEC));
  struct stat status{};
  if (!place || ::fstat(place.get(), &status) != 0) return {};
  if (!S_ISDIR(status.st_mode)) rights &= execute | write_files | read_files | truncate | ioctl_dev;
  const PathBeneath rule{.allowed_access = rights, .parent_fd = place.get()};
  if (add_rule(ruleset, rule_path_beneath, &rule) != 0) return refuses("a rule for " + escaped(path.native()));
  return {};
}

}  // namespace

Result<int> restrict_by_landlock(const SandboxRules& rules) {
  const int version = create_ruleset(nullptr, 0, ask_version);
  if (version < 1) return 0;  // ENOSYS, or EOPNOTSUPP where it is switched off
  const std::uint64_t files = file_rights(version);
  const std::uint64_t ports = version >= 4 ? bind_tcp | (rules.connect_ports ? connect_tcp : 0) : 0;
  const RulesetAttributes attributes{files, ports, version >= 6 ? scope_signal : 0};
  // A kernel knows as much of the attributes as its version has, and takes more if it is zero.
  const Descriptor ruleset(create_ruleset(&attributes, sizeof attributes, 0));
  if (!ruleset) return refuses("its own rights");
  for (const auto& path : rules.read) PADLOCK_TRY(allow(ruleset, path, read_files | read_dir));
  for (const auto& path : rules.write) PADLOCK_TRY(allow(ruleset, path, files & ~execute));
  for (const std::uint16_t port : rules.connect_ports.value_or(std::vector<std::uint16_t>())) {
    const NetPort rule{.allowed_access = connect_tcp, .port = port};
    if (version >= 4 && add_rule(ruleset, rule_net_port, &rule) != 0) return refuses("port " + std::to_string(port));
  }
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) return refuses("to restrict this process");
  return version;
}

}  // namespace padlock::net
