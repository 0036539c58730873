// What a connection costs: no allocation per record once it runs, and little memory when it is idle
// (ARCHITECTURE.md, one face). A program of its own, for it replaces operator new.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <optional>
#include <vector>

#include "padlock/tls/credential.h"
#include "padlock/tls/testing/sessions.h"

namespace {

std::size_t allocations = 0;
std::size_t live_bytes = 0;
// NOLINTBEGIN(cppcoreguidelines-owning-memory,clang-analyzer-cplusplus.NewDelete): this is the allocator itself
// In front of each block stands its size, so far in front that the block keeps its alignment.
void* allocate(std::size_t size, std::size_t alignment) {
  const std::size_t whole = (alignment + size + alignment - 1) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, whole);
  if (memory == nullptr) throw std::bad_alloc();
  *static_cast<std::size_t*>(memory) = size;
  ++allocations;
  live_bytes += size;
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // the block behind its size
  return static_cast<std::uint8_t*>(memory) + alignment;
  PADLOCK_UNSAFE_BUFFERS_END
}

void release(void* block, std::size_t alignment) {
  if (block == nullptr) return;
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // back to its size
  void* memory = static_cast<std::uint8_t*>(block) - alignment;
  PADLOCK_UNSAFE_BUFFERS_END
  live_bytes -= *static_cast<std::size_t*>(memory);
  std::free(memory);
}

constexpr std::size_t usual = __STDCPP_DEFAULT_NEW_ALIGNMENT__;
/// std::pmr asks with less than the usual alignment, too.
constexpr std::size_t number(std::align_val_t alignment) {
  return std::max(usual, static_cast<std::size_t>(alignment));
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size, usual); }
void* operator new[](std::size_t size) { return allocate(size, usual); }
void* operator new(std::size_t size, std::align_val_t alignment) { return allocate(size, number(alignment)); }
void* operator new[](std::size_t size, std::align_val_t alignment) { return allocate(size, number(alignment)); }
// Sorting asks so. Where memory ends, the test does.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, usual); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, usual); }
void operator delete(void* block, const std::nothrow_t&) noexcept { release(block, usual); }
void operator delete[](void* block, const std::nothrow_t&) noexcept { release(block, usual); }
void operator delete(void* block) noexcept { release(block, usual); }
void operator delete[](void* block) noexcept { release(block, usual); }
void operator delete(void* block, std::size_t) noexcept { release(block, usual); }
void operator delete[](void* block, std::size_t) noexcept { release(block, usual); }
void operator delete(void* block, std::align_val_t alignment) noexcept { release(block, number(alignment)); }
void operator delete[](void* block, std::align_val_t alignment) noexcept { release(block, number(alignment)); }
void operator delete(void* block, std::size_t, std::align_val_t alignment) noexcept {
  release(block, number(alignment));
}
void operator delete[](void* block, std::size_t, std::align_val_t alignment) noexcept {
  release(block, number(alignment));
}
// NOLINTEND(cppcoreguidelines-owning-memory,clang-analyzer-cplusplus.NewDelete)

namespace padlock::tls {
namespace {

/// One record from `from` to `to`, whose caller reads it where it lies.
void pass_record(Connection& from, Connection& to, std::span<const Bytes> pieces, std::vector<std::uint8_t>& wire) {
  ASSERT_TRUE(from.send(pieces));
  const Bytes output = from.output();
  std::ranges::copy(output, wire.begin());
  const std::size_t size = output.size();
  from.output_sent(size);
  const auto taken = to.feed(std::span(wire).first(size), Instant{});
  ASSERT_TRUE(taken && *taken == size);
  const auto event = to.next_event();
  ASSERT_TRUE(event && std::holds_alternative<ApplicationData>(*event));
}

TEST(Allocations, PerRecordAreNoneOnceItRuns) {
  testing::Pair pair = testing::connected();
  ASSERT_TRUE(pair.client.complete);
  std::vector<std::uint8_t> wire(20000);
  const std::vector<std::uint8_t> body(16000, 'x');
  const std::vector<Bytes> pieces = {as_bytes("head"), body};
  for (int i = 0; i < 3; ++i) {
    pass_record(pair.client.connection, pair.server.connection, pieces, wire);
    pass_record(pair.server.connection, pair.client.connection, pieces, wire);
  }
  const std::size_t before = allocations;
  for (int i = 0; i < 1000; ++i) {
    pass_record(pair.client.connection, pair.server.connection, pieces, wire);
    pass_record(pair.server.connection, pair.client.connection, pieces, wire);
  }
  EXPECT_EQ(allocations - before, 0U);
}

TEST(Allocations, OfAReservationAreNoneOnceItRuns) {
  testing::Pair pair = testing::connected();
  Connection& client = pair.client.connection;
  std::size_t before = 0;
  for (int i = 0; i < 100; ++i) {
    if (i == 3) before = allocations;
    const auto room = client.reserve(16384);
    ASSERT_TRUE(room);
    std::ranges::fill(*room, 'r');
    ASSERT_TRUE(client.commit(room->size()));
    client.output_sent(client.output().size());
  }
  EXPECT_EQ(allocations - before, 0U);
}

/// One end of a handshake, and what it has allocated: objects of the provider included, what its caller does left out.
class CountedEnd {
 public:
  template <class Make>
  explicit CountedEnd(Make make) {
    counting([&] {
      connection_.emplace(make());
      answer();
    });
  }

