// A client and a server of QUIC's handshake, between whom the input changes what is said: bytes, levels, pieces, how
// late answers come. What was not changed must complete, and who is complete has heard all that its peer has said, at
// its level, and nothing else.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

#include "fuzz/mutations.h"
#include "padlock/tls/testing/quic_end.h"

namespace {

using namespace padlock;
using namespace padlock::tls;
using fuzz::Mutations;
using testing::QuicEnd;
using testing::QuicPair;
using testing::QuicParcel;

// Of the whole input.
constexpr std::uint8_t resumes = 1;   // goes on from a session, with early data
constexpr std::uint8_t retries = 2;   // the server wants another group
constexpr std::uint8_t knows = 4;     // both know an external key
constexpr std::uint8_t is_asked = 8;  // for its certificate, which the client shows
constexpr std::uint8_t waits = 16;    // answers come late, in whatever order
constexpr std::uint8_t is_hybrid = 32;

// Of a parcel.
constexpr std::uint8_t is_elsewhere = 1;  // comes at the level that bits 1 and 2 say
constexpr std::uint8_t is_cut = 8;        // comes in pieces
constexpr std::uint8_t has_more = 16;     // and bytes that nobody has said

constexpr std::array handshake_levels = {EncryptionLevel::plaintext, EncryptionLevel::handshake};

std::shared_ptr<const ExternalPsk> external_key() {
  static const auto made =
      ExternalPsk::make(as_bytes("a key"), SecretBytes(std::vector<std::uint8_t>(32, 7)), role_context("anna", "ben"));
  return made.value();
}

ClientConfig client_config(std::uint8_t shape) {
  ClientConfig config{.alpn = {"h3"}, .certificates = true, .resumption = true, .early_data = true};
  if ((shape & is_hybrid) == 0) {  // ML-KEM would take most of the time
    config.groups = {NamedGroup::x25519, NamedGroup::secp256r1};
    config.key_share_count = 1;
  }
  if ((shape & knows) != 0) config.external_psks = {external_key()};
  return config;
}

/// One for all inputs has the keys: whatever a client says, they stay as they are.
ServerConfig server_config(std::uint8_t shape) {
  static const auto ticket_keys = testing::ticket_keys();
  ServerConfig config{.alpn = {"h3"}, .ticket_keys = ticket_keys, .max_early_data_size = 1000};
  if ((shape & retries) != 0) config.groups = {NamedGroup::secp256r1};
  if ((shape & knows) != 0) config.external_psks = {external_key()};
  return config;
}

const testing::SessionPtr& session() {
  static const auto kept = [] {
    QuicPair pair(client_config(0), server_config(0));
    pair.exchange();
    return pair.client.sessions.at(0);
  }();
  return kept;
}

EncryptionLevel level_of(std::uint8_t how) { return static_cast<EncryptionLevel>(how >> 1 & 3); }

bool can_read(const QuicEnd& end, EncryptionLevel level) {
  return level == EncryptionLevel::plaintext || end.reading.contains(level);
}

/// Two ends, and what the input makes of what they say.
struct Exchange {
  QuicPair& pair;
  Mutations& mutations;
  bool is_honest = true;  ///< nothing was changed

  void run();
  void say_more();

 private:
  bool carry(QuicEnd& from, QuicEnd& to);
  bool answer(QuicEnd& end);
};

/// Carries one parcel; packets whose keys the receiver lacks wait. False: nothing moved.
bool Exchange::carry(QuicEnd& from, QuicEnd& to) {
  if (from.parcels.empty() || !can_read(to, from.parcels.front().first)) return false;
  const QuicParcel good = std::move(from.parcels.front());
  from.parcels.erase(from.parcels.begin());
  QuicParcel parcel{good.first, mutations.change(good.second)};
  const std::uint8_t how = mutations.next();
  if ((how & is_elsewhere) != 0) parcel.first = level_of(how);
  if ((how & has_more) != 0) parcel.second.resize(parcel.second.size() + 1 + mutations.next() % 64, mutations.next());
  is_honest = is_honest && parcel == good;
  to.take(parcel, (how & is_cut) != 0 ? 1 + mutations.next() : parcel.second.size());
  return true;
}

bool Exchange::answer(QuicEnd& end) {
  if (end.questions.empty()) return false;
  end.answer(mutations.next() % end.questions.size());
  end.drain();
  return true;
}

void Exchange::run() {
  bool moved = true;
  while (moved) {
    moved = carry(pair.client, pair.server);
    moved = carry(pair.server, pair.client) || moved;
    moved = answer(pair.client) || moved;
    moved = answer(pair.server) || moved;
  }
}

/// What comes after the handshake.
void Exchange::say_more() {
  while (!mutations.empty()) {
    const std::uint8_t kind = mutations.next();
    QuicEnd& end = (kind & 1) != 0 ? pair.server : pair.client;
    if (kind % 3 == 0) end.take({EncryptionLevel::application, mutations.change(testing::new_session_ticket())});
    if (kind % 3 == 1) end.take({EncryptionLevel::application, mutations.change(testing::key_update(0))});
    if (kind % 3 == 2) {
      const Bytes rest = mutations.rest();
      end.take({level_of(kind), {rest.begin(), rest.end()}});
    }
  }
}

Bytes at(const QuicEnd::BytesByLevel& bytes, EncryptionLevel level) {
  const auto found = bytes.find(level);
  return found == bytes.end() ? Bytes() : Bytes(found->second);
}

/// More than was said may have been heard, but not without an error.
bool has_heard_all(const QuicEnd& end, const QuicEnd& peer) {
  return std::ranges::all_of(handshake_levels, [&](EncryptionLevel level) {
    const Bytes heard = at(end.heard, level);
    const Bytes said = at(peer.said, level);
    return heard.size() >= said.size() && std::ranges::equal(heard.first(said.size()), said) &&
           (heard.size() == said.size() || end.failed);
  });
}

void check_end(QuicEnd& end, const QuicEnd& peer) {
  constexpr auto application = EncryptionLevel::application;
  if (end.complete() && (!has_heard_all(end, peer) || end.reading.at(application) != peer.writing.at(application))) {
    std::abort();
  }
  if (!end.complete() && end.reading.contains(application)) std::abort();  // RFC 9001, section 5.7
  if (!end.failed) return;
  if (end.failed->error.what.empty() || end.order.back() != "failed") std::abort();
  if (quic_error_code(end.failed->error) >> 8 != 1) std::abort();  // CRYPTO_ERROR
  if (end.connection.receive(application, {}, {})) std::abort();   // it is over
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const Bytes input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  Mutations mutations(input);
  const std::uint8_t shape = mutations.next();
  QuicPair pair(client_config(shape), server_config(shape), (shape & resumes) != 0 ? session() : nullptr);
  pair.client.answers_at_once = pair.server.answers_at_once = (shape & waits) == 0;
  if ((shape & is_asked) != 0) pair.server.credential = testing::asking_credential();
  Exchange exchange{pair, mutations};
  exchange.run();
  if (exchange.is_honest && !(pair.client.complete() && pair.server.complete())) std::abort();
  exchange.say_more();
  check_end(pair.client, pair.server);
  check_end(pair.server, pair.client);
  return 0;
}
