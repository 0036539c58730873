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

struct Judge : net::Responder {
  x509::TrustStore roots;
  net::NowOrLater<tls::PeerVerified> verify(const tls::ChainVerificationWanted& asked) override {
    const auto provider = crypto::make_provider();
    const auto verdict = x509::verify_chain(
        {.chain = asked.chain, .server_name = asked.server_name, .now = net::now().wall}, roots, *provider);
    if (!verdict.trusted) return Result<tls::PeerVerified>(std::unexpected(*verdict.error));
    return Result<tls::PeerVerified>(tls::PeerVerified::by_caller());
  }
};

net::Awaitable<Result<void>> fetch(std::string ca_file, std::string host, std::uint16_t port, std::string path) {
  const net::Deadline deadline = net::deadline_in(std::chrono::seconds(20));
  Judge judge;
  const auto pem = net::read_file(ca_file, 1 << 20);
  PADLOCK_CO_TRY(pem);
  const auto added = judge.roots.add_pem(as_text(*pem), x509::TrustSource::given_file);
  PADLOCK_CO_TRY(added);
  const auto addresses = co_await net::resolve(host, port, deadline);
  PADLOCK_CO_TRY(addresses);
  auto socket = co_await net::connect(host, *addresses, deadline);
  PADLOCK_CO_TRY(socket);
  auto& provider = net::Resources::of(co_await asio::this_coro::executor).provider();
  net::TlsStream stream(std::move(*socket),
                        tls::Connection::client(std::make_shared<tls::ClientConfig>(), host, provider), judge);
  const auto shaken = co_await stream.handshake(deadline);
  PADLOCK_CO_TRY(shaken);
  const std::string request = "GET " + path + " HTTP/1.0\r\nHost: " + host + ":" + std::to_string(port) + "\r\n\r\n";
  const Bytes piece = as_bytes(request);
  const auto sent = co_await stream.write(std::span(&piece, 1), deadline);
  PADLOCK_CO_TRY(sent);
  for (;;) {
    const auto bytes = co_await stream.read(deadline);  // an end without close_notify is an error, never an end
    PADLOCK_CO_TRY(bytes);
    if (bytes->empty()) co_return co_await stream.close(net::deadline_in(std::chrono::seconds(1)));
    std::cout << as_text(*bytes);
  }
}

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  asio::io_context loop;
  auto done = asio::co_spawn(loop, fetch(argv[1], argv[2], std::uint16_t(std::stoi(argv[3])), argv[4]), asio::use_future);
  loop.run();
  const auto outcome = done.get();
  if (!outcome) std::cerr << outcome.error().to_string() << "\n";
  return outcome ? 0 : 1;
}
