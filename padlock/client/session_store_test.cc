#include "padlock/client/session_store.h"

#include <gtest/gtest.h>

#include "padlock/client/limits.h"

namespace padlock::client {
namespace {

using namespace std::chrono_literals;

Instant at(std::chrono::seconds time) { return {.monotonic = time, .wall = {}}; }

SessionStore::Entry entry(std::uint32_t number, std::chrono::seconds received = 0s) {
  return {std::make_shared<const tls::ClientSession>(tls::ClientSession{.ticket_age_add = number,
                                                                        .received = at(received),
                                                                        .lifetime = 10s,
                                                                        .proof = tls::PeerVerified::by_caller()}),
          {}};
}

/// The number of what is taken; 0: nothing.
std::uint32_t taken(SessionStore& store, std::string_view authority, std::chrono::seconds time = 1s) {
  const auto entry = store.take(authority, at(time));
  return entry ? entry->session->ticket_age_add : 0;
}

TEST(SessionStore, GivesTheNewestOfAServerOnce) {
  SessionStore store;
  store.put("a.test:443", entry(1));
  store.put("a.test:443", entry(2));
  store.put("b.test:443", entry(3));
  EXPECT_EQ(taken(store, "a.test:443"), 2U);
  EXPECT_EQ(taken(store, "a.test:443"), 1U);
  EXPECT_EQ(taken(store, "a.test:443"), 0U);
  EXPECT_EQ(taken(store, "b.test:8443"), 0U) << "another port is another server";
  EXPECT_EQ(taken(store, "b.test:443"), 3U);
}

TEST(SessionStore, ForgetsWhatIsTooOld) {
  SessionStore store;
  store.put("a.test:443", entry(1, 0s));
  store.put("b.test:443", entry(2, 5s));
  EXPECT_EQ(taken(store, "a.test:443", 10s), 0U);
  EXPECT_EQ(store.size(), 1U);
  EXPECT_EQ(taken(store, "b.test:443", 14s), 2U);
}

TEST(SessionStore, IsBounded) {
  SessionStore store;
  for (std::uint32_t i = 1; i <= limits::sessions_of_a_server + 1; ++i) store.put("a.test:443", entry(i));
  EXPECT_EQ(store.size(), limits::sessions_of_a_server);
  for (std::uint32_t i = 0; i < 2 * limits::sessions; ++i) store.put("s" + std::to_string(i) + ":443", entry(i));
  EXPECT_EQ(store.size(), limits::sessions);
}

}  // namespace
}  // namespace padlock::client
