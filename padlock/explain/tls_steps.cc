#include "padlock/explain/tls_steps.h"

#include <algorithm>
#include <iterator>
#include <string>

#include <fmt/format.h>

#include "padlock/base/text.h"
#include "padlock/explain/limits.h"
#include "padlock/explain/message_facts.h"
#include "padlock/explain/words.h"
#include "padlock/explain/words12.h"
#include "padlock/explain/wrap.h"
#include "padlock/tls/wire/client_hello.h"
#include "padlock/tls/wire/handshake_message.h"
#include "padlock/tls/wire/server_hello.h"
#include "padlock/x509/certificate.h"

namespace padlock::explain {
namespace {

using tls::HandshakeType;

/// Collects what the parser of the handshake names.
class FieldCollector final : public AnnotationSink {
 public:
  /// `depth`: of what the fields stand in.
  explicit FieldCollector(std::vector<ByteField>& fields, unsigned depth = 0) : fields_(fields), depth_(depth) {}
  void field(const Annotation& annotation) override {
    dropped_ = fields_.size() >= limits::fields;
    if (dropped_) return;
    fields_.push_back({std::string(annotation.name), annotation.offset, annotation.length, annotation.value,
                       annotation.depth + depth_, std::string()});
  }
  void meaning(std::string_view text) override {
    if (!dropped_ && !fields_.empty()) fields_.back().meaning = safe(text);
  }

