#include "padlock/net/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "padlock/net/rules.h"

namespace padlock::net {
namespace {

namespace fs = std::filesystem;

class AtomicFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("padlock-files-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    ASSERT_TRUE(make_private_directory(folder_ / "deep" / "er"));
  }
  void TearDown() override { fs::remove_all(folder_); }
  static mode_t mode_of(const fs::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777;
  }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_;
};

TEST_F(AtomicFile, ReadsBackWhatItWrote) {
  const std::vector<std::uint8_t> bytes(100'000, 0xa5);
  ASSERT_TRUE(write_file_atomically(folder_ / "file", bytes, public_file_mode));
  EXPECT_EQ(read_file(folder_ / "file", 100'000).value(), bytes);
  ASSERT_TRUE(write_file_atomically(folder_ / "file", as_bytes("second"), public_file_mode));
  EXPECT_EQ(as_text(read_file(folder_ / "file", 100).value()), "second");
  EXPECT_EQ(entries(), 2U) << "the file and the folder `deep`, nothing temporary";
}

TEST_F(AtomicFile, AppendsLinesAndEndsOneThatACrashCutOff) {
  const fs::path log = folder_ / "log";
  const mode_t before = ::umask(0);
  ASSERT_TRUE(append_line_durably(log, "one\n"));
  ::umask(before);
  EXPECT_EQ(mode_of(log), 0600U);
  ASSERT_TRUE(append_line_durably(log, "two\n"));
  std::ofstream(log, std::ios::app) << "hal";
  ASSERT_TRUE(append_line_durably(log, "three\n"));
  EXPECT_EQ(as_text(read_file(log, 100).value()), "one\ntwo\nhal\nthree\n");
  EXPECT_EQ(append_line_durably(folder_, "x\n").error().rule, &rules::file_unwritable);
  EXPECT_EQ(append_line_durably(folder_ / "none" / "log", "x\n").error().rule, &rules::file_unwritable);
  fs::create_symlink(log, folder_ / "link");
  EXPECT_EQ(append_line_durably(folder_ / "link", "x\n").error().rule, &rules::file_unwritable);
  EXPECT_EQ(append_line_durably("/dev/full", "x\n").error().rule, &rules::file_unwritable);
}

TEST_F(AtomicFile, GivesTheModeThatWasAskedForUnderAnyUmask) {
  for (const mode_t umask : {0000U, 0022U, 0077U, 0777U}) {
    const mode_t before = ::umask(umask);
    EXPECT_TRUE(write_file_atomically(folder_ / "key", as_bytes("k"), private_file_mode));
    EXPECT_TRUE(write_file_atomically(folder_ / "cert", as_bytes("c"), public_file_mode));
    ::umask(umask & 0077U);
    EXPECT_TRUE(make_private_directory(folder_ / std::to_string(umask)));
    ::umask(before);
    EXPECT_EQ(mode_of(folder_ / "key"), 0600U) << umask;
    EXPECT_EQ(mode_of(folder_ / "cert"), 0644U) << umask;
    EXPECT_EQ(mode_of(folder_ / std::to_string(umask)), 0700U) << umask;
  }
  EXPECT_EQ(mode_of(folder_ / "deep"), 0700U);
  EXPECT_EQ(mode_of(folder_ / "deep" / "er"), 0700U);
}

TEST_F(AtomicFile, ReadsUpToItsLimitAndNotAByteMore) {
  ASSERT_TRUE(write_file_atomically(folder_ / "file", as_bytes("12345"), public_file_mode));
  EXPECT_TRUE(read_file(folder_ / "file", 6));
  EXPECT_TRUE(read_file(folder_ / "file", 5));
  EXPECT_EQ(read_file(folder_ / "file", 4).error().rule, &rules::file_too_large);
}

TEST_F(AtomicFile, SaysWhatCannotBeRead) {
  const auto missing = read_file(folder_ / "none", 10);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().rule, &rules::file_missing);
  EXPECT_NE(missing.error().what.find("none: No such file or directory"), std::string::npos) << missing.error().what;
  EXPECT_EQ(read_file(folder_, 10).error().rule, &rules::file_unreadable) << "a folder";
  ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(read_file(folder_ / "fifo", 10).error().rule, &rules::file_unreadable) << "must not wait for a writer";
}

TEST_F(AtomicFile, RefusesAKeyThatOthersMayTouch) {
  ASSERT_TRUE(write_file_atomically(folder_ / "key", as_bytes("secret"), private_file_mode));
  EXPECT_EQ(as_text(read_private_file(folder_ / "key", 10)->reveal()), "secret");
  for (const mode_t mode : {0640U, 0604U, 0620U, 0602U, 0610U, 0644U, 0660U, 0666U, 0777U}) {
    ASSERT_EQ(::chmod((folder_ / "key").c_str(), mode), 0);
    const auto key = read_private_file(folder_ / "key", 10);
    ASSERT_FALSE(key) << mode;
    EXPECT_EQ(key.error().rule, &rules::key_readable_by_others);
  }
  ASSERT_EQ(::chmod((folder_ / "key").c_str(), 0400), 0);
  EXPECT_TRUE(read_private_file(folder_ / "key", 10)) << "stricter is fine";
}

TEST_F(AtomicFile, RefusesAFolderForKeysThatOthersMayEnter) {
  for (const mode_t mode : {0750U, 0705U, 0755U, 0777U, 01777U}) {
    ASSERT_EQ(::chmod((folder_ / "deep").c_str(), mode), 0);
    const auto made = make_private_directory(folder_ / "deep");
    ASSERT_FALSE(made) << mode;
    EXPECT_EQ(made.error().rule, &rules::directory_open_to_others);
  }
  EXPECT_EQ(check_private_directory(folder_ / "none").error().rule, &rules::file_missing);
  ASSERT_TRUE(write_file_atomically(folder_ / "file", as_bytes("x"), private_file_mode));
  EXPECT_EQ(make_private_directory(folder_ / "file").error().rule, &rules::file_unwritable);
  EXPECT_EQ(make_private_directory(folder_ / "file" / "below").error().rule, &rules::file_unwritable);
}

TEST_F(AtomicFile, LeavesNothingBehindWhenItCannotWrite) {
  EXPECT_EQ(write_file_atomically(folder_ / "none" / "file", as_bytes("x"), 0600).error().rule,
            &rules::file_unwritable);
  EXPECT_EQ(write_file_atomically(folder_ / "deep", as_bytes("x"), 0600).error().rule, &rules::file_unwritable)
      << "a folder stands there";
  EXPECT_EQ(entries(), 1U);
}

TEST_F(AtomicFile, KeepsTheOldContentWhenTheDiskIsFull) {
  ASSERT_TRUE(write_file_atomically(folder_ / "file", as_bytes("old"), 0600));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 4096, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto written = write_file_atomically(folder_ / "file", std::vector<std::uint8_t>(10'000), 0600);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, ignored);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().rule, &rules::file_unwritable);
  EXPECT_EQ(as_text(read_file(folder_ / "file", 10).value()), "old");
  EXPECT_EQ(entries(), 2U);
}

TEST_F(AtomicFile, RemovesWhatACrashLeft) {
  std::ofstream(folder_ / ".key.pem.1-0.padlock-tmp") << "half a key";
  std::ofstream(folder_ / "key.pem") << "whole";
  remove_temporary_files(folder_);
  EXPECT_EQ(entries(), 2U);
  EXPECT_TRUE(fs::exists(folder_ / "key.pem"));
  remove_temporary_files(folder_ / "none");
}

TEST_F(AtomicFile, RenamesOrSaysWhyNot) {
  ASSERT_TRUE(write_file_atomically(folder_ / "a", as_bytes("x"), 0600));
  EXPECT_TRUE(rename_durably(folder_ / "a", folder_ / "b"));
  EXPECT_TRUE(fs::exists(folder_ / "b"));
  EXPECT_EQ(rename_durably(folder_ / "a", folder_ / "c").error().rule, &rules::file_unwritable);
}

TEST_F(AtomicFile, LocksOutASecondHolderUntilTheFirstGoes) {
  using namespace std::chrono_literals;
  auto first = lock_file(folder_ / "lock", 0ms);
  ASSERT_TRUE(first);
  EXPECT_EQ(lock_file(folder_ / "lock", 30ms).error().rule, &rules::lock_busy);
  std::jthread holder([lock = std::move(*first)]() mutable {
    std::this_thread::sleep_for(50ms);
    const FileLock gone = std::move(lock);
  });
  EXPECT_TRUE(lock_file(folder_ / "lock", 10s)) << "waits for it";
  EXPECT_EQ(lock_file(folder_ / "none" / "lock", 0ms).error().rule, &rules::file_unwritable);
  EXPECT_EQ(mode_of(folder_ / "lock"), 0600U);
}

}  // namespace
}  // namespace padlock::net