  /// Until this end is complete.
  std::size_t handshake_with(testing::End& peer) {
    for (int flight = 0; !complete_ && flight < 5; ++flight) {
      if (!connection_->output().empty()) peer.deliver(connection_->output());
      counting([&] { connection_->output_sent(connection_->output().size()); });
      auto wire = peer.take_output();
      counting([&] { feed(wire); });
    }
    EXPECT_TRUE(complete_);
    return count_;
  }
  bool resumed() const { return connection_->info().resumed; }

 private:
  void counting(auto&& step) {
    const std::size_t before = allocations;
    step();
    count_ += allocations - before;
  }
  void feed(std::span<std::uint8_t> wire) {
    while (!wire.empty()) {
      const auto taken = connection_->feed(wire, testing::later({}));
      ASSERT_TRUE(taken && *taken > 0);
      wire = wire.subspan(*taken);
      answer();
    }
  }
  void answer() {
    while (const auto event = connection_->next_event()) {
      if (const auto* wanted = std::get_if<CryptoWanted>(&*event))
        ASSERT_TRUE(answer_at_once(*connection_, *wanted, testing::provider()));
      else if (const auto* certificate = std::get_if<CertificateWanted>(&*event))
        ASSERT_TRUE(connection_->answer(certificate->id, credential_));
      else
        complete_ = complete_ || std::holds_alternative<HandshakeComplete>(*event);
    }
  }

