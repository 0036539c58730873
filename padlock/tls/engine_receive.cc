#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "padlock/tls/engine.h"
#include "padlock/tls/handshake/client13.h"
#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/wire/tls12.h"

namespace padlock::tls {

namespace {

/// Messages before a key change: they end their record (RFC 8446, section 5.1). In TLS 1.2 keys change after a
/// change_cipher_spec, so that Finished alone does; and after ServerHelloDone a server waits (RFC 5246, section 7.4.5).
bool ends_its_record(HandshakeType type, bool tls12) {
  if (type == HandshakeType::finished || type == HandshakeType::client_hello) return true;
  if (tls12) return type == HandshakeType::server_hello_done;
  return type == HandshakeType::server_hello || type == HandshakeType::end_of_early_data ||
         type == HandshakeType::key_update;
}

/// What the alerts that users meet most often mean, seen from the end that receives them; empty: the name says it.
std::string_view said_by_alert(AlertDescription description) {
  switch (description) {
    case AlertDescription::protocol_version: return ": the two ends share no version of TLS";
    case AlertDescription::handshake_failure: return ": the two ends share no suite, group or signature scheme";
    case AlertDescription::unrecognized_name: return ": it serves no site of this name";
    case AlertDescription::no_application_protocol: return ": it speaks none of the protocols offered by ALPN";
    case AlertDescription::certificate_required: return ": it asks for a client certificate, and there is none";
    case AlertDescription::unknown_ca: return ": it does not know the root of our certificate";
    case AlertDescription::bad_certificate:
    case AlertDescription::certificate_unknown: return ": it does not accept our certificate";
    case AlertDescription::certificate_expired: return ": our certificate has expired";
    default: return "";
  }
}

}  // namespace

bool Connection::Engine::can_read() const {
  return !failed_ && !data_waits_ && !(handshake_ != nullptr && handshake_->waits_for_answer());
}

Result<std::size_t> Connection::Engine::feed(std::span<std::uint8_t> input, Instant now) {
  out_.now = now;
  if (peer_closed_) return input.size();  // whatever follows close_notify is ignored (section 6.1)
  std::size_t taken = 0;
  while (can_read() && !peer_closed_) {
    const auto record = out_.reader.take(input.subspan(taken));
    if (!record) return fail_reading(record.error());
    if (!*record) break;
    if (auto step = on_record(**record); !step) return fail_reading(step.error());
    taken += (**record).wire_length;
  }
  return taken;
}

std::unexpected<Error> Connection::Engine::fail_reading(const Error& error) {
  fail(error, error.rule == &rules::alert_received);
  return std::unexpected(error);
}

Result<void> Connection::Engine::on_record(const Record& record) {
  if (record.skipped) return {};
  out_.received(record);
  if (joiner_.has_part() && record.type != ContentType::handshake) {
    return broken(rules::message_interleaved,
                  "a record of type " + std::string(name_of(record.type)) + " stands inside a handshake message");
  }
  switch (record.type) {
    case ContentType::change_cipher_spec: return on_change_cipher_spec(record);
    case ContentType::alert: return on_alert(record.content);
    case ContentType::handshake: return on_handshake(record.content);
    case ContentType::application_data: return on_application_data(record.content);
  }
  return broken(rules::unknown_content_type,
                "a record of type " + std::to_string(static_cast<unsigned>(record.type)) + " came");
}

Result<void> Connection::Engine::on_change_cipher_spec(const Record& record) {
  constexpr std::array<std::uint8_t, 1> only_value = {1};
  const auto meaning = handshake_ == nullptr ? ChangeCipherSpec::misplaced : handshake_->change_cipher_spec();
  if (meaning == ChangeCipherSpec::misplaced || record.was_protected ||
      !std::ranges::equal(record.content, only_value)) {
    return broken(rules::change_cipher_spec_misplaced, "change_cipher_spec came where or as it must not");
  }
  if (meaning == ChangeCipherSpec::new_keys) {
    handshake_->on_change_cipher_spec(out_);
    return {};
  }
  if (++change_cipher_specs_ > limits::change_cipher_specs) {
    return broken(rules::too_many_change_cipher_specs,
                  "change_cipher_spec came more than " + std::to_string(limits::change_cipher_specs) + " times");
  }
  return {};
}

/// In TLS 1.3 the level in front is ignored: the description alone says what ends the connection (RFC 8446, section 6).
/// TLS 1.2 goes on after warnings (RFC 5246, section 7.2.2), and some of its servers begin with one about the name.
bool Connection::Engine::ends_nothing(std::uint8_t level, AlertDescription description) const {
  constexpr std::uint8_t warning = 1;
  if (description == AlertDescription::user_canceled) return true;
  if (description == AlertDescription::close_notify) return false;
  if (!out_.info.version) return level == warning && description == AlertDescription::unrecognized_name;
  return is_tls12() && (level == warning || description == AlertDescription::no_renegotiation);
}

Result<void> Connection::Engine::on_alert(Bytes content) {
  if (content.empty()) return broken(rules::empty_fragment, "an empty alert record came");
  if (content.size() != 2) {
    return broken(rules::alert_malformed, "an alert of " + std::to_string(content.size()) + " bytes came");
  }
  const auto description = static_cast<AlertDescription>(content[1]);
  out_.alert(out_.peer(), out_.reading_level(), description);
  if (ends_nothing(content[0], description)) {
    if (++warning_alerts_ <= limits::warning_alerts) return {};
    return broken(rules::too_many_warning_alerts, "a fourth alert came that ends nothing");
  }
  if (description != AlertDescription::close_notify) {
    return broken(rules::alert_received, std::string(peer_name()) + " sent the alert " +
                                             std::string(name_of(description)) + " (" + std::to_string(content[1]) +
                                             ")" + std::string(said_by_alert(description)));
  }
  if (handshake_ != nullptr) {
    return broken(rules::closed_in_handshake, std::string(peer_name()) + " sent close_notify while we waited for " +
                                                  std::string(handshake_->waits_for()));
  }
  peer_closed_ = true;
  out_.events.push(PeerClosed{});
  return {};
}

Result<void> Connection::Engine::on_handshake(Bytes content) {
  if (content.empty()) return broken(rules::empty_fragment, "an empty handshake record came");
  while (true) {
    const auto message = PADLOCK_TRY(joiner_.take(content));
    if (!message) return {};
    out_.received(*message);
    const HandshakeType type = message->type;
    PADLOCK_TRY(on_message(*message));
    if (ends_its_record(type, is_tls12()) && !content.empty()) {
      return broken(rules::message_across_key_change,
                    "another message follows " + std::string(name_of(type)) + " in its record");
    }
    if (handshake_ != nullptr && handshake_->waits_for_answer()) {
      held_.assign(content.begin(), content.end());
      return {};
    }
  }
}

/// A client of TLS 1.2 may say ClientKeyExchange and CertificateVerify in one record (RFC 5246, section 6.2.1): the
/// second is looked at when what the first has asked for is there.
Result<void> Connection::Engine::go_on_with_held() {
  if (held_.empty() || !can_read()) return {};
  const std::vector<std::uint8_t> rest = std::exchange(held_, {});
  auto step = on_handshake(rest);
  if (!step) fail(step.error());
  return step;
}

Result<void> Connection::Engine::on_message(const HandshakeMessage& message) {
  if (handshake_ != nullptr) {
    PADLOCK_TRY(handshake_->on_message(message, out_));
    PADLOCK_TRY(check_dummies());
    finish_step();
    return {};
  }
  if (message.type == HandshakeType::key_update && !is_tls12()) return on_key_update(message);
  PADLOCK_TRY(count_record_without_data());
  if (is_tls12()) return on_renegotiation(message);
  const bool from_server = out_.peer() == Sender::server;
  if (message.type == HandshakeType::new_session_ticket && from_server) {
    return client13::on_new_session_ticket(message, *connected_, out_);
  }
  return unexpected(message, from_server ? "KeyUpdate or NewSessionTicket" : "KeyUpdate");
}

/// A change_cipher_spec that came before the hello which chose TLS 1.2 was no dummy, and stood where none may.
Result<void> Connection::Engine::check_dummies() const {
  if (!is_tls12() || change_cipher_specs_ == 0) return {};
  return broken(rules::change_cipher_spec_misplaced, "change_cipher_spec came before ServerHello, which chose TLS 1.2");
}

/// The peer wants to shake hands again, which is refused once and then held against it (docs/threats.md, T7).
Result<void> Connection::Engine::on_renegotiation(const HandshakeMessage& message) {
  PADLOCK_TRY(
      expect(message, out_.peer() == Sender::server ? HandshakeType::hello_request : HandshakeType::client_hello));
  if (renegotiation_refused_) {
    return broken(rules::renegotiation_tried_again, std::string(peer_name()) + " asks for renegotiation once more");
  }
  if (message.type == HandshakeType::hello_request) {
    PADLOCK_TRY(tls12::parse_empty(Reader(message.body, "HelloRequest")));
  }
  renegotiation_refused_ = true;
  send_alert(AlertDescription::no_renegotiation);
  return {};
}

Result<void> Connection::Engine::on_key_update(const HandshakeMessage& message) {
  const KeyUpdateRequest request = PADLOCK_TRY(parse_key_update(Reader(message.body, "KeyUpdate")));
  if (key_update_wanted_) {
    key_update_wanted_ = false;  // we asked for it: an upload with many rekeys is no flood of the receiver's
  } else {
    PADLOCK_TRY(count_record_without_data());
  }
  TrafficSecret& secret = secrets13().read_secret;
  secret = next_traffic_secret(hash_of(connected_->cipher_suite), secret);
  out_.derived(
      out_.peer() == Sender::client ? "client_application_traffic_secret_N+1" : "server_application_traffic_secret_N+1",
      secret.size());
  out_.protect_reading(connected_->cipher_suite, secret, EncryptionLevel::application);
  // One answer for all requests that come before it is on its way (RFC 8446, section 4.6.3).
  if (request == KeyUpdateRequest::update_requested && !key_update_unsent_ && !we_closed_) {
    change_write_key(KeyUpdateRequest::update_not_requested);
    key_update_unsent_ = true;
  }
  return {};
}

Result<void> Connection::Engine::on_application_data(Bytes content) {
  if (handshake_ != nullptr) return on_early_data(content);
  if (content.empty()) return count_record_without_data();
  records_without_data_ = 0;
  data_waits_ = true;
  out_.events.push(ApplicationData{content});
  return {};
}

Result<void> Connection::Engine::on_early_data(Bytes content) {
  if (out_.reading_level() != EncryptionLevel::early_data) {
    return broken(rules::data_before_finished,
                  "application data came while we waited for " + std::string(handshake_->waits_for()));
  }
  if (content.empty()) return count_record_without_data();
  PADLOCK_TRY(out_.count_early_data(content.size()));
  records_without_data_ = 0;
  data_waits_ = true;
  out_.events.push(EarlyData{content});
  return {};
}

Result<void> Connection::Engine::count_record_without_data() {
  if (++records_without_data_ <= limits::records_without_data) return {};
  return broken(rules::too_many_records_without_data,
                "more than " + std::to_string(limits::records_without_data) +
                    " empty records or post-handshake messages came without data between them");
}

std::string_view Connection::Engine::peer_name() const {
  return out_.peer() == Sender::client ? "the client" : "the server";
}

}  // namespace padlock::tls
