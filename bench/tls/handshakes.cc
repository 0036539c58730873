#include <array>
#include <memory>
#include <optional>

#include "bench/harness.h"
#include "bench/tls/cases.h"
#include "bench/tls/end.h"
#include "bench/tls/floor.h"
#include "bench/tls/rustls_peer.h"

namespace padlock::bench {
namespace {

using crypto::NamedGroup;

/// Handshakes side by side, each step of all of them together: the clock is read seldom, and the caches hold no more
/// than a loaded server's do.
constexpr std::size_t batch = 8;

/// The benched end of each handshake and the one opposite, which is always ours and not measured.
struct Handshake {
  std::unique_ptr<End> client;
  std::unique_ptr<End> server;
  std::vector<std::uint8_t> flight;
};
using Handshakes = std::array<Handshake, batch>;

/// A whole handshake to begin with, which gives the client the session that the others go on from, if they do.
void connect_first(Ends& clients, Ends& servers, bool resumed) {
  const auto connected = [&] {
    Handshake one{clients.client(), servers.server(), {}};
    connect(*one.client, *one.server);
    return one;
  };
  const Handshake first = connected();
  auto tickets = first.server->take_output();
  first.client->advance(tickets);
  const Handshake second = connected();
  require(second.client->resumed() == resumed && second.server->resumed() == resumed, "a resumption as it is wanted");
}

Contender server_contender(std::string peer, std::shared_ptr<Ends> servers, std::shared_ptr<Ends> clients,
                           bool resumed) {
  connect_first(*clients, *servers, resumed);
  const auto all = std::make_shared<Handshakes>();
  return {std::move(peer), batch,
          std::vector<Step>{{[=] {
                               for (Handshake& one : *all) {
                                 one.client = clients->client();
                                 one.flight = one.client->take_output();
                               }
                             },
                             false},
                            {[=] {
                              for (Handshake& one : *all) {
                                one.server = servers->server();
                                one.server->advance(one.flight);
                              }
                            }},
                            {[=] {
                               for (Handshake& one : *all) {
                                 auto flight = one.server->take_output();
                                 one.client->advance(flight);
                                 one.flight = one.client->take_output();
                               }
                             },
                             false},
                            {[=] {
                              for (Handshake& one : *all) {
                                one.server->advance(one.flight);
                                require(one.server->complete(), "the server's handshake");
                                one.server.reset();
                              }
                            }}}};
}

Contender client_contender(std::string peer, std::shared_ptr<Ends> clients, std::shared_ptr<Ends> servers,
                           bool resumed) {
  connect_first(*clients, *servers, resumed);
  const auto all = std::make_shared<Handshakes>();
  return {std::move(peer), batch,
          std::vector<Step>{{[=] {
                              for (Handshake& one : *all) one.client = clients->client();
                            }},
                            {[=] {
                               for (Handshake& one : *all) {
                                 auto hello = one.client->take_output();
                                 one.server = servers->server();
                                 one.server->advance(hello);
                                 one.flight = one.server->take_output();
                               }
                             },
                             false},
                            {[=] {
                              for (Handshake& one : *all) one.client->advance(one.flight);
                            }},
                            {[=] {
                               for (Handshake& one : *all) {
                                 auto finished = one.client->take_output();
                                 one.server->advance(finished);
                                 require(one.server->complete(), "the server's handshake");
                                 one.flight = one.server->take_output();
                               }
                             },
                             false},
                            {[=] {
                              for (Handshake& one : *all) {
                                if (!one.client->complete()) one.client->advance(one.flight);  // TLS 1.2
                                require(one.client->complete(), "the client's handshake");
                                one.client.reset();
                              }
                            }}}};
}

Contender floor_contender(std::function<void()> primitives) {
  return {"floor", batch, [primitives = std::move(primitives)] {
            for (std::size_t i = 0; i < batch; ++i) primitives();
          }};
}

std::vector<Contender> servers(const Negotiation& negotiation) {
  const auto ours = padlock_ends(negotiation);
  std::vector<Contender> all{server_contender("padlock", ours, ours, negotiation.resumed)};
  if (libssl_has(negotiation.group)) {
    all.push_back(server_contender("libssl", libssl_ends(negotiation), padlock_ends(negotiation), negotiation.resumed));
  }
  add_rustls(all, RustlsWork::server, negotiation);
  all.push_back(floor_contender(server_handshake_floor(negotiation)));
  return all;
}

std::vector<Contender> clients(const Negotiation& negotiation) {
  const auto ours = padlock_ends(negotiation);
  std::vector<Contender> all{client_contender("padlock", ours, ours, negotiation.resumed),
                             client_contender("libssl", libssl_ends(negotiation), ours, negotiation.resumed)};
  add_rustls(all, RustlsWork::client, negotiation);
  all.push_back(floor_contender(client_handshake_floor(negotiation)));
  return all;
}

Case server_case(std::string name, Negotiation negotiation, std::vector<Bound> bounds,
                 std::optional<double> most_allocations) {
  negotiation.verify = false;
  return {.name = std::move(name),
          .contenders = [=] { return servers(negotiation); },
          .bounds = std::move(bounds),
          .most_allocations = most_allocations};
}

Case client_case(std::string name, Negotiation negotiation, std::vector<Bound> bounds,
                 std::optional<double> most_allocations = {}) {
  return {.name = std::move(name),
          .contenders = [=] { return clients(negotiation); },
          .bounds = std::move(bounds),
          .most_allocations = most_allocations};
}

}  // namespace

std::vector<Case> handshake_cases() {
  constexpr double full = 16, resumed_most = 8, resumed12_most = 4;  // allocations
  const std::vector<Bound> tls13 = {{"libssl", 0.62}, {"floor", 1.15}};
  const Negotiation tls12{.tls12 = true};
  const Negotiation rsa{.keys = crypto::KeyKind::rsa_2048};
  const Negotiation resumed{.resumed = true};
  return {server_case("server_full_tls13_x25519_ecdsa", {}, tls13, full),
          server_case("server_full_tls13_p256_ecdsa", {.group = NamedGroup::secp256r1}, tls13, full),
          server_case("server_full_tls13_x25519mlkem768_ecdsa", {.group = NamedGroup::X25519MLKEM768}, tls13, full),
          server_case("server_full_tls13_x25519_rsa2048", rsa, {{"libssl", 0.97}, {"floor", 1.12}}, full),
          server_case("server_full_tls12_x25519_ecdsa", tls12, {{"libssl", 0.75}, {"floor", 1.15}}, full),
          server_case("server_resumed_tls13", resumed, tls13, resumed_most),
          server_case("server_resumed_tls12", {.tls12 = true, .resumed = true}, {{"rustls", 0.90}}, resumed12_most),
          client_case("client_full_tls13_x25519_ecdsa_verified", {}, {{"libssl", 0.45}, {"floor", 1.15}}),
          client_case("client_full_tls13_x25519_ecdsa", {.verify = false}, {}),
          client_case("client_full_tls13_x25519_rsa2048_verified", rsa, {{"libssl", 0.32}, {"floor", 1.12}}),
          client_case("client_full_tls12_x25519_ecdsa_verified", tls12, tls13),
          client_case("client_resumed_tls13", resumed, tls13, resumed_most)};
}

}  // namespace padlock::bench