  std::optional<Connection> connection_;
  /// As a server has it: with its compressed forms.
  std::shared_ptr<const Credential> credential_ = std::make_shared<const Credential>(
      add_compressed_forms(*testing::credential(), default_certificate_compression()));
  bool complete_ = false;
  std::size_t count_ = 0;
};

/// The configurations of a client and a server that go on from their first connection's session, if they have tickets.
struct Configs {
  std::shared_ptr<const ClientConfig> client;
  std::shared_ptr<const ServerConfig> server;
  testing::SessionPtr session{};
};

Configs configs(ProtocolVersion version, NamedGroup group) {
  const auto policy = version == ProtocolVersion::TLS_1_2 ? Policy::intermediate : Policy::modern;
  std::vector groups = {group};
  if (version == ProtocolVersion::TLS_1_2) groups.push_back(NamedGroup::secp256r1);  // of the certificate
  return {std::make_shared<const ClientConfig>(ClientConfig{
              .policy = policy, .max_version = version, .groups = groups, .key_share_count = 1, .alpn = {"h"}}),
          std::make_shared<const ServerConfig>(
              ServerConfig{.policy = policy, .max_version = version, .groups = groups, .alpn = {"h"}})};
}

Configs with_session(const Configs& full) {
  ClientConfig client = *full.client;
  client.resumption = true;
  ServerConfig server = *full.server;
  server.ticket_keys = testing::ticket_keys();
  server.tickets = 1;
  Configs resumed{std::make_shared<const ClientConfig>(client), std::make_shared<const ServerConfig>(server)};
  testing::Pair first = testing::resume(client, server, nullptr, testing::later({}));
  resumed.session = first.client.sessions.at(0);
  return resumed;
}

std::size_t allocations_of_server(const Configs& configs) {
  const auto handshake = [&] {
    testing::End client =
        testing::End::client(configs.client, nullptr, nullptr, "server.test", {configs.session, testing::later({})});
    CountedEnd server([&] { return Connection::server(configs.server, testing::provider()); });
    const std::size_t count = server.handshake_with(client);
    EXPECT_EQ(server.resumed(), configs.session != nullptr);
    return count;
  };
  handshake();  // what the process needs once
  return handshake();
}

std::size_t allocations_of_client(const Configs& configs) {
  const auto handshake = [&] {
    testing::End server = testing::End::server(configs.server);
    server.now = testing::later({});
    CountedEnd client([&] {
      return Connection::client(configs.client, "server.test", testing::provider(), nullptr, nullptr,
                                {configs.session, testing::later({})});
    });
    const std::size_t count = client.handshake_with(server);
    EXPECT_TRUE(client.resumed());
    return count;
  };
  handshake();
  return handshake();
}

TEST(Allocations, OfAServersHandshakeAreFew) {
  constexpr auto tls13 = ProtocolVersion::TLS_1_3;
  EXPECT_LE(allocations_of_server(configs(tls13, NamedGroup::x25519)), 16U);
  EXPECT_LE(allocations_of_server(configs(tls13, NamedGroup::secp256r1)), 16U);
  EXPECT_LE(allocations_of_server(configs(tls13, NamedGroup::X25519MLKEM768)), 16U);
  EXPECT_LE(allocations_of_server(configs(ProtocolVersion::TLS_1_2, NamedGroup::x25519)), 16U);
}

TEST(Allocations, OfAResumptionAreFewer) {
  const Configs tls13 = with_session(configs(ProtocolVersion::TLS_1_3, NamedGroup::x25519));
  EXPECT_LE(allocations_of_server(tls13), 8U) << "with the ticket that it gives";
  EXPECT_LE(allocations_of_client(tls13), 8U);
  EXPECT_LE(allocations_of_server(with_session(configs(ProtocolVersion::TLS_1_2, NamedGroup::x25519))), 4U);
}

TEST(Memory, OfAnIdleConnectionIsSmall) {
  // The first handshake pays for what the process needs once.
  {
    const testing::Pair pair = testing::connected();
  }
  constexpr std::size_t connections = 50;
  std::vector<Connection> idle;
  idle.reserve(connections);
  const std::size_t before = live_bytes;
  for (std::size_t i = 0; i < connections; ++i) {
    testing::Pair pair = testing::connected();
    ASSERT_TRUE(pair.server.connection.send(std::vector<std::uint8_t>(30000, 'x')));
    pair.exchange();
    pair.server.connection.release_buffers();
    idle.push_back(std::move(pair.server.connection));
  }
  const std::size_t each = (live_bytes - before) / connections;
  RecordProperty("bytes_per_idle_server_connection", static_cast<int>(each));
  EXPECT_LE(each, 4096U) << "bytes of our own, keys included";
}

TEST(Memory, OfHalfOpenConnectionsIsBounded) {  // docs/threats.md, T15
  constexpr std::size_t connections = 20;
  std::vector<Connection> half_open;
  half_open.reserve(connections);
  const auto config = std::make_shared<const ServerConfig>();
  // A message of 64 KiB, all but its last byte, in records of one byte and of 1,000.
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}}) {
    half_open.clear();
    const std::size_t before = live_bytes;
    for (std::size_t i = 0; i < connections; ++i) {
      half_open.push_back(Connection::server(config, testing::provider()));
      std::vector<std::uint8_t> record(5 + piece);
      std::size_t sent = 0;
      while (sent < 64 * 1024 + 3) {
        const std::size_t size = std::min(piece, 64 * 1024 + 3 - sent);
        std::ranges::copy(std::initializer_list<std::uint8_t>{22, 3, 3, static_cast<std::uint8_t>(size >> 8),
                                                              static_cast<std::uint8_t>(size)},
                          record.begin());
        if (sent == 0) record[5] = 1;
        if (sent <= 1 && 1 < sent + size) record[5 + 1 - sent] = 1;
        if (sent > 1) record[5] = 0;
        sent += size;
        const auto taken = half_open.back().feed(std::span(record).first(5 + size), Instant{});
        ASSERT_TRUE(taken && *taken == 5 + size) << (taken ? "" : taken.error().what);
      }
    }
    EXPECT_LE((live_bytes - before) / connections, 96U * 1024);
  }
}

}  // namespace
}  // namespace padlock::tls