 private:
  std::vector<ByteField>& fields_;
  unsigned depth_;
  bool dropped_ = false;
};

/// To the handshake a certificate is opaque; to people it is not.
void add_certificate_fields(Step& step) {
  const std::vector<ByteField> of_message = step.fields;
  for (const ByteField& field : of_message) {
    if (field.name != "cert_data") continue;
    std::vector<ByteField> inner;
    FieldCollector collector(inner, field.depth + 1);
    const Bytes der = Bytes(step.message).subspan(field.offset, field.length);
    if (!x509::annotate_certificate(der, collector, field.offset)) continue;  // shown as it is
    const std::size_t room = limits::fields - std::min(step.fields.size(), limits::fields);
    inner.resize(std::min(inner.size(), room));
    for (ByteField& one : inner) one.der = true;
    std::ranges::move(inner, std::back_inserter(step.fields));
  }
}

/// A HelloRetryRequest is a ServerHello with a random of its own (RFC 8446, section 4.1.3).
bool is_retry(Bytes message) {
  constexpr std::size_t random_at = 4 + 2;  // header, legacy_version
  if (message.size() < random_at + tls::hello_retry_request_random.size()) return false;
  return std::ranges::equal(message.subspan(random_at, tls::hello_retry_request_random.size()),
                            tls::hello_retry_request_random);
}

const Words& words_of_client_hello(Bytes message, bool second_hello) {
  if (second_hello) return words::second_client_hello;
  const auto hello = tls::parse_client_hello(Reader(message.subspan(tls::handshake_header_length), "ClientHello"));
  return hello && !hello->key_share ? words::tls12::client_hello : words::client_hello;
}

const Words& words13_of(const trace::HandshakeMessage& message, bool second_hello) {
  const bool by_client = message.sender == tls::Sender::client;
  switch (static_cast<HandshakeType>(message.bytes.front())) {
    case HandshakeType::client_hello: return words_of_client_hello(message.bytes, second_hello);
    case HandshakeType::server_hello: return is_retry(message.bytes) ? words::hello_retry_request : words::server_hello;
    case HandshakeType::encrypted_extensions: return words::encrypted_extensions;
    case HandshakeType::certificate_request: return words::certificate_request;
    case HandshakeType::certificate: return by_client ? words::client_certificate : words::server_certificate;
    case HandshakeType::compressed_certificate:
      return by_client ? words::client_compressed_certificate : words::server_compressed_certificate;
    case HandshakeType::certificate_verify: return words::certificate_verify;
    case HandshakeType::finished: return by_client ? words::client_finished : words::server_finished;
    case HandshakeType::end_of_early_data: return words::end_of_early_data;
    case HandshakeType::new_session_ticket: return words::new_session_ticket;
    case HandshakeType::key_update: return by_client ? words::client_key_update : words::server_key_update;
    default: return words::other_message;
  }
}

const Words& words_of_client_key_exchange(tls::KeyExchange key_exchange) {
  switch (key_exchange) {
    case tls::KeyExchange::dhe: return words::tls12::client_key_exchange_dhe;
    case tls::KeyExchange::rsa: return words::tls12::client_key_exchange_rsa;
    default: return words::tls12::client_key_exchange;
  }
}

const Words& words_of_session_keys(tls::KeyExchange key_exchange) {
  switch (key_exchange) {
    case tls::KeyExchange::dhe: return words::tls12::session_keys_dhe;
    case tls::KeyExchange::rsa: return words::tls12::session_keys_rsa;
    default: return words::tls12::session_keys;
  }
}

const Words& words12_of(const trace::HandshakeMessage& message, tls::KeyExchange key_exchange) {
  const bool by_client = message.sender == tls::Sender::client;
  switch (static_cast<HandshakeType>(message.bytes.front())) {
    case HandshakeType::client_hello: return words_of_client_hello(message.bytes, false);
    case HandshakeType::server_hello: return words::tls12::server_hello;
    case HandshakeType::certificate:
      return by_client ? words::tls12::client_certificate : words::tls12::server_certificate;
    case HandshakeType::certificate_status: return words::tls12::certificate_status;
    case HandshakeType::server_key_exchange:
      return key_exchange == tls::KeyExchange::dhe ? words::tls12::server_key_exchange_dhe
                                                   : words::tls12::server_key_exchange;
    case HandshakeType::certificate_request: return words::tls12::certificate_request;
    case HandshakeType::server_hello_done: return words::tls12::server_hello_done;
    case HandshakeType::client_key_exchange: return words_of_client_key_exchange(key_exchange);
    case HandshakeType::finished: return by_client ? words::tls12::client_finished : words::tls12::server_finished;
    case HandshakeType::hello_request: return words::tls12::hello_request;
    case HandshakeType::certificate_verify: return words::tls12::certificate_verify;
    case HandshakeType::new_session_ticket: return words::tls12::new_session_ticket;
    default: return words::tls12::other_message;
  }
}

const Words& words_of(const trace::HandshakeMessage& message, const Settled& settled, bool second_hello) {
  if (message.bytes.empty()) return words::other_message;
  return settled.is_tls12() ? words12_of(message, settled.key_exchange) : words13_of(message, second_hello);
}

Party party_of(tls::Sender sender) { return sender == tls::Sender::client ? Party::client : Party::server; }

const Words& words13_of_alert(bool by_client, bool closes) {
  if (closes) return by_client ? words::close_notify_by_client : words::close_notify_by_server;
  return by_client ? words::alert_by_client : words::alert_by_server;
}

const Words& words12_of_alert(bool by_client, bool closes) {
  if (closes) return by_client ? words::tls12::close_notify_by_client : words::tls12::close_notify_by_server;
  return by_client ? words::tls12::alert_by_client : words::tls12::alert_by_server;
}

std::string path_text(const x509::Path& path) {
  std::string text;
  for (const auto& certificate : path.certificates) {
    text += (text.empty() ? "" : " <- ") + certificate->subject.short_text();
  }
  return text;
}

}  // namespace

Step message_step(const trace::HandshakeMessage& message, const Settled& settled, bool second_hello) {
  Step step = step_of(words_of(message, settled, second_hello));
  step.sender = party_of(message.sender);
  if (message.bytes.empty()) {
    step.fields_missing = fmt::format("the trace was full, {} were not kept", bytes_text(message.length));
    return step;
  }
  step.message = message.bytes;
  FieldCollector collector(step.fields);
  const auto annotated = tls::annotate(message.bytes, settled.version, collector, settled.key_exchange);
  if (!annotated) step.fields_missing = escaped(annotated.error().what);
  if (annotated) add_certificate_fields(step);
  if (annotated) step.facts = facts_of(message, settled);
  return step;
}

Step change_cipher_spec_step(tls::Sender sender, const Settled& settled) {
  const Words& by_sender = sender == tls::Sender::client ? words::tls12::change_cipher_spec_by_client
                                                         : words::tls12::change_cipher_spec_by_server;
  Step step = step_of(settled.is_tls12() ? by_sender : words::change_cipher_spec);
  step.sender = party_of(sender);
  return step;
}

Step session_keys_step(const Settled& settled, bool resumed) {
  Step step = step_of(resumed ? words::tls12::resumed_keys : words_of_session_keys(settled.key_exchange));
  if (settled.client_random) step.facts.push_back({"client_random", to_hex(*settled.client_random)});
  if (settled.server_random) step.facts.push_back({"server_random", to_hex(*settled.server_random)});
  return step;
}

Step alert_step(const trace::Alert& alert, const Settled& settled) {
  const bool by_client = alert.sender == tls::Sender::client;
  const bool closes = alert.description == AlertDescription::close_notify;
  Step step = step_of(settled.is_tls12() ? words12_of_alert(by_client, closes) : words13_of_alert(by_client, closes));
  step.sender = party_of(alert.sender);
  if (closes) return step;
  step.title = "alert: " + std::string(name_of(alert.description));
  step.facts.push_back(
      {"description", fmt::format("{} ({})", name_of(alert.description), static_cast<unsigned>(alert.description))});
  return step;
}

void add_verdict(Step& step, const x509::Verdict& verdict) {
  if (const x509::Path* const path = verdict.good_path()) {
    step.facts.push_back({"verdict", "trusted: " + path_text(*path)});
    if (path->anchor) step.facts.push_back({"trusted because of", std::string(x509::name_of(*path->anchor))});
    return;
  }
  step.facts.push_back({"verdict", "not trusted: " + (verdict.error ? escaped(verdict.error->what) : "no path")});
}

}  // namespace padlock::explain
