#include "padlock/tls/handshake/negotiated.h"

#include <algorithm>
#include <string>

#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/wire/post_handshake.h"

namespace padlock::tls {

std::uint16_t set_record_sizes(std::uint16_t ours, std::uint16_t peers, Outbox& out) {
  const bool type_counts = out.info.version == ProtocolVersion::TLS_1_3;
  if (!type_counts) ours = std::min<std::uint16_t>(ours, limits::plaintext);
  out.writer.limit_records(peers - (type_counts ? 1U : 0U));
  out.reader.limit_content(ours - (type_counts ? 1U : 0U));
  return ours;
}

Negotiated derive_handshake_keys(CipherSuite suite, const Random& client_random, Transcript transcript,
                                 Bytes transcript_hash, const crypto::HashSecret& early_secret,
                                 const crypto::SharedSecret& shared_secret, const Outbox& out) {
  HandshakeSecrets secrets = derive_handshake_secrets(hash_of(suite), early_secret, shared_secret, transcript_hash);
  out.derived("shared_secret", shared_secret.size());
  out.derived("client_handshake_traffic_secret", secrets.client_handshake_traffic_secret.size());
  out.derived("server_handshake_traffic_secret", secrets.server_handshake_traffic_secret.size());
  out.derived("master_secret", secrets.master_secret.size());
  out.log_key("CLIENT_HANDSHAKE_TRAFFIC_SECRET", client_random, secrets.client_handshake_traffic_secret.reveal());
  out.log_key("SERVER_HANDSHAKE_TRAFFIC_SECRET", client_random, secrets.server_handshake_traffic_secret.reveal());
  return {suite, client_random, std::move(transcript), std::move(secrets)};
}

TrafficSecret derive_early_traffic_secret(CipherSuite suite, const Random& client_random,
                                          const crypto::HashSecret& early_secret, Bytes hello_hash, const Outbox& out) {
  TrafficSecret secret = early_traffic_secret(hash_of(suite), early_secret, hello_hash);
  out.derived("client_early_traffic_secret", secret.size());
  out.log_key("CLIENT_EARLY_TRAFFIC_SECRET", client_random, secret.reveal());
  return secret;
}

ApplicationSecrets derive_application_keys(const Negotiated& negotiated, const Outbox& out) {
  ApplicationSecrets secrets = derive_application_secrets(
      hash_of(negotiated.cipher_suite), negotiated.secrets.master_secret, negotiated.transcript.digest());
  out.derived("client_application_traffic_secret_0", secrets.client_application_traffic_secret_0.size());
  out.derived("server_application_traffic_secret_0", secrets.server_application_traffic_secret_0.size());
  out.derived("exporter_master_secret", secrets.exporter_master_secret.size());
  out.log_key("CLIENT_TRAFFIC_SECRET_0", negotiated.client_random,
              secrets.client_application_traffic_secret_0.reveal());
  out.log_key("SERVER_TRAFFIC_SECRET_0", negotiated.client_random,
              secrets.server_application_traffic_secret_0.reveal());
  out.log_key("EXPORTER_SECRET", negotiated.client_random, secrets.exporter_master_secret.reveal());
  return secrets;
}

namespace {

crypto::Digest verify_data_of(const Negotiated& negotiated, Sender sender) {
  const TrafficSecret& base_key = sender == Sender::client ? negotiated.secrets.client_handshake_traffic_secret
                                                           : negotiated.secrets.server_handshake_traffic_secret;
  return finished_verify_data(hash_of(negotiated.cipher_suite), base_key, negotiated.transcript.digest());
}

}  // namespace

void send_finished(Negotiated& negotiated, Sender self, Outbox& out) {
  const crypto::Digest verify_data = verify_data_of(negotiated, self);
  negotiated.transcript.add(
      out.send(HandshakeType::finished, [&](Writer& body) { write_finished(body, verify_data); }));
}

namespace {

Result<void> compare_verify_data(const HandshakeMessage& message, const crypto::Digest& expected) {
  const Bytes verify_data = PADLOCK_TRY(parse_finished(Reader(message.body, "Finished")));
  if (verify_data.size() != expected.bytes().size()) {
    return broken(rules::finished_length, "Finished.verify_data is " + std::to_string(verify_data.size()) +
                                              " bytes long, it should be " + std::to_string(expected.bytes().size()));
  }
  if (!equal_constant_time(verify_data, expected)) {
    return broken(rules::finished_wrong, "Finished.verify_data is not that of this handshake");
  }
  return {};
}

}  // namespace

Result<void> check_finished(Negotiated& negotiated, Sender peer, const HandshakeMessage& message) {
  PADLOCK_TRY(expect(message, HandshakeType::finished));
  PADLOCK_TRY(compare_verify_data(message, verify_data_of(negotiated, peer)));
  negotiated.transcript.add(message.bytes);
  return {};
}

// ---- TLS 1.2

namespace {

Keyed12 with_keys(Hellos12 hellos, tls12::MasterSecret master_secret, const Outbox& out) {
  out.derived("master_secret", master_secret.size());
  out.log_key("CLIENT_RANDOM", hellos.client_random, master_secret.reveal());
  tls12::KeyBlock keys =
      tls12::expand_keys(hellos.cipher_suite, master_secret, hellos.client_random, hellos.server_random);
  keys.client.encrypt_then_mac = hellos.terms.encrypt_then_mac;
  keys.server.encrypt_then_mac = hellos.terms.encrypt_then_mac;
  if (!keys.client.mac_key.empty()) {
    out.derived("client_write_MAC_key", keys.client.mac_key.size());
    out.derived("server_write_MAC_key", keys.server.mac_key.size());
  }
  out.derived("client_write_key", keys.client.key.size());
  out.derived("server_write_key", keys.server.key.size());
  if (!keys.client.iv.empty()) {
    out.derived("client_write_IV", keys.client.iv.size());
    out.derived("server_write_IV", keys.server.iv.size());
  }
  return {{hellos.cipher_suite, hellos.client_random, hellos.server_random, std::move(master_secret),
           std::move(hellos.transcript)},
          std::move(keys)};
}

}  // namespace

Keyed12 derive_keys12(Hellos12 hellos, const crypto::SharedSecret& pre_master_secret, const Outbox& out) {
  out.derived("pre_master_secret", pre_master_secret.size());
  const crypto::HashAlgorithm hash = hash_of(hellos.cipher_suite);
  auto master_secret =
      hellos.terms.extended_master_secret
          ? tls12::extended_master_secret(hash, pre_master_secret.reveal(), hellos.transcript.digest())
          : tls12::master_secret(hash, pre_master_secret.reveal(), hellos.client_random, hellos.server_random);
  return with_keys(std::move(hellos), std::move(master_secret), out);
}

Keyed12 resume_keys12(Hellos12 hellos, Bytes master_secret, const Outbox& out) {
  return with_keys(std::move(hellos), tls12::MasterSecret(master_secret), out);
}

namespace {

crypto::Digest verify_data12(const Negotiated12& negotiated, Sender sender) {
  return tls12::finished_verify_data(hash_of(negotiated.cipher_suite), negotiated.master_secret,
                                     sender == Sender::client ? "client finished" : "server finished",
                                     negotiated.transcript.digest());
}

}  // namespace

void send_finished12(Negotiated12& negotiated, Sender self, Outbox& out) {
  const auto verify_data = verify_data12(negotiated, self);
  negotiated.transcript.add(
      out.send(HandshakeType::finished, [&](Writer& body) { write_finished(body, verify_data); }));
}

Result<void> check_finished12(Negotiated12& negotiated, Sender peer, const HandshakeMessage& message) {
  PADLOCK_TRY(expect(message, HandshakeType::finished));
  PADLOCK_TRY(compare_verify_data(message, verify_data12(negotiated, peer)));
  negotiated.transcript.add(message.bytes);
  return {};
}

Connected connected12(Negotiated12 negotiated) {
  return {negotiated.cipher_suite,
          Secrets12{std::move(negotiated.master_secret), negotiated.client_random, negotiated.server_random}};
}

std::vector<std::uint8_t> certificate_verify_content(Sender signer, Bytes transcript_hash) {
  std::vector<std::uint8_t> content;
  content.reserve(64 + 33 + 1 + crypto::max_hash_length);
  content.assign(64, 0x20);
  Writer out(content);
  out.bytes(
      as_bytes(signer == Sender::server ? "TLS 1.3, server CertificateVerify" : "TLS 1.3, client CertificateVerify"));
  out.u8(0);
  out.bytes(transcript_hash);
  return content;
}

Result<void> expect(const HandshakeMessage& message, HandshakeType type) {
  if (message.type != type) return unexpected(message, name_of(type));
  return {};
}

std::unexpected<Error> unexpected(const HandshakeMessage& message, std::string_view waits_for) {
  return broken(rules::unexpected_message, "expected " + std::string(waits_for) + ", got " +
                                               std::string(name_of(message.type)) + " (" +
                                               std::to_string(static_cast<unsigned>(message.type)) + ")");
}

}  // namespace padlock::tls
