#include "conformance/tls_states/table.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <sstream>

namespace padlock::tls_states {

namespace {

// The columns are the states of RFC 8446, appendix A, without START's side that has said nothing yet and without WAIT_
// in their names. SH2 and CH2: after a HelloRetryRequest.
//
//   .         unexpected_message(10)
//   a number  this alert
//   ok        taken or dropped; the state stays
//   >STATE    taken; goes on in STATE
//   ends      the peer gave up: the connection ends and says nothing (section 6.2)
//
// A row says what happens if the record is protected as the state expects it. The rows behind "otherwise" say what
// happens if not.

// A client, which gets what a server may say. Sections: 4.1.2 to 4.1.4 (hellos), 4.3 and 4.4 (the server's flight), 4.6
// (what follows), 5 (records), 5.1 (empty ones), 6 (alerts). A CertificateRequest after the handshake is unexpected
// because post_handshake_auth was not offered (4.6.2), EndOfEarlyData because no server says it (4.5).
constexpr std::string_view client_table = R"(
state                           SH    SH2   EE        CERT_CR  CERT  CV         FINISHED     CONNECTED
HelloRequest                    .     .     .         .        .     .          .            .
ClientHello                     .     .     .         .        .     .          .            .
ServerHello                     >EE   >EE   .         .        .     .          .            .
HelloRetryRequest               >SH2  .     .         .        .     .          .            .
NewSessionTicket                .     .     .         .        .     .          .            ok
EndOfEarlyData                  .     .     .         .        .     .          .            .
EncryptedExtensions             .     .     >CERT_CR  .        .     .          .            .
Certificate                     .     .     .         >CV      >CV   .          .            .
CertificateRequest              .     .     .         >CERT    .     .          .            .
CertificateVerify               .     .     .         .        .     >FINISHED  .            .
Finished                        .     .     .         .        .     .          >CONNECTED   .
KeyUpdate                       .     .     .         .        .     .          .            ok
KeyUpdate-that-asks             .     .     .         .        .     .          .            ok
KeyUpdate-of-2                  .     .     .         .        .     .          .            47
KeyUpdate-of-two-bytes          .     .     .         .        .     .          .            50
message_hash                    .     .     .         .        .     .          .            .
empty-handshake-record          .     .     .         .        .     .          .            .
data                            .     .     .         .        .     .          .            ok
empty-data                      .     .     .         .        .     .          .            ok
close_notify                    ends  ends  ends      ends     ends  ends       ends         >CLOSED
user_canceled                   ok    ok    ok        ok       ok    ok         ok           ok
no_renegotiation-as-a-warning   ends  ends  ends      ends     ends  ends       ends         ends
handshake_failure               ends  ends  ends      ends     ends  ends       ends         ends
alert-without-a-name            ends  ends  ends      ends     ends  ends       ends         ends
alert-of-one-byte               50    50    50        50       50    50         50           50
alert-of-three-bytes            50    50    50        50       50    50         50           50
empty-alert-record              .     .     .         .        .     .          .            .
clear-change_cipher_spec        ok    ok    ok        ok       ok    ok         ok           .
clear-change_cipher_spec-of-2   .     .     .         .        .     .          .            .
clear-change_cipher_spec-twice  .     .     .         .        .     .          .            .
clear-heartbeat                 .     .     .         .        .     .          .            .
clear-unknown-record            .     .     .         .        .     .          .            .
sealed-change_cipher_spec       .     .     .         .        .     .          .            .
sealed-heartbeat                .     .     .         .        .     .          .            .
sealed-padding-alone            .     .     .         .        .     .          .            .
otherwise:
handshake-in-the-clear          -     -     .         .        .     .          .            .
alert-in-the-clear              -     -     .         .        .     .          .            .
sealed-by-another-key           .     .     20        20       20    20         20           20
)";

// A server, which gets what a client may say. FINISHED: from ServerHello on it reads with the client's handshake key,
// but a client that did not understand ServerHello has no key, so its alert may come in the clear until it has shown
// that it has one: `own` takes it as if it were sealed. A second hello may differ in nothing but what was asked for
// (4.1.2).
constexpr std::string_view server_table = R"(
state                           CH         CH2        FINISHED    CONNECTED
HelloRequest                    .          .          .           .
ClientHello                     >FINISHED  47         .           .
ClientHello-that-needs-a-retry  >CH2       47         .           .
ClientHello-after-a-retry       >FINISHED  >FINISHED  .           .
ServerHello                     .          .          .           .
HelloRetryRequest               .          .          .           .
NewSessionTicket                .          .          .           .
EndOfEarlyData                  .          .          .           .
EncryptedExtensions             .          .          .           .
Certificate                     .          .          .           .
CertificateRequest              .          .          .           .
CertificateVerify               .          .          .           .
Finished                        .          .          >CONNECTED  .
KeyUpdate                       .          .          .           ok
KeyUpdate-that-asks             .          .          .           ok
KeyUpdate-of-2                  .          .          .           47
KeyUpdate-of-two-bytes          .          .          .           50
message_hash                    .          .          .           .
empty-handshake-record          .          .          .           .
data                            .          .          .           ok
empty-data                      .          .          .           ok
close_notify                    ends       ends       ends        >CLOSED
user_canceled                   ok         ok         ok          ok
no_renegotiation-as-a-warning   ends       ends       ends        ends
handshake_failure               ends       ends       ends        ends
alert-without-a-name            ends       ends       ends        ends
alert-of-one-byte               50         50         50          50
alert-of-three-bytes            50         50         50          50
empty-alert-record              .          .          .           .
clear-change_cipher_spec        .          ok         ok          .
clear-change_cipher_spec-of-2   .          .          .           .
clear-change_cipher_spec-twice  .          .          .           .
clear-heartbeat                 .          .          .           .
clear-unknown-record            .          .          .           .
sealed-change_cipher_spec       .          .          .           .
sealed-heartbeat                .          .          .           .
sealed-padding-alone            .          .          .           .
otherwise:
handshake-in-the-clear          -          -          .           .
alert-in-the-clear              -          -          own         .
sealed-by-another-key           .          .          20          20
)";

