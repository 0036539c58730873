// Padlock's TLS engine as one end, with what `padlock serve` and `padlock get` have no flags for: early data, and
// certificates that a server asks for. Its words are those of the other programs (peers/programs.py):
//
//   engine_peer serve chain=FILE key=FILE folder=FOLDER version=V [clients=FILE] [tickets=no] [early=BYTES]
//     A server on a free port of 127.0.0.1; prints "port N", and a line about each connection: "GET /a early" for a
//     request that came as early data, else "GET /a late", or what failed; then "resumed=true|false early=STATUS
//     client=NAME". `clients` vouches for the certificates that clients must show.
//   engine_peer get roots=FILE port=N paths=LIST version=V [groups=LIST] [suites=LIST] [policy=P] [early=all|line]
//                   [echo=FILE]
//     Fetches from localhost; prints the responses, and on stderr a line about each: "group=G suite=S scheme=S
//     retried=true|false resumed=true|false early=STATUS session=ticket|id|none". All paths but the first are fetched
//     in a connection that goes on from the session of the first. `early`: the request, or its first line, is early
//     data, and said once more if the server does not take it. `echo`: says this file and a line's end, and waits until
//     all of it has come back.
//
// STATUS: none, accepted or rejected.
#include <array>
#include <chrono>
#include <exception>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <asio/connect.hpp>
#include <asio/io_context.hpp>

#include "padlock/base/unsafe.h"
#include "padlock/cli/tls_names.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/clock.h"
#include "padlock/net/credential_files.h"
#include "padlock/tls/policy.h"
#include "padlock/tls/session/session_cache.h"
#include "padlock/tls/session/ticket_keys.h"
#include "tests/peers/engine/exchange.h"

