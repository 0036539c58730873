#pragma once

#include <string_view>

#include "padlock/tls/observer.h"
#include "padlock/tls/types.h"

namespace padlock::bogo {

/// Knows the handshake message that came last.
class LastMessage final : public tls::Observer {
 public:
  explicit LastMessage(tls::Sender peer) : peer_(peer) {}
  void handshake_message(tls::Sender sender, tls::EncryptionLevel, Bytes message) override {
    if (sender == peer_) type_ = static_cast<tls::HandshakeType>(message.front());
  }
  void record(tls::Sender, tls::EncryptionLevel, tls::ContentType, tls::ContentType, std::size_t,
              std::size_t) override {}
  void key_derived(std::string_view, std::size_t) override {}
  void chosen(std::string_view, std::string_view, std::string_view) override {}
  void alert(tls::Sender, tls::EncryptionLevel, AlertDescription) override {}
  bool is(std::uint64_t type) const { return static_cast<std::uint64_t>(type_) == type; }

 private:
  tls::Sender peer_;
  tls::HandshakeType type_{};
};

}  // namespace padlock::bogo
