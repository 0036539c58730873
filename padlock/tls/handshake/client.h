#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "padlock/tls/connection.h"
#include "padlock/tls/handshake/client_states.h"
#include "padlock/tls/handshake/handshake.h"

namespace padlock::tls {

/// A client's handshake of any version: the server's hello decides (RFC 8446, section 4.2.1).
class ClientHandshake final : public Handshake {
 public:
  ClientHandshake(std::shared_ptr<const ClientConfig> config, std::string server_name, Resumption resumption = {})
      : config_(std::move(config)), server_name_(std::move(server_name)), resumption_(std::move(resumption)) {}

  Result<void> start(Outbox& out) override;
  Result<void> on_message(const HandshakeMessage& message, Outbox& out) override;
  Result<void> on_answer(AnyAnswer answer, Outbox& out) override;
  bool waits_for_answer() const override;
  std::string_view waits_for() const override;
  ChangeCipherSpec change_cipher_spec() const override;
  void on_change_cipher_spec(Outbox& out) override;
  std::optional<Connected> take_connected() override;

 private:
  std::shared_ptr<const ClientConfig> config_;
  std::string server_name_;
  Resumption resumption_;
  ClientState state_ = client::WaitKeyShares{client::KeyShares(arena())};
};

}  // namespace padlock::tls
