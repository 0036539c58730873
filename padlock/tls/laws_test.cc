// The two laws of every protocol object (ARCHITECTURE.md, one face): each feed takes bytes, yields an event or
// waiting_for() says why not; and cutting the input at any other places, or answering in any other order, yields the
// same events.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "padlock/tls/testing/end.h"

namespace padlock::tls {
namespace {

using testing::End;
using testing::Pair;

/// A seeded source of decisions.
class Dice {
 public:
  explicit Dice(std::uint32_t seed) : engine_(seed) {}
  std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(engine_); }

 private:
  std::mt19937 engine_;
};

/// Moves bytes from `from` to `to` in random cuts of at most `most` bytes, and answers open questions in random order.
/// Gives true if anything moved.
bool carry(End& from, End& to, Dice& dice, std::size_t most) {
  const auto bytes = from.take_output();
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t piece = std::min(bytes.size() - at, 1 + dice.below(most));
    to.deliver(Bytes(bytes).subspan(at, piece));
    at += piece;
  }
  bool moved = !bytes.empty();
  while (!to.questions.empty()) {
    to.answer(dice.below(to.questions.size()));
    to.pump();
    moved = true;
  }
  return moved;
}

/// What happened at both ends of a connection that shakes hands, talks, changes keys and closes.
struct Story {
  std::vector<std::string> client;
  std::vector<std::string> server;
};

void carry_all(Pair& pair, Dice& dice, std::size_t most) {
  bool moved = true;
  while (moved) {
    moved = carry(pair.client, pair.server, dice, most);
    moved = carry(pair.server, pair.client, dice, most) || moved;
  }
}

Story play(std::uint32_t seed, std::size_t most, bool retry) {
  Dice dice(seed);
  ClientConfig client_config;
  client_config.key_share_count = 1 + dice.below(2);
  if (retry) client_config = {.groups = {NamedGroup::secp384r1, NamedGroup::X25519MLKEM768}, .key_share_count = 1};
  Pair pair(client_config);
  pair.client.answers_at_once = pair.server.answers_at_once = false;
  carry_all(pair, dice, most);
  const std::vector<std::uint8_t> body(40000, 'x');
  RC_ASSERT(pair.client.connection.send(as_bytes("request")).has_value());
  RC_ASSERT(pair.client.connection.update_keys(true).has_value());
  RC_ASSERT(pair.client.connection.send(as_bytes("more")).has_value());
  carry_all(pair, dice, most);
  RC_ASSERT(pair.server.connection.send(body).has_value());
  pair.server.connection.close();
  carry_all(pair, dice, most);
  pair.client.connection.close();
  carry_all(pair, dice, most);
  RC_ASSERT(pair.client.connection.waiting_for() == Waiting::nothing);
  RC_ASSERT(pair.server.connection.waiting_for() == Waiting::nothing);
  RC_ASSERT(pair.client.connection.info().hello_retry_request == retry);
  return {pair.client.events, pair.server.events};
}

RC_GTEST_PROP(Laws, AnySplitAndAnyOrderOfAnswersYieldTheSameEvents, (std::uint32_t seed, bool retry)) {
  constexpr std::size_t whole = 1 << 20;
  const std::size_t most = std::vector<std::size_t>{1, 2, 7, 1460, 5000}.at(seed % 5);
  const Story expected = play(0, whole, retry);
  const Story story = play(seed, most, retry);
  RC_ASSERT(expected.client ==
            (std::vector<std::string>{"HandshakeComplete", "ApplicationData 16384", "ApplicationData 16384",
                                      "ApplicationData 7232", "PeerClosed"}));
  RC_ASSERT(story.client == expected.client);
  RC_ASSERT(story.server == expected.server);
}

/// Feeds what is in `inbox` and checks the law of progress at each call.
void feed_lawfully(Connection& connection, std::vector<std::uint8_t>& inbox) {
  while (true) {
    const auto taken = connection.feed(inbox, Instant{});
    std::size_t events = 0;
    while (connection.next_event()) ++events;
    if (taken && *taken > 0) {
      inbox.erase(inbox.begin(), inbox.begin() + static_cast<std::ptrdiff_t>(*taken));
      continue;
    }
    if (events > 0) continue;
    const Waiting waiting = connection.waiting_for();
    RC_ASSERT(waiting == Waiting::peer_bytes || waiting == Waiting::answer || waiting == Waiting::nothing ||
              waiting == Waiting::room_for_output || waiting == Waiting::application);
    return;
  }
}

RC_GTEST_PROP(Laws, GarbageNeverStallsOrSpins, (bool server, const std::vector<std::uint8_t>& garbage)) {
  Connection connection =
      server ? Connection::server(std::make_shared<const ServerConfig>(), testing::provider())
             : Connection::client(std::make_shared<const ClientConfig>(), "server.test", testing::provider());
  std::vector<std::uint8_t> inbox = {22, 3, 3};
  inbox.insert(inbox.end(), garbage.begin(), garbage.end());
  feed_lawfully(connection, inbox);
}

RC_GTEST_PROP(Laws, AFlippedBitAnywhereFailsOrChangesNothingThatIsDelivered, (std::uint32_t seed)) {
  Dice dice(seed);
  Pair pair;
  // One bit of one flight is flipped on its way; both ends must still agree on what happened, or fail.
  const std::size_t victim = dice.below(3);
  for (std::size_t flight = 0; flight < 3; ++flight) {
    End& from = flight % 2 == 0 ? pair.client : pair.server;
    End& to = flight % 2 == 0 ? pair.server : pair.client;
    auto bytes = from.take_output();
    if (bytes.empty()) break;
    if (flight == victim) bytes[dice.below(bytes.size())] ^= static_cast<std::uint8_t>(1U << dice.below(8));
    to.deliver(bytes);
  }
  pair.exchange();
  if (pair.client.complete && pair.server.complete) {
    RC_ASSERT(pair.client.connection.send(as_bytes("whole")).has_value());
    pair.exchange();
    RC_ASSERT(as_text(pair.server.received) == "whole");
  } else {
    // A flipped length may leave an end waiting for the rest: the end of input tells it.
    pair.client.connection.input_ended();
    pair.server.connection.input_ended();
    pair.client.pump();
    pair.server.pump();
    RC_ASSERT(pair.client.failed.has_value());
    RC_ASSERT(pair.server.failed.has_value());
    RC_ASSERT(pair.server.received.empty());
  }
}

}  // namespace
}  // namespace padlock::tls