constexpr unsigned unexpected_message = 10;
constexpr unsigned decode_error = 50;

/// One of the two tables, read.
class Table {
 public:
  Table(std::string_view text, std::vector<Key> keys) {
    std::istringstream lines{std::string(text)};
    std::string line;
    while (std::getline(lines, line)) {
      if (!line.empty()) read(line);
    }
    for (std::size_t i = 0; i < states_.size(); ++i) keys_[states_[i]] = keys.at(i);
  }
  const std::string& first_state() const { return states_.front(); }
  Key key_in(const std::string& state) const { return state == "CLOSED" ? Key::application : keys_.at(state); }
  const std::string& cell(const std::string& row, const std::string& state) const { return cells_.at(row).at(state); }
  const std::vector<std::string>& rows() const { return rows_; }

 private:
  void read(const std::string& line) {
    std::istringstream words(line);
    std::string row, word;
    words >> row;
    if (row == "otherwise:") {
      ordinary_ = false;
      return;
    }
    std::vector<std::string> found;
    while (words >> word) found.push_back(word);
    if (row == "state") {
      states_ = found;
      return;
    }
    if (found.size() != states_.size()) std::abort();  // a hole in the table
    if (ordinary_) rows_.push_back(row);
    for (std::size_t i = 0; i < found.size(); ++i) cells_[row][states_[i]] = found[i];
  }

  std::vector<std::string> states_;
  std::vector<std::string> rows_;
  std::map<std::string, std::map<std::string, std::string>> cells_;
  std::map<std::string, Key> keys_;
  bool ordinary_ = true;
};

const Table& table_of(Role tested) {
  static const Table client(client_table, {Key::none, Key::none, Key::handshake, Key::handshake, Key::handshake,
                                           Key::handshake, Key::handshake, Key::application});
  static const Table server(server_table, {Key::none, Key::none, Key::handshake, Key::application});
  return tested == Role::client ? client : server;
}

constexpr std::array<std::string_view, 7> alert_rows = {
    "close_notify",         "user_canceled",     "no_renegotiation-as-a-warning", "handshake_failure",
    "alert-without-a-name", "alert-of-one-byte", "alert-of-three-bytes"};

bool is_alert(std::string_view row) {
  return row == "empty-alert-record" || std::ranges::find(alert_rows, row) != alert_rows.end();
}

bool is_data(std::string_view row) { return row == "data" || row == "empty-data"; }

/// What the table says of a row's record, protected by `key`, in `state`.
std::string verdict_of(const Table& table, const std::string& row, Key key, const std::string& state) {
  const Key expected = table.key_in(state);
  if (is_always_clear(row)) return table.cell(row, state);
  if (key == Key::foreign || (key != Key::none && key != expected)) return table.cell("sealed-by-another-key", state);
  // Data in the clear looks like a sealed record on the wire.
  if (key == Key::none && is_data(row)) return table.cell("sealed-by-another-key", state);
  if (key == expected) return table.cell(row, state);
  const std::string& otherwise = table.cell(is_alert(row) ? "alert-in-the-clear" : "handshake-in-the-clear", state);
  return otherwise == "own" ? table.cell(row, state) : otherwise;
}

