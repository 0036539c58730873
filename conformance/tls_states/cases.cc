#include "conformance/tls_states/cases.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "padlock/tls/wire/handshake_message.h"

namespace padlock::tls_states {

namespace {

/// A flight that an honest peer sends, with what it leaves open.
struct Honest {
  std::string name;
  Tested tested;
  Flight flight;
};

Flight servers_flight(bool retry, bool compatibility, bool request) {
  Flight flight;
  if (retry) flight.push_back({"HelloRetryRequest"});
  if (retry && compatibility) flight.push_back({"clear-change_cipher_spec"});
  flight.push_back({"ServerHello"});
  if (!retry && compatibility) flight.push_back({"clear-change_cipher_spec"});
  flight.push_back({"EncryptedExtensions", Key::handshake});
  if (request) flight.push_back({"CertificateRequest", Key::handshake});
  for (const char* row : {"Certificate", "CertificateVerify", "Finished"}) flight.push_back({row, Key::handshake});
  for (const char* row : {"NewSessionTicket", "data", "KeyUpdate", "KeyUpdate-that-asks", "data", "close_notify"})
    flight.push_back({row, Key::application});
  return flight;
}

Flight clients_flight(bool retry, bool compatibility) {
  Flight flight;
  flight.push_back({retry ? "ClientHello-that-needs-a-retry" : "ClientHello"});
  if (compatibility) flight.push_back({"clear-change_cipher_spec"});
  if (retry) flight.push_back({"ClientHello-after-a-retry"});
  flight.push_back({"Finished", Key::handshake});
  for (const char* row : {"data", "KeyUpdate", "KeyUpdate-that-asks", "data", "close_notify"})
    flight.push_back({row, Key::application});
  return flight;
}

/// The flight up to this row, and what follows its like.
Flight with(Flight flight, std::string_view row, const Flight& instead) {
  const auto found = std::ranges::find(flight, row, &Letter::row);
  const auto place = flight.erase(found);
  flight.insert(place, instead.begin(), instead.end());
  return flight;
}

/// The server goes on from a session: it shows no certificate.
Flight servers_resumed_flight(bool retry, bool compatibility) {
  Flight flight = with(servers_flight(retry, compatibility, false), "ServerHello", {{"ServerHello-that-resumes"}});
  std::erase_if(flight, [](const Letter& each) { return each.row.starts_with("Certificate"); });
  return flight;
}

/// The client shows a certificate before it finishes; `shown`: how.
Flight clients_certificate_flight(bool retry, bool compatibility, const char* shown) {
  return with(clients_flight(retry, compatibility), "Finished",
              {{shown, Key::handshake}, {"CertificateVerify", Key::handshake}, {"Finished", Key::handshake}});
}

void add_resumed_flights13(std::vector<Honest>& flights) {
  for (const bool retry : {false, true}) {
    const std::string how = retry ? ", retry" : "";
    const Tested client{Role::client, Version::tls13, Has::session, true};
    flights.push_back({"client with a session" + how, client, servers_resumed_flight(retry, true)});
    flights.push_back({"client with a session that is refused" + how, client, servers_flight(retry, true, false)});
  }
  const Tested server{Role::server, Version::tls13, Has::session, true};
  flights.push_back({"server with a session", server,
                     with(clients_flight(false, true), "ClientHello", {{"ClientHello-that-resumes"}})});
}

void add_certificate_flights13(std::vector<Honest>& flights) {
  for (const bool retry : {false, true}) {
    const std::string how = retry ? ", retry" : "";
    const Tested client{Role::client, Version::tls13, Has::certificate, true};
    const Tested server{Role::server, Version::tls13, Has::certificate, true};
    flights.push_back({"client with a certificate" + how, client, servers_flight(retry, true, true)});
    flights.push_back({"server that asks" + how, server, clients_certificate_flight(retry, true, "Certificate")});
  }
  const Tested server{Role::server, Version::tls13, Has::certificate, false};
  flights.push_back(
      {"server that asks, compressed", server, clients_certificate_flight(false, false, "CompressedCertificate")});
}

void add_flights13(std::vector<Honest>& flights) {
  for (const bool retry : {false, true}) {
    for (const bool compatible : {false, true}) {
      const Tested client{Role::client, Version::tls13, Has::nothing, compatible};
      const Tested server{Role::server, Version::tls13, Has::nothing, compatible};
      const std::string how = std::string(retry ? ", retry" : "") + (compatible ? ", compatible" : "");
      flights.push_back({"client" + how, client, servers_flight(retry, compatible, false)});
      flights.push_back({"client" + how + ", request", client, servers_flight(retry, compatible, true)});
      flights.push_back({"server" + how, server, clients_flight(retry, compatible)});
    }
  }
}

// ---- TLS 1.2

/// What either end says from its change_cipher_spec on. `again`: how it asks for a new handshake.
void add_sealed_part12(Flight& flight, const char* again) {
  flight.push_back({"clear-change_cipher_spec"});
  for (const char* row : {"Finished", "data", again, "data", "close_notify"}) {
    flight.push_back({row, Key::application});
  }
}

Flight servers_flight12(bool status, bool request) {
  Flight flight;
  flight.push_back({status ? "ServerHello-with-status" : "ServerHello"});
  flight.push_back({"Certificate"});
  if (status) flight.push_back({"CertificateStatus"});
  flight.push_back({"ServerKeyExchange"});
  if (request) flight.push_back({"CertificateRequest"});
  flight.push_back({"ServerHelloDone"});
  add_sealed_part12(flight, "HelloRequest");
  return flight;
}

Flight clients_flight12() {
  Flight flight = {{"ClientHello"}, {"ClientKeyExchange"}};
  add_sealed_part12(flight, "ClientHello");
  return flight;
}

/// The abbreviated handshake (RFC 5246, section 7.3). `renews`: with a ticket (RFC 5077, section 3.3).
Flight servers_resumed_flight12(bool renews) {
  Flight flight = {{renews ? "ServerHello-that-resumes-and-renews" : "ServerHello-that-resumes"}};
  if (renews) flight.push_back({"NewSessionTicket"});
  add_sealed_part12(flight, "HelloRequest");
  return flight;
}

Flight clients_resumed_flight12() {
  Flight flight = {{"ClientHello-that-resumes"}};
  add_sealed_part12(flight, "ClientHello");
  return flight;
}

Flight clients_certificate_flight12() {
  Flight flight = {{"ClientHello"}, {"Certificate"}, {"ClientKeyExchange"}, {"CertificateVerify"}};
  add_sealed_part12(flight, "ClientHello");
  return flight;
}

void add_more_flights12(std::vector<Honest>& flights) {
  const auto client = [](Has has) { return Tested{Role::client, Version::tls12, has, false}; };
  const auto server = [](Has has) { return Tested{Role::server, Version::tls12, has, false}; };
  for (const bool renews : {false, true}) {
    flights.push_back({std::string("client of TLS 1.2 with a session") + (renews ? ", renewed" : ""),
                       client(Has::session), servers_resumed_flight12(renews)});
  }
  flights.push_back(
      {"client of TLS 1.2 with a session that is refused", client(Has::session), servers_flight12(false, false)});
  flights.push_back({"client of TLS 1.2 with a session ID", client(Has::session_id), servers_resumed_flight12(false)});
  flights.push_back({"client of TLS 1.2 with a certificate", client(Has::certificate), servers_flight12(false, true)});
  flights.push_back({"server of TLS 1.2 with a session", server(Has::session), clients_resumed_flight12()});
  flights.push_back({"server of TLS 1.2 with a session ID", server(Has::session_id), clients_resumed_flight12()});
  flights.push_back({"server of TLS 1.2 that asks", server(Has::certificate), clients_certificate_flight12()});
}

void add_flights12(std::vector<Honest>& flights) {
  for (const bool compatible : {false, true}) {
    const Tested client{Role::client, Version::tls12, Has::nothing, compatible};
    const Tested server{Role::server, Version::tls12, Has::nothing, compatible};
    const std::string how = compatible ? " that could do better" : "";
    for (const bool status : {false, true}) {
      for (const bool request : {false, true}) {
        flights.push_back({"client of TLS 1.2" + how + (status ? ", status" : "") + (request ? ", request" : ""),
                           client, servers_flight12(status, request)});
      }
    }
    flights.push_back({"server of TLS 1.2" + how, server, clients_flight12()});
  }
}

std::vector<Honest> honest_flights() {
  std::vector<Honest> flights;
  add_flights13(flights);
  add_resumed_flights13(flights);
  add_certificate_flights13(flights);
  add_flights12(flights);
  add_more_flights12(flights);
  return flights;
}

/// A message that is a header alone.
bool is_empty(std::string_view row) { return row == "HelloRequest" || row == "ServerHelloDone"; }

std::ptrdiff_t at(std::size_t place) { return static_cast<std::ptrdiff_t>(place); }

/// Collects the variations of one honest flight.
class Variations {
 public:
  Variations(const Honest& honest, std::vector<Case>& cases) : honest_(honest), cases_(cases) {}

