#include "padlock/tls/connection.h"

#include <gtest/gtest.h>

#include <array>

#include "padlock/tls/testing/end.h"

namespace padlock::tls {
namespace {

using testing::connected;
using testing::Pair;

TEST(Connection, CompletesAHandshakeAndCarriesDataBothWays) {
  Pair pair;
  pair.exchange();
  ASSERT_TRUE(pair.client.complete) << (pair.client.failed ? pair.client.failed->error.to_string() : "")
                                    << (pair.server.failed ? pair.server.failed->error.to_string() : "");
  ASSERT_TRUE(pair.server.complete);
  ASSERT_TRUE(pair.client.connection.send(as_bytes("ping")));
  ASSERT_TRUE(pair.server.connection.send(as_bytes("pong")));
  pair.exchange();
  EXPECT_EQ(as_text(pair.server.received), "ping");
  EXPECT_EQ(as_text(pair.client.received), "pong");
}

}  // namespace
}  // namespace padlock::tls
