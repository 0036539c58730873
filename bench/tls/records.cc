#include <algorithm>
#include <array>
#include <memory>

#include "bench/allocations.h"
#include "bench/harness.h"
#include "bench/tls/cases.h"
#include "bench/tls/end.h"
#include "bench/tls/rustls_peer.h"
#include "padlock/crypto/provider.h"

namespace padlock::bench {
namespace {

constexpr std::size_t batch = 64;

struct Connected {
  std::unique_ptr<End> client;
  std::unique_ptr<End> server;
};

std::shared_ptr<Connected> connected(Ends& clients, Ends& servers) {
  auto pair = std::make_shared<Connected>(Connected{clients.client(), servers.server()});
  connect(*pair->client, *pair->server);
  return pair;
}

/// From the caller's buffer to records that a socket would take.
Contender sender(std::string peer, std::shared_ptr<Ends> servers, std::shared_ptr<Ends> clients, std::size_t size) {
  const auto pair = connected(*clients, *servers);
  const auto data = std::make_shared<std::vector<std::uint8_t>>(size, std::uint8_t{1});
  return {std::move(peer), batch, [=] {
            for (std::size_t i = 0; i < batch; ++i) {
              pair->server->send(*data);
              require(pair->server->drop_output() > size, "a record");
            }
          }};
}

/// From records in a socket to the plaintext where the caller reads it. The copy out of the socket, which read(2) would
/// do, is part of the work on all sides.
Contender receiver(std::string peer, std::shared_ptr<Ends> clients, std::shared_ptr<Ends> servers, std::size_t size) {
  struct State {
    std::array<std::vector<std::uint8_t>, batch> socket;
    std::vector<std::uint8_t> buffer;
  };
  const auto pair = connected(*clients, *servers);
  const auto data = std::make_shared<std::vector<std::uint8_t>>(size, std::uint8_t{1});
  const auto state = std::make_shared<State>();
  const bool reads_itself = peer == "libssl";  // by its BIO, which copies
  return {std::move(peer), batch,
          [=] {
            for (auto& record : state->socket) {
              std::span<std::uint8_t> wire(record);
              if (!reads_itself) {
                state->buffer.resize(std::max(state->buffer.size(), record.size()));
                wire = std::span(state->buffer).first(record.size());
                std::ranges::copy(record, wire.begin());
              }
              require(pair->client->receive(wire) == size, "data");
            }
          },
          [=] {
            for (auto& record : state->socket) {
              pair->server->send(*data);
              record = pair->server->take_output();
            }
          }};
}

struct AeadCall {
  std::unique_ptr<crypto::Provider> provider = crypto::make_provider();
  std::unique_ptr<crypto::Aead> aead;
  std::array<std::uint8_t, crypto::aead_nonce_length> nonce{};
  std::array<std::uint8_t, 5> header{23, 3, 3, 0, 0};
  std::vector<std::uint8_t> in, out;
  std::array<std::vector<std::uint8_t>, batch> socket;  ///< the same sealed bytes, as many as records lie in a socket
};

/// The AEAD over what a record of `size` holds: its content and its type.
std::shared_ptr<AeadCall> aead_call(bool chacha, std::size_t size) {
  auto call = std::make_shared<AeadCall>();
  const auto algorithm = chacha ? crypto::AeadAlgorithm::chacha20_poly1305 : crypto::AeadAlgorithm::aes_128_gcm;
  call->aead = call->provider->make_aead(algorithm, std::vector<std::uint8_t>(crypto::key_length_of(algorithm), 1));
  call->in.assign(size + 1, 1);
  call->out.resize(size + 1 + crypto::aead_tag_length);
  const Bytes piece(call->in);
  call->aead->seal(call->nonce, call->header, std::span(&piece, 1), call->out);
  call->socket.fill(call->out);
  return call;
}

Contender seal_floor(bool chacha, std::size_t size) {
  const auto call = aead_call(chacha, size);
  return {"floor", batch, [=] {
            const Bytes piece(call->in);
            for (std::size_t i = 0; i < batch; ++i)
              call->aead->seal(call->nonce, call->header, std::span(&piece, 1), call->out);
          }};
}

/// With the copy out of the socket.
Contender open_floor(bool chacha, std::size_t size) {
  const auto call = aead_call(chacha, size);
  return {"floor", batch, [=] {
            for (auto& sealed : call->socket) {
              std::ranges::copy(sealed, call->out.begin());
              require(call->aead->open(call->nonce, call->header, call->out), "opening");
            }
          }};
}

std::vector<Contender> senders(bool chacha, std::size_t size) {
  const Negotiation negotiation{.chacha = chacha, .verify = false};
  const auto ours = padlock_ends(negotiation);
  std::vector<Contender> all{sender("padlock", ours, ours, size),
                             sender("libssl", libssl_ends(negotiation), ours, size)};
  add_rustls(all, RustlsWork::send, negotiation, size);
  all.push_back(seal_floor(chacha, size));
  return all;
}

std::vector<Contender> receivers(bool chacha, std::size_t size) {
  const Negotiation negotiation{.chacha = chacha, .verify = false};
  const auto ours = padlock_ends(negotiation);
  std::vector<Contender> all{receiver("padlock", ours, ours, size),
                             receiver("libssl", libssl_ends(negotiation), ours, size)};
  add_rustls(all, RustlsWork::receive, negotiation, size);
  all.push_back(open_floor(chacha, size));
  return all;
}

struct Bounds {
  std::vector<Bound> send;
  std::vector<Bound> receive;
};

void add(std::vector<Case>& cases, const std::string& name, bool chacha, std::size_t size, Bounds bounds) {
  cases.push_back({"send_" + name, [=] { return senders(chacha, size); }, std::move(bounds.send), 0});
  cases.push_back({"receive_" + name, [=] { return receivers(chacha, size); }, std::move(bounds.receive), 0});
}

/// What one idle connection holds, of many that were made and have said something.
double bytes_of_idle(Ends& servers, Ends& clients) {
  constexpr std::size_t count = 64;
  connected(clients, servers);  // what the process needs once
  std::vector<std::unique_ptr<End>> idle;
  idle.reserve(count);
  const LiveBytes before = live_bytes();
  for (std::size_t i = 0; i < count; ++i) {
    const auto pair = connected(clients, servers);
    pair->server->send(std::vector<std::uint8_t>(30000));
    pair->server->drop_output();
    pair->server->idle();
    idle.push_back(std::move(pair->server));
  }
  const LiveBytes after = live_bytes();
  const std::uint64_t held = after.own - before.own + after.library - before.library;
  return static_cast<double>(held) / count;
}

}  // namespace

std::vector<Case> record_cases() {
  std::vector<Case> cases;
  const auto bounds = [](double libssl, double rustls) {
    return std::vector<Bound>{{"libssl", libssl}, {"rustls", rustls}, {"floor", 1.12}};
  };
  add(cases, "aes128gcm_16k", false, 16384, {.send = bounds(0.25, 0.75), .receive = bounds(0.25, 0.65)});
  add(cases, "chacha20poly1305_16k", true, 16384, {.send = bounds(0.85, 0.55), .receive = bounds(0.85, 0.55)});
  add(cases, "aes128gcm_1350", false, 1350, {});
  add(cases, "aes128gcm_64", false, 64, {});
  return cases;
}

std::vector<MemoryCase> memory_cases() {
  return {{.name = "idle_connection_server",
           .holders =
               [] {
                 const Negotiation negotiation{.verify = false, .many_idle = true};
                 const auto ours = padlock_ends(negotiation);
                 const auto theirs = libssl_ends(negotiation);
                 return std::vector<MemoryCase::Holder>{{"padlock", [=] { return bytes_of_idle(*ours, *ours); }},
                                                        {"libssl", [=] { return bytes_of_idle(*theirs, *ours); }}};
               },
           .most_bytes = 4096}};
}

}  // namespace padlock::bench
