#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <variant>
#include <vector>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include "padlock/net/awaitable.h"
#include "padlock/net/stream.h"
#include "padlock/net/tls_stream.h"
#include "padlock/tls/connection.h"

namespace padlock::client::testing {

/// A server on loopback that says what it is told: each connection gets the next script, over TLS if there is a
/// credential. It keeps what it was sent. Where `config.alpn` says h2, scripts are frames.
class Scripted final : net::Responder {
 public:
  /// To the first blank line (an HTTP/2 client's preface has one, too), and then the connection is closed.
  using Answer = std::function<std::string(const std::string& request)>;
  /// To each piece that comes, until the client closes.
  struct Dialogue {
    std::function<std::string(const std::string& piece)> answer;
  };
  using Script = std::variant<Answer, Dialogue>;

  explicit Scripted(std::vector<Script> scripts, std::shared_ptr<const tls::Credential> credential = nullptr,
                    tls::ServerConfig config = {})
      : scripts_(std::move(scripts)),
        credential_(std::move(credential)),
        config_(std::make_shared<const tls::ServerConfig>(std::move(config))),
        acceptor_(loop_, {asio::ip::address_v4::loopback(), 0}),
        thread_([this] { serve(); }) {}
  ~Scripted() override {
    loop_.stop();
    if (thread_.joinable()) thread_.join();
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::string at(std::string_view scheme, std::string_view host = "localhost") const {
    return std::string(scheme) + "://" + std::string(host) + ":" + std::to_string(port());
  }
  /// Once the connections so far have ended, so that what clients said last is there.
  const std::vector<std::string>& requests();

 private:
  net::NowOrLater<std::shared_ptr<const tls::Credential>> certificate_for(const tls::CertificateWanted&) override;
  void serve();
  net::Awaitable<void> accept();
  net::Awaitable<void> talk(asio::ip::tcp::socket socket, Script script);
  net::Awaitable<void> follow(net::Stream& stream, const Script& script);
  net::Awaitable<void> exchange(net::Stream& stream, const Answer& answer);
  net::Awaitable<void> converse(net::Stream& stream, const Dialogue& dialogue);

  std::vector<Script> scripts_;
  std::shared_ptr<const tls::Credential> credential_;
  std::shared_ptr<const tls::ServerConfig> config_;
  std::atomic<int> running_ = 0;  ///< connections
  asio::io_context loop_;
  asio::ip::tcp::acceptor acceptor_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

// Answers: any text, a whole page, a redirect.
Scripted::Answer says(std::string text);
Scripted::Answer page(std::string_view body);
Scripted::Answer redirect(int status, const std::string& to);

}  // namespace padlock::client::testing
