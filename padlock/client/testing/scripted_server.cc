#include "padlock/client/testing/scripted_server.h"

#include <chrono>
#include <exception>
#include <span>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/base/text.h"
#include "padlock/net/clock.h"
#include "padlock/net/plain_stream.h"
#include "padlock/net/resources.h"

namespace padlock::client::testing {

using namespace std::chrono_literals;

net::NowOrLater<std::shared_ptr<const tls::Credential>> Scripted::certificate_for(const tls::CertificateWanted&) {
  return Result<std::shared_ptr<const tls::Credential>>(credential_);
}

void Scripted::serve() {
  asio::co_spawn(loop_, accept(), asio::detached);
  loop_.run();
}

const std::vector<std::string>& Scripted::requests() {
  const auto patience = net::deadline_in(2s);
  while (running_ > 0 && std::chrono::steady_clock::now() < patience) std::this_thread::sleep_for(1ms);
  loop_.stop();
  if (thread_.joinable()) thread_.join();
  return requests_;
}

net::Awaitable<void> Scripted::accept() {
  for (const Script& script : scripts_) {
    auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
    ++running_;
    asio::co_spawn(loop_, talk(std::move(socket), script), [this](const std::exception_ptr&) { --running_; });
  }
}

net::Awaitable<void> Scripted::talk(asio::ip::tcp::socket socket, Script script) {
  if (!credential_) {
    net::PlainStream stream(std::move(socket), net::Sender::server);
    co_await follow(stream, script);
    co_return;
  }
  auto end = tls::Connection::server(config_, net::Resources::of(loop_).provider());
  net::TlsStream stream(std::move(socket), std::move(end), *this);
  const auto shaken = co_await stream.handshake(net::deadline_in(5s));
  if (shaken) co_await follow(stream, script);
}

net::Awaitable<void> Scripted::follow(net::Stream& stream, const Script& script) {
  if (const auto* dialogue = std::get_if<Dialogue>(&script)) {
    co_await converse(stream, *dialogue);
  } else {
    co_await exchange(stream, std::get<Answer>(script));
  }
  co_await stream.close(net::deadline_in(200ms));
}

net::Awaitable<void> Scripted::converse(net::Stream& stream, const Dialogue& dialogue) {
  const std::size_t number = requests_.size();
  requests_.emplace_back();
  for (;;) {
    const auto bytes = co_await stream.read(net::deadline_in(5s));
    if (!bytes || bytes->empty()) co_return;
    requests_[number] += as_text(*bytes);
    const std::string text = dialogue.answer(std::string(as_text(*bytes)));
    const Bytes piece = as_bytes(text);
    if (text.empty()) continue;
    const auto said = co_await stream.write(std::span(&piece, 1), net::deadline_in(5s));
    if (!said) co_return;
  }
}

net::Awaitable<void> Scripted::exchange(net::Stream& stream, const Answer& answer) {
  std::string request;
  while (request.find("\r\n\r\n") == std::string::npos) {
    const auto bytes = co_await stream.read(net::deadline_in(5s));
    if (!bytes || bytes->empty()) co_return;
    request += as_text(*bytes);
  }
  requests_.push_back(request);
  const std::string text = answer(request);
  const Bytes piece = as_bytes(text);
  if (!text.empty()) co_await stream.write(std::span(&piece, 1), net::deadline_in(5s));
}

Scripted::Answer says(std::string text) {
  return [text = std::move(text)](const std::string&) { return text; };
}
Scripted::Answer page(std::string_view body) {
  return says("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
}
Scripted::Answer redirect(int status, const std::string& to) {
  return says("HTTP/1.1 " + std::to_string(status) + " See There\r\nLocation: " + to + "\r\nContent-Length: 0\r\n\r\n");
}

}  // namespace padlock::client::testing
