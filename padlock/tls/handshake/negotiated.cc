#include "padlock/tls/handshake/negotiated.h"

#include <string>

#include "padlock/tls/rules.h"
#include "padlock/tls/wire/post_handshake.h"

namespace padlock::tls {

Negotiated derive_handshake_keys(CipherSuite suite, const Random& client_random, Transcript transcript,
                                 Bytes transcript_hash, const crypto::SharedSecret& shared_secret, const Outbox& out) {
  HandshakeSecrets secrets = derive_handshake_secrets(hash_of(suite), shared_secret, transcript_hash);
  out.derived("shared_secret", shared_secret.size());
  out.derived("client_handshake_traffic_secret", secrets.client_handshake_traffic_secret.size());
  out.derived("server_handshake_traffic_secret", secrets.server_handshake_traffic_secret.size());
  out.derived("master_secret", secrets.master_secret.size());
  out.log_key("CLIENT_HANDSHAKE_TRAFFIC_SECRET", client_random, secrets.client_handshake_traffic_secret);
  out.log_key("SERVER_HANDSHAKE_TRAFFIC_SECRET", client_random, secrets.server_handshake_traffic_secret);
  return {suite, client_random, std::move(transcript), std::move(secrets)};
}

ApplicationSecrets derive_application_keys(const Negotiated& negotiated, const Outbox& out) {
  ApplicationSecrets secrets = derive_application_secrets(
      hash_of(negotiated.cipher_suite), negotiated.secrets.master_secret, negotiated.transcript.digest());
  out.derived("client_application_traffic_secret_0", secrets.client_application_traffic_secret_0.size());
  out.derived("server_application_traffic_secret_0", secrets.server_application_traffic_secret_0.size());
  out.derived("exporter_master_secret", secrets.exporter_master_secret.size());
  out.log_key("CLIENT_TRAFFIC_SECRET_0", negotiated.client_random, secrets.client_application_traffic_secret_0);
  out.log_key("SERVER_TRAFFIC_SECRET_0", negotiated.client_random, secrets.server_application_traffic_secret_0);
  out.log_key("EXPORTER_SECRET", negotiated.client_random, secrets.exporter_master_secret);
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

Result<void> check_finished(Negotiated& negotiated, Sender peer, const HandshakeMessage& message) {
  PADLOCK_TRY(expect(message, HandshakeType::finished));
  const Bytes verify_data = PADLOCK_TRY(parse_finished(Reader(message.body, "Finished")));
  const crypto::Digest expected = verify_data_of(negotiated, peer);
  if (verify_data.size() != expected.bytes().size()) {
    return broken(rules::finished_length, "Finished.verify_data is " + std::to_string(verify_data.size()) +
                                              " bytes long, the hash has " + std::to_string(expected.bytes().size()));
  }
  if (!equal_constant_time(verify_data, expected)) {
    return broken(rules::finished_wrong, "Finished.verify_data is not that of this handshake");
  }
  negotiated.transcript.add(message.bytes);
  return {};
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
