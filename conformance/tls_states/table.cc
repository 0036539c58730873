#include "conformance/tls_states/table.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <sstream>

#include "conformance/tls_states/tables.h"

namespace padlock::tls_states {

namespace {

constexpr unsigned unexpected_message = 10;
constexpr unsigned illegal_parameter = 47;
constexpr unsigned decode_error = 50;

/// One of the tables, read.
class Table {
 public:
  /// `keys`: what the state after each expects a record to be sealed with, in their order; the last one goes on.
  Table(Version version, std::string_view text, std::vector<Key> keys) : version_(version) {
    std::istringstream lines{std::string(text)};
    std::string line;
    while (std::getline(lines, line)) {
      if (!line.empty()) read(line);
    }
    for (std::size_t i = 0; i < states_.size(); ++i) keys_[states_[i]] = keys.at(std::min(i, keys.size() - 1));
  }
  bool is_tls12() const { return version_ == Version::tls12; }
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

  Version version_;
  std::vector<std::string> states_;
  std::vector<std::string> rows_;
  std::map<std::string, std::map<std::string, std::string>> cells_;
  std::map<std::string, Key> keys_;
  bool ordinary_ = true;
};

/// So many times this.
std::vector<Key> keys(std::size_t none, std::size_t handshake) {
  std::vector<Key> all(none, Key::none);
  all.insert(all.end(), handshake, Key::handshake);
  all.push_back(Key::application);
  return all;
}

const Table& table_of(const Tested& tested) {
  static const Table client13(Version::tls13, client13_table, keys(4, 6));
  static const Table server13(Version::tls13, server13_table, keys(4, 4));
  static const Table client12(Version::tls12, client12_table, keys(13, 0));
  static const Table server12(Version::tls12, server12_table, keys(7, 0));
  if (tested.version == Version::tls12) return tested.role == Role::client ? client12 : server12;
  return tested.role == Role::client ? client13 : server13;
}

/// A client that offers a session, or TLS 1.3 beside TLS 1.2, begins where that may come of it; a server that asks for
/// a certificate where it will wait for one.
std::string first_state(const Tested& tested) {
  if (tested.role == Role::server) return tested.has == Has::certificate ? "CH_A" : "CH";
  if (tested.has == Has::session || tested.has == Has::session_id) return "SH_R";
  const bool may_become13 = tested.version == Version::tls12 && tested.role == Role::client && tested.compatible;
  return may_become13 ? "SH13" : table_of(tested).first_state();
}

constexpr std::array<std::string_view, 7> alert_rows = {
    "close_notify",         "user_canceled",     "no_renegotiation-as-a-warning", "handshake_failure",
    "alert-without-a-name", "alert-of-one-byte", "alert-of-three-bytes"};

bool is_alert(std::string_view row) {
  return row == "empty-alert-record" || std::ranges::find(alert_rows, row) != alert_rows.end();
}

bool is_data(std::string_view row) { return row == "data" || row == "empty-data"; }

/// TLS 1.2 shows a sealed record's type, so that one which comes before its time is read as if it were plain: a
/// handshake record begins with the zeros of a nonce then, which are a HelloRequest, and an alert is too long.
std::string verdict12_of(const Table& table, const std::string& row, Key key, const std::string& state) {
  const Key expected = table.key_in(state);
  if (is_always_clear(row) || key == expected) return table.cell(row, state);
  if (expected != Key::none) return table.cell("clear-or-by-another-key", state);
  return table.cell(is_alert(row) ? "sealed-alert-too-early" : "sealed-too-early", state);
}

/// What the table says of a row's record, protected by `key`, in `state`.
std::string verdict_of(const Table& table, const std::string& row, Key key, const std::string& state) {
  if (table.is_tls12()) return verdict12_of(table, row, key, state);
  const Key expected = table.key_in(state);
  if (is_always_clear(row)) return table.cell(row, state);
  if (key == Key::foreign || (key != Key::none && key != expected)) return table.cell("sealed-by-another-key", state);
  // Data in the clear looks like a sealed record on the wire.
  if (key == Key::none && is_data(row)) return table.cell("sealed-by-another-key", state);
  if (key == expected) return table.cell(row, state);
  const std::string& otherwise = table.cell(is_alert(row) ? "alert-in-the-clear" : "handshake-in-the-clear", state);
  return otherwise == "own" ? table.cell(row, state) : otherwise;
}

/// Where a message ends its record: before a change of keys (RFC 8446, section 5.1), and a HelloRetryRequest, after
/// which the client must speak first. In TLS 1.2 it is change_cipher_spec that changes keys; but the hello and Finished
/// wait for an answer.
bool ends_its_record(const Table& table, std::string_view row) {
  if (row.starts_with("ClientHello") || row == "Finished") return true;
  return !table.is_tls12() && (row.starts_with("ServerHello") || row == "HelloRetryRequest" || row == "KeyUpdate" ||
                               row == "KeyUpdate-that-asks");
}

bool is_taken(const std::string& cell) { return cell == "ok" || cell.starts_with('>') || cell.starts_with("warn>"); }

/// The row that takes messages of this type in `state`, if any does.
std::string row_that_takes(const Table& table, std::uint8_t type, const std::string& state) {
  for (const std::string& row : table.rows()) {
    if (type_of(row) == type && is_taken(table.cell(row, state))) return row;
  }
  return "";
}

/// A message whose body is one zero: that is a KeyUpdate, and nothing else that is ever waited for. In TLS 1.2 it is
/// also the beginning of a curve or a status of a kind that nobody knows, and a hello that is refused is not read.
std::string verdict_of_garbage(const Table& table, const Letter& letter, const std::string& state) {
  if (letter.key != table.key_in(state)) return verdict_of(table, "message_hash", letter.key, state);
  const std::string row = row_that_takes(table, *letter.garbage, state);
  if (row.empty()) return ".";
  if (row == "ServerKeyExchange" || row == "CertificateStatus") return std::to_string(illegal_parameter);
  if (row == "ClientHello" && state == "CONNECTED") return table.cell(row, state);
  return row == "KeyUpdate" ? table.cell(row, state) : std::to_string(decode_error);
}

struct Walk {
  const Table& table;
  const Tested& tested;
  Outcome outcome{};
  bool asked = false;  ///< a client for its certificate
  bool over() const { return outcome.alert || outcome.ended; }
  void step(const std::string& verdict) {
    if (verdict == "ok") return;
    if (verdict == "ends") {
      outcome.ended = true;
    } else if (verdict.starts_with("warn>")) {
      ++outcome.warnings;
      outcome.state = verdict.substr(std::string_view("warn>").size());
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
    asked = asked || outcome.state == "CERT";
  }
  /// A client of TLS 1.3 that has a certificate to show signs before it is done, and by then it has seen what must not
  /// be there.
  void ended_badly(const std::string& row) {
    const bool signs = tested.role == Role::client && tested.has == Has::certificate && asked && !table.is_tls12();
    if (row == "Finished" && signs) outcome.complete = false;
    step(".");
  }
  /// Nothing may stand inside a message (RFC 8446, section 5.1); what is not sealed as TLS 1.2 seals all is not even
  /// read.
  void interrupted(const Letter& letter) {
    const bool unsealed = table.is_tls12() && is_always_clear(letter.between) && letter.key != Key::none;
    step(unsealed ? table.cell("clear-or-by-another-key", outcome.state) : ".");
  }
  void letter(const Letter& letter) {
    if (outcome.state == "CLOSED") return;  // what follows close_notify is ignored (section 6.1)
    if (letter.garbage) return step(verdict_of_garbage(table, letter, outcome.state));
    if (!letter.between.empty()) return interrupted(letter);
    message(letter.row, letter.key);
    if (letter.joined.empty() || over()) return;
    if (ends_its_record(table, letter.row)) return ended_badly(letter.row);
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

Outcome expected_outcome(const Tested& tested, const Flight& flight) {
  Walk walk{table_of(tested), tested};
  walk.outcome.state = first_state(tested);
  for (const Letter& letter : flight) {
    if (!walk.over()) walk.letter(letter);
  }
  return walk.outcome;
}

std::vector<std::string> rows_of(const Tested& tested) { return table_of(tested).rows(); }
bool is_always_clear(std::string_view row) { return row.starts_with("clear-"); }
bool is_always_sealed(std::string_view row) { return row.starts_with("sealed-"); }

std::optional<std::uint8_t> type_of(std::string_view row) {
  static const std::map<std::string_view, std::uint8_t> types = {{"HelloRequest", 0},
                                                                 {"ClientHello", 1},
                                                                 {"ClientHello-that-needs-a-retry", 1},
                                                                 {"ClientHello-after-a-retry", 1},
                                                                 {"ClientHello-that-resumes", 1},
                                                                 {"ServerHello", 2},
                                                                 {"ServerHello-with-status", 2},
                                                                 {"ServerHello-that-resumes", 2},
                                                                 {"ServerHello-that-resumes-and-renews", 2},
                                                                 {"HelloRetryRequest", 2},
                                                                 {"NewSessionTicket", 4},
                                                                 {"EndOfEarlyData", 5},
                                                                 {"EncryptedExtensions", 8},
                                                                 {"Certificate", 11},
                                                                 {"Certificate-of-nobody", 11},
                                                                 {"CompressedCertificate", 25},
                                                                 {"CertificateRequest", 13},
                                                                 {"CertificateVerify", 15},
                                                                 {"ServerKeyExchange", 12},
                                                                 {"ServerHelloDone", 14},
                                                                 {"ClientKeyExchange", 16},
                                                                 {"ClientKeyExchange-of-zeros", 16},
                                                                 {"CertificateStatus", 22},
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
