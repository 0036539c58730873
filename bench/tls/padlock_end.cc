#include <array>
#include <variant>

#include "bench/harness.h"
#include "bench/tls/end.h"
#include "bench/tls/pki.h"
#include "padlock/tls/connection.h"
#include "padlock/tls/session/client_session.h"
#include "padlock/tls/session/ticket_keys.h"

namespace padlock::bench {
namespace {

using Session = std::shared_ptr<const tls::ClientSession>;

/// What ends share.
struct Shared {
  explicit Shared(const Negotiation& what) : negotiation(what), files(pki(what.keys)) {}
  Negotiation negotiation;
  const Pki& files;
  std::unique_ptr<crypto::Provider> provider = crypto::make_provider();
  Session session;  ///< the last that a client was given
};

Instant now() { return {.monotonic = {}, .wall = bench_time()}; }

class PadlockEnd final : public End {
 public:
  PadlockEnd(tls::Connection connection, Shared& shared) : connection_(std::move(connection)), shared_(shared) {
    answer_questions();
  }

  void advance(std::span<std::uint8_t> wire) override {
    while (!wire.empty()) {
      const auto taken = connection_.feed(wire, now());
      require(taken && *taken > 0, "feeding a handshake");
      wire = wire.subspan(*taken);
      answer_questions();
    }
  }

  std::vector<std::uint8_t> take_output() override {
    const Bytes waiting = connection_.output();
    std::vector<std::uint8_t> output(waiting.begin(), waiting.end());
    connection_.output_sent(output.size());
    return output;
  }

  bool complete() const override { return complete_; }
  bool resumed() const override { return connection_.info().resumed; }

  void send(Bytes data) override { require(connection_.send(data).has_value(), "sending"); }

  std::size_t drop_output() override {
    const std::size_t size = connection_.output().size();
    connection_.output_sent(size);
    return size;
  }

  std::size_t receive(std::span<std::uint8_t> wire) override {
    const auto taken = connection_.feed(wire, now());
    require(taken && *taken == wire.size(), "feeding a record");
    const auto event = connection_.next_event();
    const auto* const data = event ? std::get_if<tls::ApplicationData>(&*event) : nullptr;
    require(data != nullptr, "receiving");
    return data->bytes.size();
  }

  void idle() override { connection_.release_buffers(); }

 private:
  void answer_questions() {
    while (auto event = connection_.next_event()) {
      if (const auto* const wanted = std::get_if<tls::CryptoWanted>(&*event)) {
        require(tls::answer_at_once(connection_, *wanted, *shared_.provider).has_value(), "an answer");
      } else if (const auto* const certificate = std::get_if<tls::CertificateWanted>(&*event)) {
        require(connection_.answer(certificate->id, shared_.files.credential).has_value(), "a credential");
      } else if (const auto* const chain = std::get_if<tls::ChainVerificationWanted>(&*event)) {
        verify(*chain);
      } else if (auto* const received = std::get_if<tls::SessionReceived>(&*event)) {
        shared_.session = std::move(received->session);
      } else {
        require(std::holds_alternative<tls::HandshakeComplete>(*event), "the handshake");
        complete_ = true;
      }
    }
  }

  void verify(const tls::ChainVerificationWanted& wanted) {
    if (shared_.negotiation.verify) {
      const auto verdict = x509::verify_chain(
          {.chain = wanted.chain, .leaf = wanted.leaf, .server_name = wanted.server_name, .now = bench_time()},
          shared_.files.trust, *shared_.provider);
      require(verdict.trusted, "the verification");
    }
    require(connection_.answer(wanted.id, tls::PeerVerified::by_caller()).has_value(), "a verdict");
  }

  tls::Connection connection_;
  Shared& shared_;
  bool complete_ = false;
};

/// In TLS 1.2 the certificate's curve must be among the groups; the first is the one that is chosen.
std::vector<crypto::NamedGroup> groups_of(const Negotiation& negotiation) {
  if (negotiation.tls12) return {negotiation.group, crypto::NamedGroup::secp256r1};
  return {negotiation.group};
}

class PadlockEnds final : public Ends {
 public:
  explicit PadlockEnds(const Negotiation& negotiation) : shared_(negotiation) {
    const auto policy = negotiation.tls12 ? tls::Policy::intermediate : tls::Policy::modern;
    const auto version = negotiation.tls12 ? tls::ProtocolVersion::TLS_1_2 : tls::ProtocolVersion::TLS_1_3;
    client_ = std::make_shared<const tls::ClientConfig>(tls::ClientConfig{.policy = policy,
                                                                          .max_version = version,
                                                                          .groups = groups_of(negotiation),
                                                                          .key_share_count = 1,
                                                                          .cipher_suites = {suite_of(negotiation)},
                                                                          .alpn = {"http/1.1"},
                                                                          .grease = false,
                                                                          .resumption = negotiation.resumed});
    std::shared_ptr<tls::TicketKeys> ticket_keys;
    if (negotiation.resumed) {
      ticket_keys = std::make_shared<tls::TicketKeys>(*shared_.provider, Secret<32>(std::array<std::uint8_t, 32>{1}),
                                                      bench_time(), tls::TicketSource{});
    }
    server_ = std::make_shared<const tls::ServerConfig>(tls::ServerConfig{.policy = policy,
                                                                          .max_version = version,
                                                                          .groups = groups_of(negotiation),
                                                                          .cipher_suites = {suite_of(negotiation)},
                                                                          .alpn = {"http/1.1"},
                                                                          .ticket_keys = std::move(ticket_keys),
                                                                          .tickets = 1});
  }

  std::unique_ptr<End> client() override {
    return std::make_unique<PadlockEnd>(tls::Connection::client(client_, std::string(server_name), *shared_.provider,
                                                                nullptr, nullptr, {shared_.session, now()}),
                                        shared_);
  }
  std::unique_ptr<End> server() override {
    return std::make_unique<PadlockEnd>(tls::Connection::server(server_, *shared_.provider), shared_);
  }

 private:
  Shared shared_;
  std::shared_ptr<const tls::ClientConfig> client_;
  std::shared_ptr<const tls::ServerConfig> server_;
};

}  // namespace

tls::CipherSuite suite_of(const Negotiation& negotiation) {
  if (negotiation.tls12) return tls::CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
  return negotiation.chacha ? tls::CipherSuite::TLS_CHACHA20_POLY1305_SHA256 : tls::CipherSuite::TLS_AES_128_GCM_SHA256;
}

std::shared_ptr<Ends> padlock_ends(const Negotiation& negotiation) {
  return std::make_shared<PadlockEnds>(negotiation);
}

void connect(End& client, End& server) {
  while (!client.complete() || !server.complete()) {
    auto to_server = client.take_output();
    server.advance(to_server);
    auto to_client = server.take_output();
    client.advance(to_client);
    require(!to_server.empty() || !to_client.empty(), "connecting");
  }
}

}  // namespace padlock::bench
