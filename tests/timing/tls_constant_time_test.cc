// TLS's own code around secrets, under memcheck as constant_time_test.cc has it: the key schedule, Finished and the
// protection of records.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "padlock/base/memcheck.h"
#include "padlock/tls/handshake/negotiated.h"
#include "padlock/tls/record/protection.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/schedule/key_schedule.h"
#include "padlock/tls/session/ticket_keys.h"
#include "padlock/tls/wire/post_handshake.h"

namespace padlock::tls {
namespace {

std::vector<std::uint8_t> secret_bytes(std::size_t size, std::uint8_t first = 1) {
  std::vector<std::uint8_t> bytes(size);
  for (std::uint8_t& byte : bytes) byte = first++;
  mark_secret(bytes);
  return bytes;
}

std::string published(Bytes bytes) {
  mark_public(bytes);
  return to_hex(bytes);
}

HandshakeSecrets handshake_secrets(crypto::HashAlgorithm hash, std::size_t shared_secret_length = 32, Bytes psk = {}) {
  const auto early = psk.empty() ? crypto::HashSecret() : early_secret(hash, psk);
  return derive_handshake_secrets(hash, early, crypto::SharedSecret(secret_bytes(shared_secret_length)),
                                  std::vector<std::uint8_t>(crypto::length_of(hash), 7));
}

TEST(KeySchedule, DoesNotBranchOnAnyOfItsSecrets) {
  for (const auto hash : {crypto::HashAlgorithm::sha256, crypto::HashAlgorithm::sha384}) {
    for (const std::size_t shared_secret_length : {32U, 48U, 64U}) {  // X25519, P-384, the hybrid
      const auto handshake = handshake_secrets(hash, shared_secret_length);
      const std::vector<std::uint8_t> transcript_hash(crypto::length_of(hash), 9);
      const auto application = derive_application_secrets(hash, handshake.master_secret, transcript_hash);
      std::vector<std::uint8_t> exported(48);
      export_keying_material(hash, application.exporter_master_secret, "EXPORTER-test", {}, exported);
      const auto next = next_traffic_secret(hash, application.client_application_traffic_secret_0);
      std::vector<std::string> all = {published(handshake.client_handshake_traffic_secret.reveal()),
                                      published(handshake.server_handshake_traffic_secret.reveal()),
                                      published(application.client_application_traffic_secret_0.reveal()),
                                      published(application.server_application_traffic_secret_0.reveal()),
                                      published(next.reveal()),
                                      published(exported)};
      std::ranges::sort(all);
      EXPECT_EQ(std::ranges::adjacent_find(all), all.end()) << "each secret is another one";
    }
  }
}

TEST(KeySchedule, DoesNotBranchOnATrafficSecretWhoseKeysItDerives) {
  for (const auto suite : cipher_suites_of(ProtocolVersion::TLS_1_3)) {
    const TrafficSecret secret(secret_bytes(crypto::length_of(hash_of(suite))));
    const TrafficKeys keys = derive_traffic_keys(suite, secret);
    EXPECT_NE(published(keys.key.reveal()).substr(0, 24), published(keys.iv.reveal()));
  }
}

TEST(KeySchedule, DoesNotBranchOnASessionsKey) {
  for (const auto hash : {crypto::HashAlgorithm::sha256, crypto::HashAlgorithm::sha384}) {
    const auto first = handshake_secrets(hash);
    const std::vector<std::uint8_t> transcript_hash(crypto::length_of(hash), 9);
    const auto psk =
        resumption_psk(hash, resumption_master_secret(hash, first.master_secret, transcript_hash), as_bytes("nonce"));
    const auto resumed = handshake_secrets(hash, 32, psk.reveal());
    EXPECT_NE(published(resumed.master_secret.reveal()), published(first.master_secret.reveal()));
  }
}

TEST(Binder, IsComparedWithoutBranches) {
  const auto hash = crypto::HashAlgorithm::sha256;
  const auto psk = secret_bytes(32);
  const auto binder = psk_binder(hash, early_secret(hash, psk), "res binder", std::vector<std::uint8_t>(32, 5));
  std::vector<std::uint8_t> said(binder.bytes().begin(), binder.bytes().end());
  mark_public(said);  // it stands in the hello
  EXPECT_TRUE(equal_constant_time(said, binder));
  said.back() ^= 1;
  EXPECT_FALSE(equal_constant_time(said, binder));
}

/// Opening ends in libcrypto's verdict on the tag, which the peer sees anyway: constant_time_test.cc has its
/// comparison.
TEST(Tickets, AreSealedWithoutBranchingOnTheirKeysAndTheSession) {
  const auto provider = crypto::make_provider();
  TicketKeys keys(*provider, Secret<32>(secret_bytes(32)), WallTime(), {});
  const auto session = secret_bytes(100);
  for (const WallTime now : {WallTime(), WallTime() + TicketKeys::period}) {
    EXPECT_GT(published(keys.seal(session, now)).size(), 2 * session.size());
  }
}

/// Reads `change`d Finished of a server whose base key is secret; gives the rule that it breaks.
template <class Change>
const Rule* check_changed_finished(CipherSuite suite, Change change) {
  const auto hash = hash_of(suite);
  Negotiated negotiated{suite, {}, Transcript(hash), handshake_secrets(hash)};
  negotiated.transcript.add(as_bytes("all messages so far"));
  const auto verify_data =
      finished_verify_data(hash, negotiated.secrets.server_handshake_traffic_secret, negotiated.transcript.digest());
  mark_public(verify_data.bytes());  // whoever is on the wire sees it
  auto message = compose(HandshakeType::finished, [&](Writer& body) { write_finished(body, verify_data.bytes()); });
  change(message);
  const auto checked = check_finished(negotiated, Sender::server, parse_handshake_message(message).value());
  return checked ? nullptr : checked.error().rule;
}

TEST(Finished, IsComparedWithoutBranches) {
  for (const auto suite : {CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite::TLS_AES_256_GCM_SHA384}) {
    EXPECT_EQ(check_changed_finished(suite, [](auto&) {}), nullptr);
    EXPECT_EQ(check_changed_finished(suite, [](auto& message) { message[4] ^= 1; }), &rules::finished_wrong);
    EXPECT_EQ(check_changed_finished(suite, [](auto& message) { message.back() ^= 0x80; }), &rules::finished_wrong);
  }
}

TEST(RecordProtection, SealsWithoutBranchingOnItsSecretAndTheContent) {
  const auto provider = crypto::make_provider();
  for (const auto suite : cipher_suites_of(ProtocolVersion::TLS_1_3)) {
    RecordProtection protection(suite, TrafficSecret(secret_bytes(crypto::length_of(hash_of(suite)))), *provider);
    for (const std::size_t size : {1U, 16U, 300U}) {
      const auto content = secret_bytes(size);
      const Bytes piece(content);
      std::vector<std::uint8_t> record(size + crypto::aead_tag_length);
      protection.seal(as_bytes("\x17\x03\x03\x01\x00"), std::span(&piece, 1), record);
      EXPECT_EQ(published(record).size(), 2 * record.size());
    }
  }
}

// It leaks on purpose: memcheck.py fails if it goes unreported.

TEST(Planted, FinishedComparedByteByByteIsReported) {
  const auto secrets = handshake_secrets(crypto::HashAlgorithm::sha256);
  const std::vector<std::uint8_t> hash(32, 3);
  const auto expected =
      finished_verify_data(crypto::HashAlgorithm::sha256, secrets.server_handshake_traffic_secret, hash);
  const auto again = finished_verify_data(crypto::HashAlgorithm::sha256, secrets.server_handshake_traffic_secret, hash);
  EXPECT_TRUE(std::ranges::equal(expected.bytes(), again.bytes()));
}

}  // namespace
}  // namespace padlock::tls
