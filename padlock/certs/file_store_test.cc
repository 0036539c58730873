#include "padlock/certs/file_store.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <asio/io_context.hpp>

#include "padlock/certs/rules.h"
#include "padlock/certs/test_store.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/rules.h"
#include "padlock/net/test_loop.h"

namespace padlock::certs {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using FileStoreFolder = testing::StoreTest;

TEST_F(FileStoreFolder, ReadsBackWhatWasPutThere) {
  auto one = store();
  EXPECT_EQ(text_of(one, shop_), "none");
  EXPECT_FALSE(fs::exists(folder_)) << "reading makes nothing";
  ASSERT_TRUE(one.put(shop_, as_bytes("first")));
  EXPECT_EQ(text_of(one, shop_), "first");
  ASSERT_TRUE(one.put(shop_, as_bytes("")));
  EXPECT_EQ(text_of(one, shop_), "");
  auto other = store();
  ASSERT_TRUE(other.put(shop_, as_bytes("second")));
  EXPECT_EQ(text_of(one, shop_), "second");
  EXPECT_EQ(one.remove(shop_), true);
  EXPECT_EQ(one.remove(shop_), false);
  EXPECT_EQ(text_of(one, shop_), "none");
  EXPECT_THAT(one.notices(), IsEmpty());
}

TEST_F(FileStoreFolder, IsAStoreOfCoroutinesToo) {
  asio::io_context loop;
  FileStore files(store());
  Store& one = files;
  ASSERT_TRUE(net::testing::run(loop, one.put(shop_, as_bytes("value"), nullptr)));
  auto lease = net::testing::run(loop, one.lock(shop_, lease_life)).value();
  EXPECT_TRUE(net::testing::run(loop, one.renew(lease, lease_life)));
  EXPECT_EQ(as_text(net::testing::run(loop, one.get(shop_)).value()->reveal()), "value");
  EXPECT_THAT(net::testing::run(loop, one.list(Kind::certificate)).value(), ElementsAre(shop_));
  EXPECT_EQ(net::testing::run(loop, one.remove(shop_, &lease)), true);
  EXPECT_TRUE(net::testing::run(loop, one.unlock(lease)));
}

TEST_F(FileStoreFolder, ListsNamesAsTheyAre) {
  auto one = store();
  EXPECT_THAT(one.list(Kind::certificate).value(), IsEmpty());
  std::vector<StoreKey> keys;
  for (const auto* const name : {"*.shop.test", "10.0.0.1", "2001:db8::1", "a.test", "xn--bcher-kva.test"}) {
    keys.push_back({Kind::certificate, "local", name});
    ASSERT_TRUE(one.put(keys.back(), as_bytes(name))) << name;
  }
  keys.push_back({Kind::certificate, "remote", "a.test"});
  ASSERT_TRUE(one.put(keys.back(), as_bytes("x")));
  ASSERT_TRUE(one.put({Kind::account, "remote", "account"}, as_bytes("x")));
  ASSERT_TRUE(one.lock({Kind::certificate, "remote", "locked.test"}));
  EXPECT_EQ(one.list(Kind::certificate).value(), keys);
  EXPECT_THAT(one.list(Kind::account).value(), ElementsAre(StoreKey{Kind::account, "remote", "account"}));
  EXPECT_TRUE(fs::exists(folder_ / "certs" / "local" / "_wildcard.shop.test" / "entry"));
  EXPECT_TRUE(fs::exists(folder_ / "certs" / "local" / "2001_db8__1" / "entry"));
}

TEST_F(FileStoreFolder, RefusesNamesThatAreNoPlaceForAFile) {
  auto one = store();
  for (const auto* const name :
       {"", ".", "..", "../x", "a/b", "A.test", "a_b.test", "*", "*.test", "a.*.test", ".a", "a.",
        "b\xc3\xbc"
        "cher.test",
        "2001:DB8::1", "[::1]", "a b"}) {
    EXPECT_EQ(one.put({Kind::certificate, "local", name}, {}).error().rule, &rules::malformed_key) << name;
    EXPECT_EQ(one.get({Kind::certificate, "local", name}).error().rule, &rules::malformed_key) << name;
  }
  for (const auto* const ca : {"", ".", "..", ".lock", "a/b", "A", "a b"})
    EXPECT_EQ(one.put({Kind::certificate, ca, "a.test"}, {}).error().rule, &rules::malformed_key) << ca;
  EXPECT_FALSE(fs::exists(folder_));
}

TEST_F(FileStoreFolder, RefusesAValueThatIsTooLarge) {
  auto one = store();
  const std::vector<std::uint8_t> most(max_value_bytes), more(max_value_bytes + 1);
  EXPECT_TRUE(one.put(shop_, most));
  EXPECT_EQ(one.put(shop_, more).error().rule, &rules::value_too_large);
  EXPECT_EQ(text_of(one, shop_).size(), max_value_bytes);
}

TEST_F(FileStoreFolder, KeepsOthersOutWhateverTheUmask) {
  const mode_t before = ::umask(0);
  auto one = store();
  const bool put = one.put(shop_, as_bytes("x")).has_value() && one.lock(shop_).has_value();
  ::umask(before);
  ASSERT_TRUE(put);
  std::size_t looked_at = 0;
  for (const auto& at : fs::recursive_directory_iterator(folder_)) {
    struct stat status{};
    ASSERT_EQ(::stat(at.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, at.is_directory() ? 0700U : 0600U) << at.path();
    ++looked_at;
  }
  EXPECT_EQ(looked_at, 6U) << "certs, .lock, local, shop.test, entry, lease";
}

TEST_F(FileStoreFolder, RefusesWhatOthersMayOpen) {
  auto one = store();
  ASSERT_TRUE(one.put(shop_, as_bytes("x")));
  const fs::path folder = folder_ / "certs" / "local" / "shop.test", file = folder / "entry";
  for (const mode_t mode : {0640U, 0604U, 0660U, 0602U, 0610U, 0601U}) {
    ASSERT_EQ(::chmod(file.c_str(), mode), 0);
    EXPECT_EQ(one.get(shop_).error().rule, &net::rules::key_readable_by_others) << std::oct << mode;
  }
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  for (const mode_t mode : {0750U, 0705U, 0710U}) {
    ASSERT_EQ(::chmod(folder.c_str(), mode), 0);
    EXPECT_EQ(one.get(shop_).error().rule, &net::rules::directory_open_to_others) << std::oct << mode;
    EXPECT_EQ(one.put(shop_, as_bytes("y")).error().rule, &net::rules::directory_open_to_others) << std::oct << mode;
  }
  ASSERT_EQ(::chmod(folder.c_str(), 0700), 0);
  EXPECT_EQ(text_of(one, shop_), "x") << "nothing was set aside";
}

TEST_F(FileStoreFolder, SetsAsideWhatIsDamagedByOneByte) {
  const fs::path file = folder_ / "certs" / "local" / "shop.test" / "entry";
  auto writer = store();
  ASSERT_TRUE(writer.put(shop_, as_bytes("a value of some bytes")));
  const auto whole = net::read_file(file, max_value_bytes).value();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto one = store();
    auto flipped = whole;
    flipped[at] ^= 1U;
    ASSERT_TRUE(net::write_file_atomically(file, flipped, 0600));
    EXPECT_EQ(text_of(one, shop_), "none") << at;
    ASSERT_EQ(one.notices().size(), 1U) << at;
    EXPECT_THAT(one.notices().front(), HasSubstr("entry.set-aside-"));
    EXPECT_FALSE(fs::exists(file)) << at;
  }
  for (std::size_t size = 0; size < whole.size(); ++size) {
    auto one = store();
    ASSERT_TRUE(net::write_file_atomically(file, Bytes(whole).first(size), 0600));
    EXPECT_EQ(text_of(one, shop_), "none") << size;
  }
  ASSERT_TRUE(writer.put(shop_, as_bytes("again")));
  EXPECT_EQ(text_of(writer, shop_), "again");
}

TEST_F(FileStoreFolder, TakesNoValueOfAnotherName) {
  auto one = store();
  const StoreKey other{Kind::certificate, "local", "other.test"};
  ASSERT_TRUE(one.put(shop_, as_bytes("of shop")));
  ASSERT_TRUE(one.put(other, as_bytes("of other")));
  fs::copy_file(folder_ / "certs/local/shop.test/entry", folder_ / "certs/local/other.test/entry",
                fs::copy_options::overwrite_existing);
  EXPECT_EQ(text_of(one, other), "none");
  EXPECT_EQ(text_of(one, shop_), "of shop");
}

// ---- locks ----------------------------------------------------------------------------------------------------------

TEST_F(FileStoreFolder, LocksOutASecondHolderUntilTheLeaseEnds) {
  using namespace std::chrono_literals;
  auto one = store(), two = store();
  auto first = one.lock(shop_, 30s).value();
  const auto refused = two.lock(shop_, 30s);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().rule, &rules::lock_held);
  EXPECT_THAT(refused.error().what, HasSubstr("certs/local/shop.test is locked until 20"));
  EXPECT_TRUE(two.lock({Kind::certificate, "local", "other.test"}, 30s));
  now_ += 20s;
  ASSERT_TRUE(one.renew(first, 30s));
  now_ += 20s;
  EXPECT_EQ(two.lock(shop_, 30s).error().rule, &rules::lock_held);
  now_ += 10s;
  const auto second = two.lock(shop_, 30s).value();
  EXPECT_GT(second.fence, first.fence);
}

