#include <variant>

#include "bench/harness.h"
#include "bench/tls/end.h"
#include "bench/tls/pki.h"
#include "padlock/tls/connection.h"

namespace padlock::bench {
namespace {

class PadlockEnd final : public End {
 public:
  PadlockEnd(tls::Connection connection, crypto::Provider& provider, bool verify)
      : connection_(std::move(connection)), provider_(provider), verify_(verify) {
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
  static Instant now() { return {.monotonic = {}, .wall = bench_time()}; }

  void answer_questions() {
    while (auto event = connection_.next_event()) {
      if (const auto* const wanted = std::get_if<tls::CryptoWanted>(&*event)) {
        require(tls::answer_at_once(connection_, *wanted, provider_).has_value(), "an answer");
      } else if (const auto* const certificate = std::get_if<tls::CertificateWanted>(&*event)) {
        require(connection_.answer(certificate->id, pki().credential).has_value(), "a credential");
      } else if (const auto* const chain = std::get_if<tls::ChainVerificationWanted>(&*event)) {
        verify(*chain);
      } else {
        require(std::holds_alternative<tls::HandshakeComplete>(*event), "the handshake");
        complete_ = true;
      }
    }
  }

  void verify(const tls::ChainVerificationWanted& wanted) {
    if (verify_) {
      const auto verdict = x509::verify_chain(
          {.chain = wanted.chain, .server_name = wanted.server_name, .now = bench_time()}, pki().trust, provider_);
      require(verdict.trusted, "the verification");
    }
    require(connection_.answer(wanted.id, tls::PeerVerified::by_caller()).has_value(), "a verdict");
  }

  tls::Connection connection_;
  crypto::Provider& provider_;
  bool verify_;
  bool complete_ = false;
};

class PadlockEnds final : public Ends {
 public:
  explicit PadlockEnds(const Negotiation& negotiation) : verify_(negotiation.verify) {
    const auto suite =
        negotiation.chacha ? tls::CipherSuite::TLS_CHACHA20_POLY1305_SHA256 : tls::CipherSuite::TLS_AES_128_GCM_SHA256;
    client_ = std::make_shared<const tls::ClientConfig>(tls::ClientConfig{.groups = {negotiation.group},
                                                                          .key_share_count = 1,
                                                                          .cipher_suites = {suite},
                                                                          .alpn = {"http/1.1"},
                                                                          .grease = false});
    server_ = std::make_shared<const tls::ServerConfig>(
        tls::ServerConfig{.groups = {negotiation.group}, .cipher_suites = {suite}, .alpn = {"http/1.1"}});
  }

  std::unique_ptr<End> client() override {
    return std::make_unique<PadlockEnd>(tls::Connection::client(client_, std::string(server_name), *provider_),
                                        *provider_, verify_);
  }
  std::unique_ptr<End> server() override {
    return std::make_unique<PadlockEnd>(tls::Connection::server(server_, *provider_), *provider_, verify_);
  }

 private:
  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
  std::shared_ptr<const tls::ClientConfig> client_;
  std::shared_ptr<const tls::ServerConfig> server_;
  bool verify_;
};

}  // namespace

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