namespace padlock::engine_peer {
namespace {

using Words = std::map<std::string, std::string>;
using asio::ip::tcp;

constexpr std::size_t most_file_bytes = 1 << 20;
constexpr std::string_view end_of_head = "\r\n\r\n";

std::string word_of(const Words& words, const std::string& name) {
  const auto found = words.find(name);
  return found == words.end() ? std::string() : found->second;
}

Result<std::shared_ptr<const client::Trust>> trust_of(const std::string& file, crypto::Provider& provider) {
  if (file.empty()) return nullptr;
  client::TrustOptions given;
  given.ca_files = {file};
  return client::load_trust(given, provider);
}

tls::ProtocolVersion version_of(const Words& words) {
  return word_of(words, "version") == "1.2" ? tls::ProtocolVersion::TLS_1_2 : tls::ProtocolVersion::TLS_1_3;
}

std::string_view text_of(bool value) { return value ? "true" : "false"; }

std::string_view name_of(tls::EarlyDataStatus status) {
  switch (status) {
    case tls::EarlyDataStatus::accepted: return "accepted";
    case tls::EarlyDataStatus::rejected: return "rejected";
    default: return "none";
  }
}

// ---- server ---------------------------------------------------------------------------------------------------------

tls::ServerConfig server_config(const Words& words, crypto::Provider& provider) {
  tls::ServerConfig config{.policy = tls::Policy::intermediate,
                           .max_version = version_of(words),
                           .alpn = {"http/1.1"},
                           .session_cache = std::make_shared<tls::SessionCache>(100)};
  const std::vector<std::uint8_t> root(32);  // its tickets are worth nothing
  if (word_of(words, "tickets") != "no") {
    config.ticket_keys =
        std::make_shared<tls::TicketKeys>(provider, Secret<32>(root), net::now().wall, tls::TicketSource{});
  }
  if (words.contains("early")) config.max_early_data_size = static_cast<std::uint32_t>(std::stoul(words.at("early")));
  return config;
}

Result<std::shared_ptr<const tls::Credential>> credential_of(const Words& words, crypto::Provider& provider) {
  auto loaded = PADLOCK_TRY(net::load_credential(word_of(words, "chain"), word_of(words, "key"), provider));
  if (words.contains("clients")) {
    loaded.credential.client_authentication = std::make_shared<const tls::ClientAuthentication>();
  }
  return std::make_shared<const tls::Credential>(std::move(loaded.credential));
}

/// The file that a request's target names, and with it the connection ends.
std::string response_to(const std::string& target, const std::string& folder) {
  const auto body = net::read_file(folder + target.substr(0, target.find('?')), most_file_bytes);
  if (!body) return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  const std::string type = target.starts_with("/browser") ? "text/html" : "text/plain";
  return "HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nContent-Length: " + std::to_string(body->size()) +
         "\r\nConnection: close\r\n\r\n" + std::string(as_text(*body));
}

/// Answers the first request, at once even where the handshake is not complete. What was said about it.
std::string answer(Exchange& exchange, const std::string& folder) {
  while ((exchange.early + exchange.received).find(end_of_head) == std::string::npos) {
    if (!exchange.step()) return exchange.error ? "failed: " + std::string(exchange.error->rule->code) : "silent";
  }
  std::istringstream line(exchange.early + exchange.received);
  std::string method;
  std::string target;
  line >> method >> target;
  const std::string when = exchange.received.empty() ? "early" : "late";
  if (!exchange.send(response_to(target, folder))) return "failed: to answer";
  while (!exchange.complete && exchange.step()) {
  }
  exchange.close();
  while (exchange.step()) {
  }
  return method + " " + target + " " + when;
}

void serve_one(End& end, const std::shared_ptr<const tls::ServerConfig>& config, const std::string& folder,
               tcp::socket socket) {
  Exchange exchange(end, tls::Connection::server(config, end.provider), socket);
  std::ostringstream line;
  line << answer(exchange, folder) << " resumed=" << text_of(exchange.connection().info().resumed)
       << " early=" << name_of(exchange.connection().info().early_data) << " client=" << exchange.client << "\n";
  const std::scoped_lock lock(end.mutex);
  std::cout << line.str() << std::flush;
}

Result<void> serve(const Words& words, crypto::Provider& provider) {
  // Nobody used a ticket before this moment, for their keys are new.
  const Instant started{.monotonic = net::now().monotonic - tls::EarlyDataStore::remembered,
                        .wall = net::now().wall - tls::EarlyDataStore::remembered};
  End end{.provider = provider,
          .trust = PADLOCK_TRY(trust_of(word_of(words, "clients"), provider)),
          .credential = PADLOCK_TRY(credential_of(words, provider)),
          .early_data_store = std::make_shared<tls::EarlyDataStore>(1000, started)};
  const auto config = std::make_shared<const tls::ServerConfig>(server_config(words, provider));
  asio::io_context context;
  tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
  std::cout << "port " << acceptor.local_endpoint().port() << "\n" << std::flush;
  while (true) {
    std::thread(serve_one, std::ref(end), config, word_of(words, "folder"), acceptor.accept()).detach();
  }
}

// ---- client ---------------------------------------------------------------------------------------------------------

Result<tls::ClientConfig> client_config(const Words& words) {
  const auto version = version_of(words);
  tls::ClientConfig config{.policy = version == tls::ProtocolVersion::TLS_1_3 ? tls::Policy::modern
                                     : words.contains("policy") ? tls::find_policy(words.at("policy")).value()
                                                                : tls::Policy::intermediate,
                           .max_version = version,
                           .alpn = {"http/1.1"},
                           .resumption = true,
                           .early_data = words.contains("early")};
  if (words.contains("echo")) config.alpn.clear();  // Botan's server chooses "echo/0.1" whatever is offered
  if (words.contains("groups")) config.groups = PADLOCK_TRY(cli::parse_groups(words.at("groups")));
  if (words.contains("suites")) config.cipher_suites = PADLOCK_TRY(cli::parse_cipher_suites(words.at("suites")));
  return config;
}

/// What the client says, and when it has heard enough.
struct Saying {
  std::string text;
  std::size_t early = 0;  ///< so many of its bytes may be early data
  bool echo = false;