/// A holder that was paused past its lease writes nothing (docs/threats.md, A8).
TEST_F(FileStoreFolder, RefusesWhatALateHolderWrites) {
  using namespace std::chrono_literals;
  auto one = store(), two = store();
  auto late = one.lock(shop_, 30s).value();
  now_ += 31s;
  EXPECT_TRUE(one.put(shop_, as_bytes("late, but nobody came"), &late));
  const auto holder = two.lock(shop_, 30s).value();
  EXPECT_EQ(one.put(shop_, as_bytes("too late"), &late).error().rule, &rules::lease_lost);
  EXPECT_EQ(one.remove(shop_, &late).error().rule, &rules::lease_lost);
  EXPECT_EQ(one.renew(late, 30s).error().rule, &rules::lease_lost);
  EXPECT_TRUE(one.unlock(late)) << "it is another's now";
  EXPECT_TRUE(two.put(shop_, as_bytes("of the holder"), &holder));
  EXPECT_EQ(text_of(one, shop_), "of the holder");
  EXPECT_TRUE(two.unlock(holder));
  EXPECT_GT(one.lock(shop_, 30s).value().fence, holder.fence) << "at once, and its number has not gone back";
}

TEST_F(FileStoreFolder, GivesGreaterNumbersEvenIfItsFileIsLostOrDamaged) {
  using namespace std::chrono_literals;
  auto one = store();
  std::uint64_t last = 0;
  const fs::path file = folder_ / "certs/local/shop.test/lease";
  for (int round = 0; round < 3; ++round) {
    const auto lease = one.lock(shop_, 30s).value();
    EXPECT_GT(lease.fence, last);
    last = lease.fence;
    now_ += 31s;
    if (round == 0) fs::remove(file);
    if (round == 1) std::ofstream(file) << "padlock-store 1 sha256 ";
  }
  EXPECT_EQ(one.notices().size(), 1U);
}

TEST_F(FileStoreFolder, IsNotLockedForYearsByAClockThatWasSetBack) {
  using namespace std::chrono_literals;
  auto one = store();
  now_ += std::chrono::years(1);
  const auto before = one.lock(shop_, 30s).value();
  now_ -= std::chrono::years(1);
  const auto after = one.lock(shop_, 30s);
  ASSERT_TRUE(after) << after.error().to_string();
  EXPECT_EQ(after->fence, before.fence + 1);
  EXPECT_EQ(one.lock({Kind::order, "local", "a.test"}, 24h).value().until, now_ + max_lease_life);
}

TEST_F(FileStoreFolder, HasOneHolderOfManyProcesses) {
  constexpr int processes = 8;
  std::array<pid_t, processes> children{};
  for (pid_t& child : children) {
    child = ::fork();
    if (child == 0) {
      auto mine = store();
      ::_exit(mine.lock(shop_).has_value() ? 1 : 0);
    }
  }
  int holders = 0;
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    holders += WEXITSTATUS(status);
  }
  EXPECT_EQ(holders, 1);
}

}  // namespace
}  // namespace padlock::certs
