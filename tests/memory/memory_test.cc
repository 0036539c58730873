// What calculations do where memory ends (docs/threats.md, P3): each request for memory is refused in turn, libcrypto's
// too. Servers have their own in padlock/server/memory_test.cc. A program of its own, for it replaces operator new.
#include <functional>
#include <new>
#include <string>

#include <gtest/gtest.h>

#include "padlock/tls/testing/sessions.h"
#include "padlock/x509/test_certificates.h"
#include "padlock/x509/verify.h"
#include "tests/support/failing_memory.h"

namespace padlock {
namespace {

/// Before the first test: libcrypto takes no other memory once it has some.
const bool libcrypto_is_ours = test::take_over_libcrypto();

/// A calculation, and whether it came to what it should. It may throw, but for memory alone.
using Work = std::function<bool()>;

/// What a round came to: the work was done, a request was refused, and so many blocks are held that were not before.
struct Round {
  bool good = false, refused = false;
  std::size_t before, after;
};

Round refuse(const Work& work, std::size_t met, std::size_t in_a_row) {
  Round round{.before = test::live_blocks(), .after = 0};
  test::refuse_memory(met, in_a_row);
  try {
    round.good = work();
  } catch (const std::bad_alloc&) {
    round.good = false;
  }
  round.refused = test::give_memory_again();
  round.after = test::live_blocks();
  return round;
}

/// Refuses the n-th request for memory, and `in_a_row - 1` behind it, for each n. Whatever the work comes to, it holds
/// nothing afterwards; where all was met, it goes well.
void refuse_each(const Work& work, std::size_t in_a_row) {
  for (std::size_t met = 0;; ++met) {
    SCOPED_TRACE(std::to_string(in_a_row) + " after " + std::to_string(met));
    Round round = refuse(work, met, in_a_row);
    // What a process has once is no leak: libcrypto's notes on its errors, say.
    if (round.after != round.before) round = refuse(work, met, in_a_row);
    ASSERT_EQ(round.after, round.before) << "nothing leaks";
    if (round.refused) continue;
    EXPECT_TRUE(round.good);
    return;
  }
}

void refuse_all(const Work& work) {
  ASSERT_TRUE(libcrypto_is_ours);
  ASSERT_TRUE(work());  // what the process needs once
  refuse_each(work, 1);
  refuse_each(work, 8);  // what answers a failure fails as well
}

// ---- TLS ------------------------------------------------------------------------------------------------------------

tls::ClientConfig client_of(tls::ProtocolVersion version) {
  return {.policy = tls::Policy::intermediate, .max_version = version, .resumption = true};
}
tls::ServerConfig server_of(tls::ProtocolVersion version) {
  return {.policy = tls::Policy::intermediate, .max_version = version, .ticket_keys = tls::testing::ticket_keys()};
}

class TlsMemory : public ::testing::TestWithParam<tls::ProtocolVersion> {};

TEST_P(TlsMemory, MayEndInAHandshake) {
  const auto client = std::make_shared<const tls::ClientConfig>(client_of(GetParam()));
  const auto server = std::make_shared<const tls::ServerConfig>(server_of(GetParam()));
  refuse_all([&] {
    tls::testing::Pair pair(tls::testing::End::client(client), tls::testing::End::server(server));
    pair.exchange();
    return pair.client.complete && pair.server.complete;
  });
}

TEST_P(TlsMemory, MayEndInAResumption) {
  const auto client = std::make_shared<const tls::ClientConfig>(client_of(GetParam()));
  const auto server = std::make_shared<const tls::ServerConfig>(server_of(GetParam()));
  const auto connect = [&](const tls::testing::SessionPtr& old) {
    tls::testing::Pair pair(
        tls::testing::End::client(client, nullptr, nullptr, "server.test", {old, tls::testing::later({})}),
        tls::testing::End::server(server));
    pair.server.now = tls::testing::later({});
    pair.exchange();
    return pair;
  };
  const auto old = connect(nullptr).client.sessions.at(0);
  refuse_all([&] {
    const tls::testing::Pair pair = connect(old);
    return pair.client.complete && pair.client.connection.info().resumed;
  });
}

INSTANTIATE_TEST_SUITE_P(Versions, TlsMemory,
                         ::testing::Values(tls::ProtocolVersion::TLS_1_2, tls::ProtocolVersion::TLS_1_3));

// ---- certificates ---------------------------------------------------------------------------------------------------

TEST(VerifierMemory, MayEndAndNobodyIsTrustedForIt) {
  namespace certificates = x509::testing;
  const certificates::Chain chain;
  const auto store = certificates::store_of({certificates::sign(chain.root, certificates::key(0))});
  const std::vector<certificates::Octets> good{certificates::sign(chain.leaf, certificates::key(1)),
                                               certificates::sign(chain.intermediate, certificates::key(0))};
  refuse_all([&] { return certificates::verify(good, store).trusted; });
  std::vector<certificates::Octets> forged = good;
  forged.front().back() ^= 1;
  const auto other_key = certificates::sign(chain.leaf, certificates::key(2));
  for (const auto& bad : {forged, {other_key, good.back()}})
    refuse_all([&] {
      EXPECT_FALSE(certificates::verify(bad, store).trusted);
      return true;
    });
  refuse_all([&] {
    EXPECT_FALSE(certificates::verify(good, store, "other.test").trusted);
    return true;
  });
}

}  // namespace
}  // namespace padlock
