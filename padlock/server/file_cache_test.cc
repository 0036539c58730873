#include "padlock/server/file_cache.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "padlock/server/limits.h"

namespace padlock::server {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<const StoredFile> file_of(std::size_t bytes) {
  auto made = std::make_shared<StoredFile>();
  made->whole.bytes = std::make_shared<std::vector<std::uint8_t>>(bytes);
  return made;
}

TEST(FileCache, TrustsWhatWasComparedAShortTimeAgo) {
  FileCache cache(1 << 20);
  const auto file = file_of(10);
  EXPECT_FALSE(cache.find(1, "a", 5s).file);
  cache.store(1, "a", file, 5s);
  const auto look = [&](std::chrono::nanoseconds now) { return cache.find(1, "a", now); };
  EXPECT_EQ(look(5s).file, file);
  EXPECT_TRUE(look(5s + 99ms).fresh);
  EXPECT_EQ(look(5s + 100ms).file, file);
  EXPECT_FALSE(look(5s + 100ms).fresh);
  cache.store(1, "a", file, 6s);
  EXPECT_TRUE(look(6s + 99ms).fresh);
  EXPECT_FALSE(cache.find(2, "a", 6s).file) << "another folder";
  cache.remove(1, "a");
  EXPECT_FALSE(look(6s).file);
  EXPECT_EQ(cache.bytes(), 0U);
}

TEST(FileCache, IsExtendedOnlyWhereItIsStillTheSame) {
  FileCache cache(1 << 20);
  const auto first = file_of(10), second = file_of(20), more = file_of(30);
  cache.store(1, "a", first, 5s);
  cache.extend(1, "a", *first, more);
  EXPECT_EQ(cache.find(1, "a", 5s).file, more);
  EXPECT_FALSE(cache.find(1, "a", 5s + 100ms).fresh) << "nobody has looked at it since";
  cache.store(1, "a", second, 6s);
  cache.extend(1, "a", *first, more);
  EXPECT_EQ(cache.find(1, "a", 6s).file, second);
  cache.extend(1, "b", *first, more);
  EXPECT_FALSE(cache.find(1, "b", 6s).file);
}

TEST(FileCache, StaysWithinItsMemoryAndKeepsWhatIsAskedFor) {
  constexpr std::size_t most = 100'000;
  FileCache cache(most);
  cache.store(1, "often", file_of(1000), 1s);
  for (int i = 0; i < 1000; ++i) {
    cache.store(1, "once/" + std::to_string(i), file_of(1000), 1s);
    EXPECT_LE(cache.bytes(), most);
    EXPECT_TRUE(cache.find(1, "often", 1s).file) << i;
  }
  EXPECT_GT(cache.bytes(), most / 2) << "it makes use of what it has";
  cache.limit(2000);
  EXPECT_LE(cache.bytes(), 2000U);
  cache.store(1, "large", file_of(1001), 1s);
  EXPECT_FALSE(cache.find(1, "large", 1s).file) << "more than half of all";
  cache.limit(0);
  EXPECT_EQ(cache.bytes(), 0U);
  cache.store(1, "a", file_of(0), 1s);
  EXPECT_FALSE(cache.find(1, "a", 1s).file);
}

TEST(FileCache, CountsAllThatIsInIt) {
  FileCache cache(1 << 20);
  const auto small = file_of(10), large = file_of(5000);
  for (int round = 0; round < 3; ++round) {
    cache.store(1, "a", small, 1s);
    cache.store(1, "b", small, 1s);
    cache.extend(1, "a", *small, large);
    cache.store(1, "b", large, 1s);
  }
  EXPECT_GE(cache.bytes(), 10'000U);
  cache.remove(1, "a");
  cache.remove(1, "b");
  cache.remove(1, "b");
  EXPECT_EQ(cache.bytes(), 0U);
}

TEST(FileCache, LetsSoMuchBeCompressedInASecond) {
  FileCache cache(1 << 20);
  constexpr std::size_t quarter = std::size_t{256} * limits::compressed_kib_per_second;
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(cache.may_compress(quarter, 10s)) << i;
  EXPECT_FALSE(cache.may_compress(quarter, 10s));
  EXPECT_FALSE(cache.may_compress(quarter, 10'249ms));
  EXPECT_TRUE(cache.may_compress(quarter, 10'250ms));
  EXPECT_FALSE(cache.may_compress(1000, 10'250ms));
  EXPECT_TRUE(cache.may_compress(4 * quarter, 20s));
}

TEST(FileCache, IsUsedByManyThreads) {
  FileCache cache(50'000);
  std::vector<std::jthread> threads;
  threads.reserve(4);
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&cache, thread] {
      for (int i = 0; i < 2000; ++i) {
        const std::string path = std::to_string((i * 7 + thread) % 100);
        const auto found = cache.find(1, path, 1s);
        if (!found.file) cache.store(1, path, file_of(900), 1s);
        if (found.file && i % 11 == 0) cache.extend(1, path, *found.file, file_of(1000));
        if (i % 13 == 0) cache.remove(1, path);
      }
    });
  }
  threads.clear();
  EXPECT_LE(cache.bytes(), 50'000U);
}

}  // namespace
}  // namespace padlock::server
