#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "padlock/tls/handshake/handshake.h"
#include "padlock/tls/handshake/server_states.h"

namespace padlock::tls {

/// A server's handshake of any version: the first ClientHello decides (RFC 8446, section 4.2.1).
class ServerHandshake final : public Handshake {
 public:
  explicit ServerHandshake(std::shared_ptr<const ServerConfig> config) : config_(std::move(config)) {}

  Result<void> start(Outbox& out) override;
  Result<void> on_message(const HandshakeMessage& message, Outbox& out) override;
  Result<void> on_answer(AnyAnswer answer, Outbox& out) override;
  bool waits_for_answer() const override;
  std::string_view waits_for() const override;
  ChangeCipherSpec change_cipher_spec() const override;
  void on_change_cipher_spec(Outbox& out) override;
  std::optional<Connected> take_connected() override;

 private:
  std::shared_ptr<const ServerConfig> config_;
  ServerState state_ = server::WaitClientHello{};
};

}  // namespace padlock::tls
