#include "padlock/explain/ladder_maker.h"

#include <algorithm>
#include <ranges>
#include <span>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "padlock/base/text.h"
#include "padlock/explain/http2_steps.h"
#include "padlock/explain/http_steps.h"
#include "padlock/explain/tls_steps.h"
#include "padlock/explain/words.h"
#include "padlock/explain/words12.h"
#include "padlock/explain/wrap.h"

namespace padlock::explain {

Ladder LadderMaker::make() {
  for (event_ = 0; event_ < trace_.events.size(); ++event_) {
    const trace::Event& event = trace_.events[event_];
    std::visit([&](const auto& what) { on(event.at, what); }, event.what);
  }
  end_connection();
  if (trace_.events_left_out > 0) {
    Step more = step_of(words::trace_full);
    more.at = trace_.events.back().at;
    more.facts.push_back({"events left out", grouped(trace_.events_left_out)});
    add(std::move(more));
  }
  ladder_.tcp_note = tcp_note();
  list_leaks(ladder_, seen_);
  return std::move(ladder_);
}

Step& LadderMaker::add(Step step) {
  mark(step.protection);
  return ladder_.steps.emplace_back(std::move(step));
}

namespace {

/// `first`: nothing was encrypted before.
std::string_view words_of_keys(Protection keys, bool first) {
  switch (keys) {
    case Protection::none: return "";
    case Protection::early_key: return "encryption begins: a key of the earlier connection, for what is said early";
    case Protection::handshake_keys:
      return first ? "encryption begins: keys for the handshake" : "new keys: those for the handshake";
    case Protection::application_keys:
      return first ? "encryption begins: the session's keys" : "new keys: those for the data";
  }
  return "";
}

}  // namespace

void LadderMaker::mark(Protection next) {
  if (next <= marked_ || ladder_.steps.empty()) return;
  const bool first = std::exchange(marked_, next) == Protection::none;
  ladder_.steps.back().marker = Marker{Marker::Kind::encrypted, std::string(words_of_keys(next, first))};
}

// ---- the network ----------------------------------------------------------------------------------------------------

void LadderMaker::on(Time at, const trace::Resolved& resolved) {
  end_connection();
  if (connections_ > 0 && !std::exchange(sent_again_, false)) {
    Step redirect = step_of(words::redirect);
    redirect.at = at;
    redirect.facts.push_back({"to", escaped(resolved.host)});
    add(std::move(redirect));
  }
  if (x509::parse_ip_address(resolved.host)) return;  // nothing to look up
  const bool localhost = net::is_localhost_name(resolved.host);
  Step step = step_of(localhost ? words::look_up_localhost : words::look_up);
  step.title = "look-up of " + escaped(resolved.host);
  step.at = at;
  std::string addresses;
  for (const net::Endpoint& one : resolved.addresses) {
    addresses += (addresses.empty() ? "" : ", ") + x509::to_string(one.address);
  }
  step.facts.push_back({"addresses", addresses.empty() ? "none" : addresses});
  const bool told = std::ranges::find(story_.told_names, resolved.host) != story_.told_names.end();
  if (told) step.words = "The client was told which addresses belong to the name, and asks nobody.";
  if (!told && !localhost) seen_.looked_up = escaped(resolved.host);
  add(std::move(step));
}

void LadderMaker::on(Time at, const trace::Connecting& connecting) { attempts_.emplace_back(connecting.remote, at); }

void LadderMaker::on(Time at, const trace::ConnectFailed& failed) {
  Step step = step_of(words::connect_failed);
  step.title = "no connection to " + net::to_string(failed.remote);
  step.at = at;
  step.facts.push_back({"reason", escaped(failed.reason)});
  add(std::move(step));
}

void LadderMaker::on(Time at, const trace::Connected& connected) {
  if (connections_ >= trace_.connections.size()) return;
  const trace::Connection& connection = trace_.connections[connections_++];
  const auto rest = std::span(trace_.events).subspan(event_ + 1);
  const auto next = std::ranges::find_if(
      rest, [](const trace::Event& event) { return std::holds_alternative<trace::Connected>(event.what); });
  const auto ours = rest.first(static_cast<std::size_t>(next - rest.begin()));
  const auto attempt =
      std::ranges::find(std::views::reverse(attempts_), connected.remote, &std::pair<net::Endpoint, Time>::first);
  const Time syn_at = attempt == attempts_.rend() ? at : attempt->second;
  const Settled settled = settled_by(ours);
  WireIndex wire(ours, connection, settled.explicit_nonce_length);
  current_.emplace(Current{connected, connection, syn_at, at, settled, std::move(wire)});
  ladder_.client_address = net::to_string(connected.local);
  ladder_.server_address = net::to_string(connected.remote);
  ladder_.client_bytes += connection.client.length;
  ladder_.server_bytes += connection.server.length;
  seen_.addresses.push_back(ladder_.client_address + " to " + ladder_.server_address);
  seen_.tls = current_->wire.tls();
  seen_.client_records += current_->wire.records(tls::Sender::client);
  seen_.server_records += current_->wire.records(tls::Sender::server);
  if (!connection.packets.empty()) ladder_.tcp_source = TcpSource::captured;
  if (ladder_.tcp_source == TcpSource::none) ladder_.tcp_source = TcpSource::tcp_info;
  for (Step& step : opening_steps({connected, connection, syn_at, at, trace_.began})) add(std::move(step));
}

void LadderMaker::on(Time at, const trace::Closed& closed) {
  if (!current_) return;
  add_leftovers();
  const TcpEvidence evidence{current_->connected, current_->connection, current_->syn_at, current_->at, trace_.began};
  for (Step& step : closing_steps(evidence, closed.how, at)) add(std::move(step));
  current_.reset();
}

void LadderMaker::end_connection() {
  if (current_) add_leftovers();
  current_.reset();
  last_message_.reset();
  certificate_.reset();
  marked_ = Protection::none;
  open_marked_ = false;
  second_hello_ = false;
}

void LadderMaker::add_leftovers() {
  for (const tls::Sender sender : {tls::Sender::client, tls::Sender::server}) {
    const bool by_client = sender == tls::Sender::client;
    Step step = step_of(by_client ? words::leftovers_of_client : words::leftovers_of_server);
    step.sender = by_client ? Party::client : Party::server;
    step.at = current_->connection.of(sender).last;
    if (!current_->wire.tls()) step.source = "RFC 9112, section 2";
    if (!current_->wire.give_leftovers(step, sender)) continue;
    say_what_a_listener_reads(step, {}, std::nullopt);
    add(std::move(step));
  }
}

std::string LadderMaker::tcp_note() const {
  switch (ladder_.tcp_source) {
    case TcpSource::none: return {};
    case TcpSource::captured: return "The steps of TCP are packets, captured on their way.";
    case TcpSource::tcp_info: break;
  }
  std::string note = "The steps of TCP are told by the kernel (TCP_INFO), not seen as packets";
  if (!trace_.not_captured.empty()) note += ": " + escaped(trace_.not_captured) + " (it needs CAP_NET_RAW)";
  return note + ".";
}

// ---- TLS ------------------------------------------------------------------------------------------------------------

void LadderMaker::on(Time at, const trace::Record& record) {
  if (!current_ || record.inner != tls::ContentType::change_cipher_spec) return;
  Step step = change_cipher_spec_step(record.sender, current_->settled);
  step.at = at;
  current_->wire.give_change_cipher_spec(step, record.sender);
  add(std::move(step));
}

void LadderMaker::on(Time at, const trace::HandshakeMessage& message) {
  if (!current_) return;
  Step step = message_step(message, current_->settled, second_hello_);
  step.at = at;
  const Placement placement = current_->wire.give_message(step, message.sender, message.level, message.length);
  say_what_a_listener_reads(step, placement, tls::ContentType::handshake);
  second_hello_ = second_hello_ || step.id == words::hello_retry_request.id;
  if (step.id == words::client_hello.id) note_hello(step);
  add(std::move(step));
  last_message_ = ladder_.steps.size() - 1;
  if (ladder_.steps.back().id == words::server_certificate.id) certificate_ = last_message_;
}

/// Only what is readable is of use to a listener; for what is sealed he has the sizes of the records.
void LadderMaker::say_what_a_listener_reads(Step& step, const Placement& placement,
                                            std::optional<tls::ContentType> type) {
  if (step.protection == Protection::none) return;
  const bool shown = type && current_->settled.is_tls12();
  step.listener = listener_of_sealed(placement.records, placement.record_bytes, placement.shared,
                                     shown ? name_of(*type) : std::string_view());
}

void LadderMaker::note_hello(const Step& hello) {
  const auto value_of = [&](std::string_view name) -> const Fact* {
    const auto found = std::ranges::find(hello.facts, name, &Fact::name);
    return found == hello.facts.end() ? nullptr : &*found;
  };
  if (const Fact* name = value_of("server_name")) seen_.server_name = name->value;
  if (const Fact* alpn = value_of("alpn")) seen_.alpn = alpn->value;
}

/// TLS 1.3 makes keys from message to message, TLS 1.2 all of them at one moment, which is a step of its own.
void LadderMaker::on(Time at, const trace::KeyDerived& key) {
  const bool together = current_ && current_->settled.is_tls12();
  if (together && ladder_.steps.back().id != words::tls12::session_keys.id) {
    Step step = session_keys_step(current_->settled, key.label != "pre_master_secret");
    step.at = at;
    add(std::move(step));
    last_message_ = ladder_.steps.size() - 1;
  }
  if (last_message_) ladder_.steps[*last_message_].keys.push_back({key.label, key.length});
}

/// A choice says the fact of its name, and why: the fact alone would only repeat it.
void LadderMaker::on(Time, const trace::Chosen& chosen) {
  if (!last_message_) return;
  Step& step = ladder_.steps[*last_message_];
  std::erase_if(step.facts, [&](const Fact& fact) { return fact.name == chosen.what; });
  step.choices.push_back({chosen.what, escaped(chosen.value), chosen.reason});
}

void LadderMaker::on(Time at, const trace::Alert& alert) {
  if (!current_) return;
  Step step = alert_step(alert, current_->settled);
  step.at = at;
  current_->wire.give_alert(step, alert.sender);
  say_what_a_listener_reads(step, {1, step.wire_bytes.value_or(0), false}, tls::ContentType::alert);
  add(std::move(step));
}

void LadderMaker::on(Time, const trace::Judged& judged) {
  if (certificate_) add_verdict(ladder_.steps[*certificate_], judged.verdict);
}

// ---- HTTP -----------------------------------------------------------------------------------------------------------

void LadderMaker::on(Time at, const trace::RequestSent& sent) {
  if (!current_) return;
  if (!current_->wire.tls() && !std::exchange(open_marked_, true) && !ladder_.steps.empty()) {
    ladder_.steps.back().marker = Marker{Marker::Kind::open, "no encryption: everybody on the way reads what follows"};
  }
  if (!current_->wire.tls()) seen_.plain_target = safe(sent.request.target);
  seen_.target = safe(sent.request.target);
  Step step = request_step(sent);
  step.at = at;
  add_data(std::move(step), tls::Sender::client, sent.begin, sent.place.bytes);
}

void LadderMaker::on(Time at, const trace::ResponseHead& head) {
  if (!current_) return;
  Step step = response_step(head);
  step.at = at;
  add_data(std::move(step), tls::Sender::server, head.begin, head.place.bytes);
}

void LadderMaker::on(Time at, const trace::Trailers& trailers) {
  if (!current_) return;
  Step step = trailers_step(trailers);
  step.at = at;
  add_data(std::move(step), tls::Sender::server, trailers.begin, trailers.place.bytes);
}

void LadderMaker::on(Time at, const trace::Http2Frames& frames) {
  if (!current_) return;
  Step step = frames_step(frames);
  step.at = at;
  add_data(std::move(step), frames.sender, frames.begin, frames.bytes);
}

void LadderMaker::on(Time, const trace::Body& body) {
  if (!current_) return;
  Step step = body_step(body);
  seen_.body_bytes += body.bytes;
  if (body.framed > 0) return add_data(std::move(step), tls::Sender::server, body.begin, body.framed);
  const Placement placement = current_->wire.give_rest_of_data(step, tls::Sender::server, body.begin);
  say_what_a_listener_reads(step, placement, tls::ContentType::application_data);
  add(std::move(step));
}

void LadderMaker::add_data(Step step, tls::Sender sender, std::size_t begin, std::size_t length) {
  const Placement placement = current_->wire.give_data(step, sender, begin, length);
  say_what_a_listener_reads(step, placement, tls::ContentType::application_data);
  add(std::move(step));
}

void LadderMaker::on(Time at, const trace::SentAgain& again) {
  end_connection();
  Step step = step_of(words::sent_again);
  step.at = at;
  step.facts.push_back({"why", safe(again.why)});
  add(std::move(step));
  sent_again_ = true;
}

void LadderMaker::on(Time, const trace::ResponseEnd&) {}

}  // namespace padlock::explain
