#include "padlock/net/sandbox.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include <linux/sched.h>
#include <seccomp.h>

#include "padlock/net/landlock.h"
#include "padlock/net/rules.h"

namespace padlock::net {
namespace {

std::unexpected<Error> failed(const std::string& what, int code) {
  return broken(rules::sandbox_failed, what + ": " + std::generic_category().message(code));
}

/// System calls that a server never makes and that whoever has taken it over would. A list of what is refused, not of
/// what is allowed: what the C library, the allocator and a sanitizer call differs between versions, and a server that
/// dies of a new one of theirs would be run without a sandbox.
constexpr std::array refused{
    // other programs, and a look into other processes
    SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev), SCMP_SYS(process_madvise), SCMP_SYS(kcmp), SCMP_SYS(pidfd_open), SCMP_SYS(pidfd_getfd),
    SCMP_SYS(pidfd_send_signal), SCMP_SYS(tkill),
    // more doors from outside
    SCMP_SYS(bind), SCMP_SYS(listen),
    // other users and privileges
    SCMP_SYS(setuid), SCMP_SYS(setgid), SCMP_SYS(setreuid), SCMP_SYS(setregid), SCMP_SYS(setresuid),
    SCMP_SYS(setresgid), SCMP_SYS(setgroups), SCMP_SYS(setfsuid), SCMP_SYS(setfsgid), SCMP_SYS(capset),
    SCMP_SYS(personality), SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key),
    // other views of the file system, and ways around the checks of names
    SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(open_tree),
    SCMP_SYS(move_mount), SCMP_SYS(fsopen), SCMP_SYS(fsconfig), SCMP_SYS(fsmount), SCMP_SYS(fspick),
    SCMP_SYS(mount_setattr), SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(mknod), SCMP_SYS(mknodat),
    SCMP_SYS(open_by_handle_at), SCMP_SYS(name_to_handle_at), SCMP_SYS(fanotify_init), SCMP_SYS(quotactl),
    // the kernel and the machine: large interfaces in which holes are found
    SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd), SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register), SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load), SCMP_SYS(kexec_file_load), SCMP_SYS(reboot), SCMP_SYS(swapon), SCMP_SYS(swapoff),
    SCMP_SYS(acct), SCMP_SYS(syslog), SCMP_SYS(settimeofday), SCMP_SYS(clock_settime), SCMP_SYS(clock_adjtime),
    SCMP_SYS(adjtimex), SCMP_SYS(sethostname), SCMP_SYS(setdomainname), SCMP_SYS(iopl), SCMP_SYS(ioperm),
    SCMP_SYS(modify_ldt), SCMP_SYS(vhangup), SCMP_SYS(move_pages), SCMP_SYS(migrate_pages)};

/// Kinds of sockets that no server of ours speaks on; each has been a way into the kernel.
constexpr std::array families{AF_PACKET, AF_VSOCK, AF_ALG, AF_KEY, AF_XDP, AF_BLUETOOTH, AF_CAN, AF_TIPC, AF_RDS};

class Filter {
 public:
  Filter() : context_(seccomp_init(SCMP_ACT_ALLOW)) {}
  explicit operator bool() const { return context_ != nullptr; }

  void refuse(int call) { note(seccomp_rule_add(context_.get(), SCMP_ACT_ERRNO(EPERM), call, 0)); }
  void refuse(int call, const std::vector<scmp_arg_cmp>& where, int code = EPERM) {
    note(seccomp_rule_add_array(context_.get(), SCMP_ACT_ERRNO(static_cast<unsigned>(code)), call,
                                static_cast<unsigned>(where.size()), where.data()));
  }
  /// 0: done; else the error's number.
  int load() {
    if (error_ == 0) note(seccomp_load(context_.get()));
    return -error_;
  }

 private:
  /// A call that this architecture lacks needs no rule.
  void note(int result) {
    if (result < 0 && result != -EDOM && error_ == 0) error_ = result;
  }
  struct Release {
    void operator()(void* context) const { seccomp_release(context); }
  };
  std::unique_ptr<void, Release> context_;
  int error_ = 0;
};

Result<bool> restrict_system_calls() {
  if (::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0) return false;  // a kernel without it
  Filter filter;
  if (!filter) return failed("no room for a filter of system calls", ENOMEM);
  for (const int call : refused) filter.refuse(call);
  // Threads are wanted, processes are not. The flags of clone3 lie in memory, where a filter cannot look: the C library
  // takes clone where there is no clone3.
  filter.refuse(SCMP_SYS(clone), {SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0)});
  filter.refuse(SCMP_SYS(clone3), {}, ENOSYS);
  const auto self = static_cast<scmp_datum_t>(::getpid());
  filter.refuse(SCMP_SYS(kill), {SCMP_A0(SCMP_CMP_NE, self, 0)});
  filter.refuse(SCMP_SYS(tgkill), {SCMP_A0(SCMP_CMP_NE, self, 0)});
  for (const int family : families)
    filter.refuse(SCMP_SYS(socket), {SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(family), 0)});
  if (const int code = filter.load(); code != 0) return failed("the kernel refuses a filter of system calls", code);
  return true;
}

}  // namespace

std::string Sandbox::to_string() const {
  return std::string(system_calls ? "system calls restricted" : "this kernel restricts no system calls") +
         (landlock > 0 ? ", files and ports by Landlock " + std::to_string(landlock)
                       : ", this kernel has no Landlock to restrict files");
}

Result<Sandbox> enter_sandbox(const SandboxRules& rules) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("no_new_privs is refused", errno);
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return failed("PR_SET_DUMPABLE is refused", errno);
  Sandbox sandbox;
  sandbox.landlock = PADLOCK_TRY(restrict_by_landlock(rules));
  sandbox.system_calls = PADLOCK_TRY(restrict_system_calls());
  return sandbox;
}

}  // namespace padlock::net
