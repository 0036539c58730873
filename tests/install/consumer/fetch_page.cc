// fetch_page CA.pem HOST PORT PATH: prints what HOST answers over TLS 1.3, if CA.pem vouches for it.
#include <iostream>

#include <asio.hpp>

#include <padlock/net/atomic_file.h>
#include <padlock/net/connect.h>
#include <padlock/net/resolver.h>
#include <padlock/net/resources.h>
#include <padlock/net/tls_stream.h>
#include <padlock/x509/verify.h>

using namespace padlock;

struct Judge : net::Responder {  // trusts what the given roots vouch for
  x509::TrustStore roots;
  net::NowOrLater<tls::PeerVerified> verify(const tls::ChainVerificationWanted& asked) override {
    const x509::VerifyInput input{.chain = asked.chain, .server_name = asked.server_name, .now = net::now().wall};
    const auto verdict = x509::verify_chain(input, roots, *crypto::make_provider());
    if (!verdict.trusted) return Result<tls::PeerVerified>(std::unexpected(*verdict.error));
    return Result<tls::PeerVerified>(tls::PeerVerified::by_caller());
  }
};

net::Awaitable<void> fetch(std::string ca_file, std::string host, std::uint16_t port, std::string path) {
  const auto deadline = net::deadline_in(std::chrono::seconds(20));
  Judge judge;
  judge.roots.add_pem(as_text(net::read_file(ca_file, 1 << 20).value()), x509::TrustSource::given_file).value();
  const auto addresses = (co_await net::resolve(host, port, deadline)).value();
  auto socket = (co_await net::connect(host, addresses, deadline)).value();
  auto& provider = net::Resources::of(socket.get_executor()).provider();
  auto tls = tls::Connection::client(std::make_shared<tls::ClientConfig>(), host, provider);
  net::TlsStream stream(std::move(socket), std::move(tls), judge);
  (co_await stream.handshake(deadline)).value();
  const std::string request = "GET " + path + " HTTP/1.0\r\nHost: " + host + ":" + std::to_string(port) + "\r\n\r\n";
  co_await asio::async_write(stream, asio::buffer(request), asio::use_awaitable);
  for (;;) {
    const Bytes bytes = (co_await stream.read(deadline)).value();  // an end without close_notify is an error
    if (bytes.empty()) break;
    std::cout << as_text(bytes);
  }
}

int main(int count, char** arguments) try {
  if (count != 5) return 2;
  asio::io_context loop;
  const auto port = static_cast<std::uint16_t>(std::stoi(arguments[3]));
  auto done = asio::co_spawn(loop, fetch(arguments[1], arguments[2], port, arguments[4]), asio::use_future);
  loop.run();
  done.get();
} catch (const std::bad_expected_access<Error>& refused) {
  std::cerr << refused.error().to_string() << '\n';
  return 1;
}
