#include "padlock/server/counters.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "padlock/server/rules.h"

namespace padlock::server {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(KeyedCounters, CountEachKeyAndWhatHasNoRoom) {
  KeyedCounters<int, 2> counters;
  for (const int key : {7, 5, 7, 9, 7}) counters.add(key);
  std::map<int, std::uint64_t> seen;
  counters.for_each([&](int key, std::uint64_t count) { seen[key] = count; });
  EXPECT_THAT(seen, ElementsAre(Pair(5, 1), Pair(7, 3)));
  EXPECT_EQ(counters.others(), 1);
}

TEST(KeyedCounters, AreReadWhileTheyAreChanged) {
  KeyedCounters<int, 64> counters;
  std::thread writer([&] {
    for (int i = 0; i < 64'000; ++i) counters.add(i % 64);
  });
  std::uint64_t last = 0;
  while (last < 64'000) {
    std::uint64_t sum = 0;
    counters.for_each([&](int, std::uint64_t count) { sum += count; });
    EXPECT_GE(sum, last);
    last = sum;
  }
  writer.join();
}

TEST(Counts, AreTheSumOfTheWorkers) {
  WorkerCounters one, two;
  one.connections_accepted.add(3);
  one.connections_closed.add();
  two.connections_accepted.add();
  tls::ConnectionInfo info;
  info.version = tls::ProtocolVersion::TLS_1_3;
  info.cipher_suite = tls::CipherSuite::TLS_AES_128_GCM_SHA256;
  info.group = tls::NamedGroup::x25519;
  one.handshake_done(info);
  two.handshake_done(info);
  info.resumed = true;
  two.handshake_done(info);
  one.request_answered("HTTP/1.1", 200, 10);
  two.request_answered("HTTP/2.0", 404, 5);
  two.failures.add(&rules::shed);
  Counts counts;
  counts.add(one);
  counts.add(two);
  EXPECT_EQ(counts.connections_accepted, 4);
  EXPECT_EQ(counts.connections_open, 3);
  EXPECT_EQ(counts.handshakes.size(), 2);
  EXPECT_EQ(counts.handshakes.begin()->second, 2);
  EXPECT_EQ(counts.body_bytes, 15);
  EXPECT_THAT(counts.requests,
              ElementsAre(Pair(RequestKind{HttpVersion::http1, 2}, 1), Pair(RequestKind{HttpVersion::http2, 4}, 1)));
  EXPECT_THAT(counts.failures, ElementsAre(Pair(rules::shed.code, 1)));
}

}  // namespace
}  // namespace padlock::server
