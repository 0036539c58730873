// A random source that fails at any of its draws (docs/threats.md, T33): no hello goes out, and what is said is
// internal_error.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "padlock/tls/connection.h"
#include "padlock/tls/testing/scripted_peer.h"
#include "tests/support/fixed_provider.h"

namespace padlock::tls {
namespace {

using testing::End;
using testing::ScriptedClient;

/// Lets a connection run until it waits for its peer, with a provider of its own. Gives its failure.
std::optional<Failed> run(Connection& connection, crypto::Provider& provider) {
  std::optional<Failed> failure;
  while (auto event = connection.next_event()) {
    if (auto* failed = std::get_if<Failed>(&*event)) failure = std::move(*failed);
    if (const auto* wanted = std::get_if<CryptoWanted>(&*event)) (void)answer_at_once(connection, *wanted, provider);
    if (const auto* wanted = std::get_if<CertificateWanted>(&*event))
      (void)connection.answer(wanted->id, testing::credential());
  }
  return failure;
}

/// Draws until one fails; gives how many a connection needs until it waits for its peer.
template <class Try>
std::size_t draws_needed(Try&& attempt) {
  std::size_t draws = 0;
  while (draws < 100 && !attempt(draws)) ++draws;
  return draws;
}

void expect_internal_error(const Connection& connection, const std::optional<Failed>& failure, std::size_t draws) {
  SCOPED_TRACE(std::to_string(draws) + " draws work");
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->error.rule->alert, AlertDescription::internal_error);
  // A client's first record says TLS 1.0, whatever it holds.
  const std::string record = connection.info().server || connection.info().hello_retry_request ? "150303" : "150301";
  EXPECT_EQ(to_hex(connection.output()), record + "00020250") << "the alert, and nothing before it";
}

TEST(RandomSource, ThatFailsAtAnyDrawKeepsAClientFromItsHello) {
  for (const bool compatibility : {false, true}) {
    const auto config = std::make_shared<const ClientConfig>(ClientConfig{.middlebox_compatibility = compatibility});
    const std::size_t needed = draws_needed([&](std::size_t draws) {
      test::FixedProvider provider;
      provider.fail_after(draws);
      Connection client = Connection::client(config, "server.test", provider);
      const auto failure = run(client, provider);
      if (!failure) return client.output().size() > 200;  // the whole hello
      expect_internal_error(client, failure, draws);
      return false;
    });
    EXPECT_GE(needed, 3U + (compatibility ? 1U : 0U)) << "a key share, its seeds and the random of the hello";
    EXPECT_LT(needed, 100U);
  }
}

TEST(RandomSource, ThatFailsAtAnyDrawKeepsAServerFromItsHello) {
  for (const NamedGroup group : {NamedGroup::x25519, NamedGroup::X25519MLKEM768, NamedGroup::secp256r1}) {
    End unused = End::server(std::make_shared<const ServerConfig>());
    ScriptedClient client(unused);
    const auto message = testing::to_message(client.client_hello(group));
    const auto header = write_record_header({ContentType::handshake, 0x0301, message.size()});
    const std::size_t needed = draws_needed([&](std::size_t draws) {
      test::FixedProvider provider;
      provider.fail_after(draws);
      Connection server = Connection::server(std::make_shared<const ServerConfig>(), provider);
      std::vector<std::uint8_t> record(header.begin(), header.end());
      record.insert(record.end(), message.begin(), message.end());
      (void)server.feed(record, Instant{});
      const auto failure = run(server, provider);
      if (!failure) return server.output().size() > 200;  // the whole flight
      expect_internal_error(server, failure, draws);
      return false;
    });
    EXPECT_GE(needed, 2U) << "a key share and the random of ServerHello";
    EXPECT_LT(needed, 100U);
  }
}

TEST(RandomSource, ThatFailsAfterARetryKeepsAClientFromItsSecondHello) {
  test::FixedProvider provider;
  Connection client = Connection::client(std::make_shared<const ClientConfig>(), "server.test", provider);
  EXPECT_FALSE(run(client, provider));
  const auto hello = parse_client_hello(Reader(client.output().subspan(5 + 4), "ClientHello")).value();
  client.output_sent(client.output().size());
  const auto retry = testing::to_message(HelloRetryRequest{.legacy_session_id_echo = hello.legacy_session_id,
                                                           .cipher_suite = CipherSuite::TLS_AES_128_GCM_SHA256,
                                                           .supported_versions = ProtocolVersion::TLS_1_3,
                                                           .key_share = NamedGroup::secp256r1});
  const auto header = write_record_header({ContentType::handshake, 0x0303, retry.size()});
  std::vector<std::uint8_t> record(header.begin(), header.end());
  record.insert(record.end(), retry.begin(), retry.end());
  provider.fail_after(0);
  ASSERT_TRUE(client.feed(record, Instant{}));
  expect_internal_error(client, run(client, provider), 0);
}

}  // namespace
}  // namespace padlock::tls