  /// All of it has come back; or a response with its Content-Length. One without ends with the connection.
  bool answered(std::string_view received) const {
    if (echo) return received.size() >= text.size();
    constexpr std::string_view field = "Content-Length: ";
    const auto head = received.find(end_of_head);
    const auto length = received.find(field);
    if (head == std::string_view::npos || length > head) return false;
    const std::size_t body = received.size() - head - end_of_head.size();
    return body >= std::stoul(std::string(received.substr(length + field.size(), 10)));
  }
};

Result<Saying> saying_of(const Words& words, const std::string& path) {
  if (words.contains("echo")) {
    const auto file = PADLOCK_TRY(net::read_file(words.at("echo"), most_file_bytes));
    return Saying{.text = std::string(as_text(file)) + "\n", .echo = true};
  }
  const std::string line = "GET " + path + " HTTP/1.1\r\n";
  const std::string text = line + "Host: localhost:" + word_of(words, "port") + "\r\nConnection: close\r\n\r\n";
  return Saying{.text = text, .early = word_of(words, "early") == "line" ? line.size() : text.size()};
}

/// Whatever the server has not read of early data is said after the handshake.
Result<void> converse(Exchange& exchange, const Saying& saying) {
  std::string_view rest = saying.text;
  if (saying.early > 0 && exchange.connection().early_data_room() >= saying.early) {
    PADLOCK_TRY(exchange.send(rest.substr(0, saying.early)));
    rest.remove_prefix(saying.early);
  }
  while (exchange.step() && !saying.answered(exchange.received)) {
    if (exchange.rejected) rest = saying.text;
    if (!exchange.complete || rest.empty()) continue;
    PADLOCK_TRY(exchange.send(rest));
    rest = {};
    exchange.rejected = false;
  }
  exchange.close();
  if (exchange.error) return std::unexpected(*exchange.error);
  return {};
}

std::string_view kind_of(const tls::ClientSession* session) {
  if (session == nullptr) return "none";
  return session->ticket.empty() ? "id" : "ticket";
}

void tell(const Exchange& exchange) {
  const tls::ConnectionInfo& info = exchange.connection().info();
  std::cerr << "group=" << (info.group ? crypto::name_of(*info.group) : "none")
            << " suite=" << tls::name_of(*info.cipher_suite)
            << " scheme=" << (info.signature_scheme ? crypto::name_of(*info.signature_scheme) : "none")
            << " retried=" << text_of(info.hello_retry_request) << " resumed=" << text_of(info.resumed)
            << " early=" << name_of(info.early_data) << " session=" << kind_of(exchange.session.get()) << "\n";
}

Result<void> get(const Words& words, crypto::Provider& provider) {
  End end{.provider = provider, .trust = PADLOCK_TRY(trust_of(word_of(words, "roots"), provider))};
  const auto config = std::make_shared<const tls::ClientConfig>(PADLOCK_TRY(client_config(words)));
  std::shared_ptr<const tls::ClientSession> session;
  std::istringstream paths(word_of(words, "paths"));
  for (std::string path; std::getline(paths, path, ',');) {
    asio::io_context context;
    tcp::socket socket(context);
    const auto port = static_cast<std::uint16_t>(std::stoul(word_of(words, "port")));
    asio::connect(socket, std::array<tcp::endpoint, 2>{
                              {{asio::ip::address_v4::loopback(), port}, {asio::ip::address_v6::loopback(), port}}});
    Exchange exchange(
        end, tls::Connection::client(config, "localhost", provider, nullptr, nullptr, {session, net::now()}), socket);
    const Saying saying = PADLOCK_TRY(saying_of(words, path));
    PADLOCK_TRY(converse(exchange, saying));
    std::cout << exchange.received;
    tell(exchange);
    if (session == nullptr) session = exchange.session;
  }
  return {};
}

int run(const std::string& role, const Words& words) {
  const auto provider = crypto::make_provider();
  const auto done = role == "serve" ? serve(words, *provider) : get(words, *provider);
  if (!done) std::cerr << done.error().to_string() << "\n";
  return done ? 0 : 1;
}

}  // namespace
}  // namespace padlock::engine_peer

int main(int count, char** values) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // what main is given
  const std::vector<std::string> arguments(values + 1, values + count);
  PADLOCK_UNSAFE_BUFFERS_END
  padlock::engine_peer::Words words;
  for (const std::string& argument : arguments) {
    const auto equals = argument.find('=');
    if (equals != std::string::npos) words[argument.substr(0, equals)] = argument.substr(equals + 1);
  }
  if (arguments.empty() || (arguments.front() != "serve" && arguments.front() != "get")) {
    std::cerr << "usage: engine_peer serve|get NAME=VALUE...\n";
    return 2;
  }
  try {
    return padlock::engine_peer::run(arguments.front(), words);
  } catch (const std::exception& error) {  // Asio's: nobody listens there
    std::cerr << error.what() << "\n";
    return 1;
  }
}
