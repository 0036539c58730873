#include "conformance/bogo/exchange.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>
#include <variant>

namespace padlock::bogo {

namespace {

constexpr std::size_t default_read_size = 512;

constexpr Rule alert_wanted{.code = "shim.send_alert",
                            .source = {0, "of the runner: -send-alert"},
                            .alert = static_cast<AlertDescription>(30)};  // decompression_failure of RFC 5246

tls::Connection make_connection(const Options& options, const Setup& setup, const Lasting& lasting,
                                tls::Observer& observer, tls::KeyLog* key_log, crypto::Provider& provider) {
  if (options.server) return tls::Connection::server(setup.server, provider, &observer, key_log);
  const std::string nobody = "127.0.0.1";  // an address is not sent as server_name
  return tls::Connection::client(setup.client, options.host_name.empty() ? nobody : options.host_name, provider,
                                 &observer, key_log, {lasting.session, lasting.now});
}

std::deque<std::string> first_words(const Options& options) {
  if (options.read_with_unfinished_write) return {options.shim_initial_write};
  if (!options.shim_writes_first) return {};
  return std::deque<std::string>(options.repeat_shim_initial_write.value_or(1), options.shim_initial_write);
}

}  // namespace

Exchange::Exchange(const Options& options, const Options& retry, const Setup& setup, Lasting& lasting, bool resumption,
                   RunnerSocket& socket, crypto::Provider& provider)
    : options_(options),
      retry_(retry),
      lasting_(lasting),
      resumption_(resumption),
      socket_(socket),
      last_message_(options.server ? tls::Sender::client : tls::Sender::server),
      connection_(make_connection(options, setup, lasting, last_message_,
                                  options.export_traffic_secrets ? &secrets_ : nullptr, provider)),
      answers_(options_, setup, provider),
      words_(first_words(options)) {}

std::optional<std::string> Exchange::run() {
  const bool connected = shake_hands();
  if (connected && options_.send_alert) {
    connection_.fail({&alert_wanted, "the runner wants an alert"});
    flush();
    return std::nullopt;
  }
  const bool told = connected && export_keys() && export_traffic_secrets() && say_first_words() &&
                    (options_.shim_shuts_down || echo()) && find_late_fault();
  if (told) shut_down();
  lasting_.session = session_;
  return fault_;
}

bool Exchange::shake_hands() {
  drain();
  while (!complete_) {
    if (!speak_early() || !step()) return false;
  }
  blocked_ = false;
  flush();
  auto mismatch = find_mismatch(options_, outcome());
  return !mismatch || fail(*std::move(mismatch));
}

/// While the handshake goes on: first words, as far as there is room for them, and a server's answers.
bool Exchange::speak_early() {
  if (connection_.early_data_room() == 0) return true;
  const auto& after = options_.early_write_after_message;
  if (after && !last_message_.is(*after)) return true;
  if (!options_.server && !export_keys()) return false;  // there is nothing to export yet, as the runner will see
  if (options_.read_with_unfinished_write && !words_.empty()) return begin_to_write();
  if (!say_words()) return false;
  while (options_.server && !plaintext_.empty()) {
    if (!echo_some()) return false;
  }
  return true;
}

/// Nothing that was said early counts: what follows has expectations of its own.
void Exchange::begin_again() {
  if (!options_.expect_reject_early_data) return;  // see find_mismatch
  early_data_refused_ = true;
  options_ = retry_;
  words_ = first_words(options_);
  blocked_ = false;
}

bool Exchange::find_late_fault() {
  auto mismatch = find_late_mismatch(options_, outcome());
  return !mismatch || fail(*std::move(mismatch));
}

Outcome Exchange::outcome() const {
  return {.info = connection_.info(),
          .learned = answers_.learned(),
          .resumption = resumption_,
          .retry = early_data_refused_,
          .early_session = session_ != nullptr && session_->max_early_data_size > 0,
          .session_received = session_ != nullptr && session_ != lasting_.session,
          .sessions_by_id = lasting_.session_cache->size()};
}

bool Exchange::export_keys() {
  if (!options_.export_keying_material) return true;
  std::vector<std::uint8_t> keys(*options_.export_keying_material);
  const Bytes context = as_bytes(options_.export_context);
  const auto exported = connection_.export_keying_material(
      options_.export_label, options_.use_export_context ? std::optional(context) : std::nullopt, keys);
  return exported ? send(keys) : fail(exported.error().to_string());
}

/// Their length, as this machine writes it, and those of reading and writing.
bool Exchange::export_traffic_secrets() {
  if (!options_.export_traffic_secrets) return true;
  const Bytes clients = secrets_.of("CLIENT_TRAFFIC_SECRET_0");
  const Bytes servers = secrets_.of("SERVER_TRAFFIC_SECRET_0");
  const auto length = std::bit_cast<std::array<std::uint8_t, 2>>(static_cast<std::uint16_t>(clients.size()));
  return send(length) && send(options_.server ? clients : servers) && send(options_.server ? servers : clients);
}

bool Exchange::say_first_words() {
  if (options_.write_different_record_sizes) return write_different_record_sizes();
  return options_.read_with_unfinished_write && !words_.empty() ? begin_to_write() : say_words();
}

/// A word is a record; one that has not room enough is cut.
bool Exchange::say_words() {
  while (!words_.empty()) {
    const std::size_t size = words_.front().size();
    const std::size_t room = complete_ ? size : std::min(size, connection_.early_data_room());
    if (room == 0 && size > 0) return true;
    const std::string word = words_.front().substr(0, room);
    words_.front().erase(0, room);
    if (room == size) words_.pop_front();
    if (!send(as_bytes(word))) return false;
  }
  return true;
}

/// Sends the first byte of a record; the rest waits until something has been read.
bool Exchange::begin_to_write() {
  blocked_ = true;
  const std::string word = std::move(words_.front());
  words_.pop_front();
  if (!send(as_bytes(word))) return false;
  (void)socket_.send(connection_.output().first(1));
  connection_.output_sent(1);
  return true;
}

bool Exchange::write_different_record_sizes() {
  constexpr std::array<std::size_t, 11> sizes = {0, 1, 255, 256, 257, 16383, 16384, 16385, 32767, 32768, 32769};
  return std::ranges::all_of(
      sizes, [&](std::size_t size) { return send(std::vector<std::uint8_t>(size, std::uint8_t{0x42})); });
}

bool Exchange::echo() {
  while (true) {
    if (options_.key_update_before_read && !update_keys()) return false;
    while (plaintext_.empty()) {
      if (peer_closed_ || input_ended_) return true;
      if (!step()) return false;
    }
    if (!echo_some()) return false;
  }
}

bool Exchange::echo_some() {
  const std::size_t most = options_.read_size.value_or(default_read_size);
  const auto size = static_cast<std::ptrdiff_t>(std::min(most, plaintext_.size()));
  std::vector<std::uint8_t> turned(plaintext_.begin(), plaintext_.begin() + size);
  plaintext_.erase(plaintext_.begin(), plaintext_.begin() + size);
  blocked_ = false;
  if (options_.use_exporter_between_reads) {
    std::array<std::uint8_t, 1> key{};
    const auto exported = connection_.export_keying_material("", {}, key);
    if (!exported) return fail(exported.error().to_string());
  }
  if (options_.key_update && complete_ && !update_keys()) return false;
  for (std::uint8_t& byte : turned) byte ^= 0xff;
  return send(turned);
}

/// Without -check-close-notify the runner wants no word at the end and says none.
bool Exchange::shut_down() {
  if (!options_.check_close_notify) return true;
  if (input_ended_ && !peer_closed_) connection_.input_ended();
  connection_.close();
  drain();
  while (!peer_closed_ && !fault_) {
    if (!step()) return false;
    if (input_ended_ && !peer_closed_) {
      connection_.input_ended();
      drain();
    }
  }
  return !fault_;
}

/// Waits for one piece from the runner and does all that follows from it.
bool Exchange::step() {
  if (fault_) return false;
  if (connection_.waiting_for() == tls::Waiting::answer) {
    answer_questions();
  } else if (!receive()) {
    input_ended_ = true;
    if (!complete_) connection_.input_ended();
  }
  drain();
  return !fault_;
}

bool Exchange::receive() {
  std::array<std::uint8_t, std::size_t{16} * 1024> buffer{};
  const std::size_t count = socket_.receive(std::span(buffer).first(options_.async ? 1 : buffer.size()));
  const auto received = std::span(buffer).first(count);
  inbox_.insert(inbox_.end(), received.begin(), received.end());
  return count > 0;
}

/// Feeds and answers until nothing moves.
void Exchange::drain() {
  bool moved = true;
  while (moved) {
    moved = false;
    const auto taken = connection_.feed(inbox_, lasting_.now);
    while (auto event = connection_.next_event()) {
      on_event(*std::move(event));
      moved = true;
    }
    if (taken && *taken > 0) {  // not before the events are gone: data is a view into the inbox
      inbox_.erase(inbox_.begin(), inbox_.begin() + static_cast<std::ptrdiff_t>(*taken));
      moved = true;
    }
    if (!options_.async) answer_questions();
    flush();
  }
}

void Exchange::flush() {
  while (!blocked_ && !connection_.output().empty()) {
    const std::size_t size = connection_.output().size();
    (void)socket_.send(connection_.output());  // a runner that is gone shows in what it has not said
    connection_.output_sent(size);
  }
}

void Exchange::on_event(tls::Event event) {
  if (const auto* data = std::get_if<tls::ApplicationData>(&event)) {
    plaintext_.insert(plaintext_.end(), data->bytes.begin(), data->bytes.end());
  } else if (const auto* early_data = std::get_if<tls::EarlyData>(&event)) {
    plaintext_.insert(plaintext_.end(), early_data->bytes.begin(), early_data->bytes.end());
  } else if (std::holds_alternative<tls::EarlyDataRejected>(event)) {
    begin_again();
  } else if (std::holds_alternative<tls::HandshakeComplete>(event)) {
    complete_ = true;
  } else if (std::holds_alternative<tls::PeerClosed>(event)) {
    peer_closed_ = true;
  } else if (auto* received = std::get_if<tls::SessionReceived>(&event)) {
    session_ = std::move(received->session);
  } else if (const auto* failed = std::get_if<tls::Failed>(&event)) {
    fail(failed->error.to_string());
  } else {
    questions_.push_back(std::move(event));
  }
}

/// The last one first: a connection takes its answers in any order.
void Exchange::answer_questions() {
  while (!questions_.empty()) {
    const tls::Event question = std::move(questions_.back());
    questions_.pop_back();
    answers_.answer(connection_, question);
  }
}

bool Exchange::send(Bytes bytes) {
  const auto sent = connection_.send(bytes);
  drain();
  return sent ? !fault_ : fail(sent.error().to_string());
}

bool Exchange::update_keys() {
  const auto updated = connection_.update_keys(false);
  drain();
  return updated ? !fault_ : fail(updated.error().to_string());
}

/// The first fault is the cause of those that follow.
bool Exchange::fail(std::string fault) {
  if (!fault_) fault_ = std::move(fault);
  return false;
}

}  // namespace padlock::bogo
