// What a store is after a kill or a failed system call, at each one of a change (docs/threats.md, A2 and A3). A child
// makes the change, and its parent stops it at each system call by ptrace(2).
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <functional>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "padlock/certs/file_store.h"
#include "padlock/certs/test_store.h"

#ifdef __x86_64__

namespace padlock::certs {
namespace {

namespace fs = std::filesystem;

enum class Ended : std::uint8_t { killed, refused, done, untraceable };

/// How a change ends in a child that is told what becomes of one of its system calls.
class Child {
 public:
  explicit Child(const std::function<bool()>& change) : process_(::fork()) {
    if (process_ != 0) return;
    if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(untraceable);
    ::raise(SIGSTOP);
    ::_exit(change() ? done : refused);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (!ended()) kill();
  }

  bool ended() const { return WIFEXITED(status_) || WIFSIGNALED(status_); }
  /// Goes on to where a system call begins or ends. False: there was none any more.
  bool step() {
    wait_for_start();
    if (ended() || ::ptrace(PTRACE_SYSCALL, process_, nullptr, nullptr) != 0) return false;
    ::waitpid(process_, &status_, 0);
    return !ended();
  }
  void kill() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, &status_, 0);
  }
  Ended run_on() {
    wait_for_start();
    while (!ended()) {
      ::ptrace(PTRACE_CONT, process_, nullptr, nullptr);
      ::waitpid(process_, &status_, 0);
    }
    if (WIFSIGNALED(status_)) return Ended::killed;
    if (WEXITSTATUS(status_) == untraceable) return Ended::untraceable;
    return WEXITSTATUS(status_) == done ? Ended::done : Ended::refused;
  }
  /// At the begin of a call: which one.
  long call() const { return static_cast<long>(registers().orig_rax); }
  /// At the begin of a call: it is not made, and fails with this error.
  void fail(int error) {
    user_regs_struct now = registers();
    now.orig_rax = static_cast<unsigned long long>(-1);
    ::ptrace(PTRACE_SETREGS, process_, nullptr, &now);
    if (!step()) return;
    now = registers();
    now.rax = static_cast<unsigned long long>(-static_cast<long long>(error));
    ::ptrace(PTRACE_SETREGS, process_, nullptr, &now);
  }

 private:
  static constexpr int done = 0, refused = 1, untraceable = 2;
  void wait_for_start() {
    if (started_) return;
    started_ = true;
    ::waitpid(process_, &status_, 0);
  }
  user_regs_struct registers() const {
    user_regs_struct now{};
    ::ptrace(PTRACE_GETREGS, process_, nullptr, &now);
    return now;
  }
  pid_t process_;
  int status_ = -1;
  bool started_ = false;
};

class StoreUnderFaults : public testing::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    if (Child([] { return true; }).run_on() == Ended::untraceable) GTEST_SKIP() << "ptrace is not permitted here";
  }
  std::string large(char of) const { return std::string(20'000, of); }

  /// The store as it is before each attempt: one value there, one not.
  void prepare() {
    fs::remove_all(folder_);
    auto one = store();
    ASSERT_TRUE(one.put(shop_, as_bytes(large('o'))));
  }
  /// Whoever comes next finds an old or a new value, can write, and no half file is left.
  void check(const StoreKey& key, const std::set<std::string>& expected, const std::string& when) {
    auto one = store();
    const std::string found = text_of(one, key);
    EXPECT_TRUE(expected.contains(found)) << when << " there is " << found.substr(0, 60);
    EXPECT_TRUE(one.notices().empty()) << when << ": " << one.notices().front();
    EXPECT_TRUE(one.put(key, as_bytes("after"))) << when;
    EXPECT_EQ(text_of(one, key), "after") << when;
    for (const auto& at : fs::recursive_directory_iterator(folder_))
      EXPECT_FALSE(at.path().native().ends_with(".padlock-tmp")) << when << ": " << at.path();
  }
  struct Change {
    std::string what;
    StoreKey key;
    std::set<std::string> before_or_after;
    std::function<bool()> make;
  };
  std::vector<Change> changes() {
    const StoreKey fresh{Kind::certificate, "other-ca", "*.fresh.test"};
    return {{"a first value",
             fresh,
             {"none", large('n')},
             [this, fresh] { return store().put(fresh, as_bytes(large('n'))).has_value(); }},
            {"another value",
             shop_,
             {large('o'), large('n')},
             [this] { return store().put(shop_, as_bytes(large('n'))).has_value(); }},
            {"a value under a lock",
             shop_,
             {large('o'), large('n')},
             [this] {
               auto one = store();
               const auto lease = one.lock(shop_);
               return lease && one.put(shop_, as_bytes(large('n')), &*lease) && one.unlock(*lease);
             }},
            {"removal", shop_, {large('o'), "none"}, [this] { return store().remove(shop_).value_or(false); }}};
  }
};

TEST_F(StoreUnderFaults, IsOldOrNewAfterAKillAtAnySystemCall) {
  std::size_t points = 0;
  for (const Change& change : changes()) {
    // At the begin of each call: at its end is at the begin of the next.
    for (std::size_t steps = 1;; steps += 2) {
      prepare();
      Child child(change.make);
      bool going_on = true;
      for (std::size_t at = 0; at < steps && going_on; ++at) going_on = child.step();
      if (!going_on) break;
      child.kill();
      ++points;
      check(change.key, change.before_or_after, change.what + ", killed at step " + std::to_string(steps));
    }
  }
  EXPECT_GE(points, 200U);
  RecordProperty("kills", static_cast<int>(points));
}

/// Calls that may fail for the disk's sake: one alone fails, and the next attempt works.
TEST_F(StoreUnderFaults, IsOldOrNewAfterAnySystemCallThatFails) {
  const std::set<long> of_files{SYS_write, SYS_fsync, SYS_rename, SYS_open,  SYS_openat,
                                SYS_mkdir, SYS_flock, SYS_fchmod, SYS_unlink};
  std::size_t faults = 0, refused = 0;
  for (const Change& change : changes()) {
    for (const int error : {ENOSPC, EIO, EROFS}) {
      for (std::size_t which = 0;; ++which) {
        prepare();
        Child child(change.make);
        std::size_t seen = 0;
        bool failed = false, at_begin = true;
        while (!failed && child.step()) {
          if (at_begin && of_files.contains(child.call()) && seen++ == which) {
            child.fail(error);
            failed = true;
          }
          at_begin = !at_begin;
        }
        if (!failed) break;
        ++faults;
        if (child.run_on() == Ended::refused) ++refused;
        check(change.key, change.before_or_after, change.what + ", call " + std::to_string(which) + " failed");
      }
    }
  }
  EXPECT_GE(faults, 60U);
  EXPECT_GE(refused, faults / 2) << "most faults are told";
  RecordProperty("failed_calls", static_cast<int>(faults));
}

}  // namespace
}  // namespace padlock::certs

#endif