/// Where a message ends its record: before a change of keys (section 5.1), and a HelloRetryRequest, after which the
/// client must speak first.
bool ends_its_record(std::string_view row) {
  return row.starts_with("ClientHello") || row == "ServerHello" || row == "HelloRetryRequest" || row == "Finished" ||
         row == "KeyUpdate" || row == "KeyUpdate-that-asks";
}

bool is_taken(const std::string& cell) { return cell == "ok" || cell.starts_with('>'); }

/// The row that takes messages of this type in `state`, if any does.
std::string row_that_takes(const Table& table, std::uint8_t type, const std::string& state) {
  for (const std::string& row : table.rows()) {
    if (type_of(row) == type && is_taken(table.cell(row, state))) return row;
  }
  return "";
}

/// A message whose body is one zero: that is a KeyUpdate, and nothing else that is ever waited for.
std::string verdict_of_garbage(const Table& table, const Letter& letter, const std::string& state) {
  if (letter.key != table.key_in(state)) return verdict_of(table, "message_hash", letter.key, state);
  const std::string row = row_that_takes(table, *letter.garbage, state);
  if (row.empty()) return ".";
  return row == "KeyUpdate" ? table.cell(row, state) : std::to_string(decode_error);
}

struct Walk {
  const Table& table;
  Outcome outcome{};
  bool over() const { return outcome.alert || outcome.ended; }
  void step(const std::string& verdict) {
    if (verdict == "ok") return;
    if (verdict == "ends") {
      outcome.ended = true;
    } else if (verdict.starts_with('>')) {
      outcome.state = verdict.substr(1);
      outcome.complete = outcome.complete || outcome.state == "CONNECTED";
    } else {
      outcome.alert = verdict == "." ? unexpected_message : static_cast<unsigned>(std::stoul(verdict));
    }
  }
  void message(const std::string& row, Key key) {
    step(verdict_of(table, row, key, outcome.state));
    if (!over() && row == "data") ++outcome.data;
  }
  void letter(const Letter& letter) {
    if (outcome.state == "CLOSED") return;  // what follows close_notify is ignored (section 6.1)
    if (letter.garbage) return step(verdict_of_garbage(table, letter, outcome.state));
    if (!letter.between.empty()) return step(".");  // nothing may stand inside a message (section 5.1)
    message(letter.row, letter.key);
    if (letter.joined.empty() || over()) return;
    if (ends_its_record(letter.row)) return step(".");
    message(letter.joined, letter.key);
  }
};

}  // namespace

std::string_view name_of(Key key) {
  switch (key) {
    case Key::none: return "in the clear";
    case Key::handshake: return "under the handshake key";
    case Key::application: return "under the application key";
    case Key::foreign: return "under a foreign key";
  }
  return "";
}

std::string Letter::to_string() const {
  std::string text = garbage ? "type " + std::to_string(*garbage) : row;
  if (!joined.empty()) text += "+" + joined;
  if (cut) text += " cut at " + std::to_string(*cut);
  if (!between.empty()) text += " around " + between;
  return text + (is_always_clear(row) ? "" : " " + std::string(name_of(key)));
}

Outcome expected_outcome(Role tested, const Flight& flight) {
  Walk walk{table_of(tested)};
  walk.outcome.state = walk.table.first_state();
  for (const Letter& letter : flight) {
    if (!walk.over()) walk.letter(letter);
  }
  return walk.outcome;
}

std::vector<std::string> rows_of(Role tested) { return table_of(tested).rows(); }
bool is_always_clear(std::string_view row) { return row.starts_with("clear-"); }
bool is_always_sealed(std::string_view row) { return row.starts_with("sealed-"); }

std::optional<std::uint8_t> type_of(std::string_view row) {
  static const std::map<std::string_view, std::uint8_t> types = {{"HelloRequest", 0},
                                                                 {"ClientHello", 1},
                                                                 {"ClientHello-that-needs-a-retry", 1},
                                                                 {"ClientHello-after-a-retry", 1},
                                                                 {"ServerHello", 2},
                                                                 {"HelloRetryRequest", 2},
                                                                 {"NewSessionTicket", 4},
                                                                 {"EndOfEarlyData", 5},
                                                                 {"EncryptedExtensions", 8},
                                                                 {"Certificate", 11},
                                                                 {"CertificateRequest", 13},
                                                                 {"CertificateVerify", 15},
                                                                 {"Finished", 20},
                                                                 {"KeyUpdate", 24},
                                                                 {"KeyUpdate-that-asks", 24},
                                                                 {"KeyUpdate-of-2", 24},
                                                                 {"KeyUpdate-of-two-bytes", 24},
                                                                 {"message_hash", 254}};
  const auto found = types.find(row);
  if (found == types.end()) return std::nullopt;
  return found->second;
}

}  // namespace padlock::tls_states
