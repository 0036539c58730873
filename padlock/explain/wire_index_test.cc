#include "padlock/explain/wire_index.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "padlock/explain/limits.h"

namespace padlock::explain {
namespace {

using tls::ContentType;
using tls::EncryptionLevel;
using tls::Sender;

constexpr std::size_t framing = 5 + 1 + 16;  // header, inner type, tag

trace::Event sealed(ContentType inner, std::size_t plaintext_length, std::size_t explicit_nonce_length = 0) {
  return {{},
          trace::Record{Sender::server, EncryptionLevel::application, ContentType::application_data, inner,
                        plaintext_length + framing + explicit_nonce_length, plaintext_length}};
}

/// A connection on which the server sent bytes of which no two neighbours are alike, so that a copy of a wrong one
/// shows.
trace::Connection connection_of(const std::vector<trace::Event>& events, std::size_t behind = 0) {
  trace::Connection connection;
  trace::Stream& stream = connection.server;
  for (const trace::Event& event : events) {
    if (const auto* record = std::get_if<trace::Record>(&event.what)) stream.length += record->wire_length;
  }
  stream.length += behind;
  for (std::size_t i = 0; i < stream.length; ++i) stream.kept.push_back(static_cast<std::uint8_t>(i % 251));
  return connection;
}

/// Makes a connection count as TLS.
trace::Event any_message() { return {{}, trace::HandshakeMessage{Sender::client, EncryptionLevel::plaintext, 0}}; }

RC_GTEST_PROP(WireIndex, GivesEveryByteExactlyOnce, ()) {
  const auto kinds = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 4));
  const auto behind = *rc::gen::inRange<std::size_t>(0, 30);
  const auto nonce = *rc::gen::element<std::size_t>(0, 8);  // 8: AES-GCM in TLS 1.2
  std::vector<trace::Event> events{any_message()};
  std::size_t handshake = 0;
  std::size_t data = 0;
  std::size_t alerts = 0;
  for (const int kind : kinds) {
    const auto length = *rc::gen::inRange<std::size_t>(0, 40);
    if (kind == 0) events.push_back(sealed(ContentType::alert, 2, nonce));
    if (kind == 1) events.push_back(sealed(ContentType::handshake, length + 1, nonce));
    if (kind >= 2) events.push_back(sealed(ContentType::application_data, length, nonce));
    alerts += kind == 0 ? 1 : 0;
    handshake += kind == 1 ? length + 1 : 0;
    data += kind >= 2 ? length : 0;
  }
  const trace::Connection connection = connection_of(events, behind);
  WireIndex index(events, connection, nonce);
  std::vector<std::uint8_t> all;
  std::size_t bytes = 0;
  const auto take = [&](auto&& give) {
    Step step;
    give(step);
    all.insert(all.end(), step.wire.begin(), step.wire.end());
    bytes += step.wire_bytes.value_or(0);
  };
  while (handshake > 0) {
    const auto part = std::min(handshake, *rc::gen::inRange<std::size_t>(1, 60));
    take([&](Step& step) { index.give_message(step, Sender::server, EncryptionLevel::application, part); });
    handshake -= part;
  }
  const auto head = std::min(data, *rc::gen::inRange<std::size_t>(0, 60));
  take([&](Step& step) { index.give_data(step, Sender::server, 0, head); });
  take([&](Step& step) { index.give_rest_of_data(step, Sender::server, head); });
  for (; alerts > 0; --alerts) take([&](Step& step) { index.give_alert(step, Sender::server); });
  take([&](Step& step) { index.give_leftovers(step, Sender::server); });
  RC_ASSERT(bytes == connection.server.length);
  auto expected = connection.server.kept;
  std::ranges::sort(expected);
  std::ranges::sort(all);
  RC_ASSERT(all == expected);
}

TEST(WireIndex, GivesAnExplicitNonceToTheFirstMessageOfItsRecord) {
  const std::vector<trace::Event> events{any_message(), sealed(ContentType::handshake, 20, 8)};
  const trace::Connection connection = connection_of(events);
  WireIndex index(events, connection, 8);
  Step first, second;
  index.give_message(first, Sender::server, EncryptionLevel::application, 10);
  index.give_message(second, Sender::server, EncryptionLevel::application, 10);
  EXPECT_EQ(first.wire_bytes, 5U + 8 + 10);
  EXPECT_EQ(second.wire_bytes, 10U + framing - 5);
}

TEST(WireIndex, GivesABlindTraceWhatItCan) {
  const std::vector<trace::Event> events{any_message()};
  const trace::Connection connection = connection_of(events, 10);
  WireIndex index(events, connection);
  Step message;
  const Placement placement = index.give_message(message, Sender::server, EncryptionLevel::handshake, 100);
  EXPECT_EQ(placement.records, 0U);
  EXPECT_TRUE(message.wire.empty());
  Step rest;
  EXPECT_TRUE(index.give_leftovers(rest, Sender::server));
  EXPECT_EQ(rest.wire.size(), 10U);
}

TEST(WireIndex, KeepsTheBeginningOfALongStep) {
  const std::vector<trace::Event> events{any_message(), sealed(ContentType::application_data, 100'000)};
  const trace::Connection connection = connection_of(events);
  WireIndex index(events, connection);
  Step step;
  index.give_rest_of_data(step, Sender::server, 0);
  EXPECT_EQ(step.wire.size(), limits::wire_bytes_kept);
  EXPECT_EQ(step.wire_bytes, 100'000 + framing);
}

TEST(WireIndex, CountsNoByteThatNeverLeft) {
  const std::vector<trace::Event> events{any_message(), sealed(ContentType::alert, 2)};
  trace::Connection connection = connection_of(events);
  connection.server = {};
  WireIndex index(events, connection);
  Step alert;
  index.give_alert(alert, Sender::server);
  EXPECT_EQ(alert.wire_bytes, 0U);
}

}  // namespace
}  // namespace padlock::explain
