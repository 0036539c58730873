#include "padlock/net/unix_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "padlock/net/rules.h"

namespace padlock::net {
namespace {

namespace fs = std::filesystem;

mode_t mode_of(const fs::path& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 0777U;
}

class UnixSockets : public ::testing::Test {
 protected:
  ~UnixSockets() override { fs::remove_all(folder_); }
  fs::path folder_ = fs::temp_directory_path() / ("padlock-unix-" + std::to_string(::getpid()));
  fs::path path_ = folder_ / "run" / "admin.sock";
};

TEST_F(UnixSockets, AreForTheirOwnerAlone) {
  auto listener = UnixListener::open(path_);
  ASSERT_TRUE(listener) << listener.error().what;
  EXPECT_EQ(mode_of(path_), 0600U);
  EXPECT_EQ(mode_of(path_.parent_path()), 0700U);
  const auto client = connect_unix(path_);
  ASSERT_TRUE(client) << client.error().what;
  const auto peer = peer_identity(client->get());
  ASSERT_TRUE(peer);
  EXPECT_EQ(peer->user, ::geteuid());
}

TEST_F(UnixSockets, ArePutInPlaceOfADeadOnesButNotOfALiveOnes) {
  {
    auto dead = UnixListener::open(path_);
    ASSERT_TRUE(dead);
    dead->keep_name();
  }
  EXPECT_EQ(connect_unix(path_).error().rule, &rules::nobody_listens);
  auto live = UnixListener::open(path_);
  ASSERT_TRUE(live) << live.error().what;
  EXPECT_EQ(UnixListener::open(path_).error().rule, &rules::unix_socket_in_use);
  EXPECT_TRUE(connect_unix(path_));
}

TEST_F(UnixSockets, AreRemovedWithTheirObject) {
  {
    ASSERT_TRUE(UnixListener::open(path_));
  }
  EXPECT_FALSE(fs::exists(path_));
  EXPECT_EQ(connect_unix(path_).error().rule, &rules::nobody_listens);
}

TEST_F(UnixSockets, TakeNamesOfAnyLength) {
  const fs::path path = folder_ / std::string(120, 'a') / "admin.sock";
  auto listener = UnixListener::open(path);
  ASSERT_TRUE(listener) << listener.error().what;
  EXPECT_TRUE(connect_unix(path));
}

TEST_F(UnixSockets, RefuseAFolderThatOthersMayEnterAndAFileInTheirPlace) {
  fs::create_directories(path_.parent_path());
  fs::permissions(path_.parent_path(), fs::perms{0755});
  EXPECT_EQ(UnixListener::open(path_).error().rule, &rules::directory_open_to_others);
  fs::permissions(path_.parent_path(), fs::perms::owner_all);
  std::ofstream(path_) << "kept";
  EXPECT_EQ(UnixListener::open(path_).error().rule, &rules::file_unwritable);
  EXPECT_TRUE(fs::exists(path_));
}

TEST_F(UnixSockets, OfAGroupLetItIn) {
  auto listener = UnixListener::open(path_, ::getegid());
  ASSERT_TRUE(listener) << listener.error().what;
  EXPECT_EQ(mode_of(path_), 0660U);
  EXPECT_EQ(mode_of(path_.parent_path()), 0750U);
  listener->keep_name();
  EXPECT_FALSE(find_group("padlock-no-such-group"));
  EXPECT_EQ(find_group("root"), gid_t{0});
}

}  // namespace
}  // namespace padlock::net
