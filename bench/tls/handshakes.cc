#include <array>
#include <memory>

#include "bench/harness.h"
#include "bench/tls/cases.h"
#include "bench/tls/end.h"
#include "bench/tls/floor.h"

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

Contender server_contender(std::string peer, std::shared_ptr<Ends> servers, std::shared_ptr<Ends> clients) {
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
                                 require(one.client->complete(), "the client's handshake");
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

Contender client_contender(std::string peer, std::shared_ptr<Ends> clients, std::shared_ptr<Ends> servers) {
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
                              for (Handshake& one : *all) {
                                one.client->advance(one.flight);
                                require(one.client->complete(), "the client's handshake");
                              }
                            }},
                            {[=] {
                               for (Handshake& one : *all) {
                                 auto finished = one.client->take_output();
                                 one.server->advance(finished);
                                 require(one.server->complete(), "the server's handshake");
                               }
                             },
                             false},
                            {[=] {
                              for (Handshake& one : *all) one.client.reset();
                            }}}};
}

Contender floor_contender(std::function<void()> primitives) {
  return {"floor", batch, [primitives = std::move(primitives)] {
            for (std::size_t i = 0; i < batch; ++i) primitives();
          }};
}

std::vector<Contender> servers(NamedGroup group) {
  const Negotiation negotiation{.group = group, .verify = false};
  const auto ours = padlock_ends(negotiation);
  std::vector<Contender> all{server_contender("padlock", ours, ours)};
  if (libssl_has(group)) all.push_back(server_contender("libssl", libssl_ends(negotiation), ours));
  all.push_back(floor_contender(server_handshake_floor(negotiation)));
  return all;
}

std::vector<Contender> clients(bool verify) {
  const Negotiation negotiation{.verify = verify};
  const auto ours = padlock_ends(negotiation);
  return {client_contender("padlock", ours, ours), client_contender("libssl", libssl_ends(negotiation), ours),
          floor_contender(client_handshake_floor(negotiation))};
}

Case server_case(std::string name, NamedGroup group) {
  return {.name = std::move(name),
          .contenders = [=] { return servers(group); },
          .bounds = {{"libssl", 0.62}, {"floor", 1.15}},
          .most_allocations = 16};
}

}  // namespace

std::vector<Case> handshake_cases() {
  return {server_case("server_full_tls13_x25519_ecdsa", NamedGroup::x25519),
          server_case("server_full_tls13_p256_ecdsa", NamedGroup::secp256r1),
          server_case("server_full_tls13_x25519mlkem768_ecdsa", NamedGroup::X25519MLKEM768),
          {.name = "client_full_tls13_x25519_ecdsa_verified",
           .contenders = [] { return clients(true); },
           .bounds = {{"libssl", 0.45}, {"floor", 1.15}}},
          {.name = "client_full_tls13_x25519_ecdsa", .contenders = [] { return clients(false); }}};
}

}  // namespace padlock::bench