  void all() {
    add("as it is", honest_.flight);
    for (std::size_t i = 0; i < honest_.flight.size(); ++i) {
      left_out(i);
      said_twice(i);
      swapped(i);
      joined(i);
      cut(i);
    }
    for (std::size_t i = 0; i <= honest_.flight.size(); ++i) put_in(i);
  }

  /// Every handshake type in every state; the flight ends there.
  void all_types() {
    for (std::size_t i = 0; i <= honest_.flight.size(); ++i) {
      for (unsigned type = 0; type < 256; ++type) {
        for (const Key key : keys_before(i)) {
          Flight flight(honest_.flight.begin(), honest_.flight.begin() + at(i));
          flight.push_back({.row = "message_hash", .key = key, .garbage = static_cast<std::uint8_t>(type)});
          const std::string name = flight.back().to_string() + " at " + std::to_string(i);
          add(name, std::move(flight));
        }
      }
    }
  }

 private:
  void add(const std::string& what, Flight flight) {
    cases_.push_back({honest_.name + ": " + what, honest_.tested, std::move(flight)});
  }
  const Letter& letter(std::size_t place) const { return honest_.flight[place]; }

  void left_out(std::size_t place) {
    Flight flight = honest_.flight;
    flight.erase(flight.begin() + at(place));
    add(letter(place).to_string() + " left out", std::move(flight));
  }
  void said_twice(std::size_t place) {
    Flight flight = honest_.flight;
    flight.insert(flight.begin() + at(place), letter(place));
    add(letter(place).to_string() + " twice", std::move(flight));
  }
  void swapped(std::size_t place) {
    for (std::size_t other = place + 1; other < honest_.flight.size(); ++other) {
      Flight flight = honest_.flight;
      std::swap(flight[place], flight[other]);
      add(letter(place).to_string() + " and " + letter(other).to_string() + " swapped", std::move(flight));
    }
  }
  /// Every other message of the flight in the same record, behind this one.
  void joined(std::size_t place) {
    if (!type_of(letter(place).row)) return;
    for (std::size_t other = 0; other < honest_.flight.size(); ++other) {
      if (!type_of(letter(other).row) || other == place) continue;
      Flight flight = honest_.flight;
      flight[place].joined = letter(other).row;
      if (other == place + 1) flight.erase(flight.begin() + at(other));
      const std::string name = flight[place].to_string() + " in one record";
      add(name, std::move(flight));
    }
  }
  /// In two records, and with another record between them.
  void cut(std::size_t place) {
    if (!type_of(letter(place).row)) return;
    for (const std::size_t size : {1U, 3U, 4U}) {
      if (size == tls::handshake_header_length && is_empty(letter(place).row)) continue;  // there is no second part
      Flight flight = honest_.flight;
      flight[place].cut = size;
      add(flight[place].to_string(), flight);
      for (const char* between : {"clear-change_cipher_spec", "user_canceled", "data"}) {
        flight[place].between = between;
        add(flight[place].to_string(), flight);
      }
    }
  }
  bool is_said_before(std::size_t place, std::initializer_list<std::string_view> rows) const {
    const auto begin = honest_.flight.begin();
    return std::any_of(begin, begin + at(place),
                       [&](const Letter& each) { return std::ranges::find(rows, each.row) != rows.end(); });
  }
  /// The records of TLS 1.2 can be sealed: a server has the keys with the client's answer to its flight, both ends have
  /// them with the server's hello if a session goes on.
  bool has_keys12(std::size_t place) const {
    if (honest_.tested.role == Role::server)
      return is_said_before(place, {"ClientKeyExchange", "ClientHello-that-resumes"});
    return is_said_before(place,
                          {"ServerHelloDone", "ServerHello-that-resumes", "ServerHello-that-resumes-and-renews"});
  }
  /// The keys that a peer can have before the letter at `place`, and one that it cannot.
  std::vector<Key> keys_before(std::size_t place) const {
    std::vector<Key> keys = {Key::none};
    if (honest_.tested.version == Version::tls12) {
      if (has_keys12(place)) keys.push_back(Key::application);
      return keys;
    }
    const bool tests_server = honest_.tested.role == Role::server;
    const bool handshake =
        tests_server ? is_said_before(place, {"ClientHello", "ClientHello-after-a-retry", "ClientHello-that-resumes"})
                     : is_said_before(place, {"ServerHello", "ServerHello-that-resumes"});
    // A client has the server's whole flight, and so the application keys, as soon as it has the handshake's.
    const bool application = tests_server ? handshake : is_said_before(place, {"Finished"});
    if (handshake) keys.push_back(Key::handshake);
    if (application) keys.push_back(Key::application);
    return keys;
  }
  void put_in(std::size_t place, Letter foreign) {
    Flight flight = honest_.flight;
    const std::string name = foreign.to_string() + " put in at " + std::to_string(place);
    flight.insert(flight.begin() + at(place), std::move(foreign));
    add(name, std::move(flight));
  }
  void put_in(std::size_t place) {
    put_in(place, {"data", Key::foreign});
    for (const std::string& row : rows_of(honest_.tested)) {
      if (is_always_clear(row)) put_in(place, {row, Key::none});
      if (is_always_clear(row)) continue;
      for (const Key key : keys_before(place)) {
        if (key != Key::none || !is_always_sealed(row)) put_in(place, {row, key});
      }
    }
  }

  const Honest& honest_;
  std::vector<Case>& cases_;
};

}  // namespace

std::vector<Case> all_cases() {
  // These flights go through all states.
  constexpr std::array<std::string_view, 10> longest = {"client, retry, compatible, request",
                                                        "client with a session, retry",
                                                        "server, retry, compatible",
                                                        "server that asks, retry",
                                                        "client of TLS 1.2, status, request",
                                                        "client of TLS 1.2 that could do better",
                                                        "client of TLS 1.2 with a session, renewed",
                                                        "server of TLS 1.2",
                                                        "server of TLS 1.2 with a session",
                                                        "server of TLS 1.2 that asks"};
  std::vector<Case> cases;
  for (const Honest& honest : honest_flights()) {
    Variations variations(honest, cases);
    variations.all();
    if (std::ranges::find(longest, honest.name) != longest.end()) variations.all_types();
  }
  return cases;
}

}  // namespace padlock::tls_states
