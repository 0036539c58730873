#include "padlock/tls/testing/end.h"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <variant>

namespace padlock::tls::testing {

crypto::Provider& provider() {
  static const auto made = crypto::make_provider();
  return *made;
}

End End::client(std::shared_ptr<const ClientConfig> config, Observer* observer, KeyLog* key_log,
                std::string server_name, Resumption resumption) {
  const Instant now = resumption.now;
  End end(Connection::client(std::move(config), std::move(server_name), provider(), observer, key_log,
                             std::move(resumption)));
  end.now = now;
  end.pump();
  return end;
}

End End::server(std::shared_ptr<const ServerConfig> config, Observer* observer, KeyLog* key_log) {
  End end(Connection::server(std::move(config), provider(), observer, key_log));
  end.pump();
  return end;
}

void End::deliver(Bytes bytes) {
  inbox.insert(inbox.end(), bytes.begin(), bytes.end());
  pump();
}

void End::pump() {
  bool moved = true;
  while (moved) {
    moved = drain();
    const auto taken = connection.feed(inbox, now);
    if (taken && *taken > 0) moved = true;
    moved = drain() || moved;  // before the bytes go: ApplicationData looks into them
    if (taken) inbox.erase(inbox.begin(), inbox.begin() + static_cast<std::ptrdiff_t>(*taken));
  }
}

bool End::drain() {
  bool any = false;
  while (auto event = connection.next_event()) {
    on_event(*std::move(event));
    any = true;
  }
  return any;
}

void End::on_event(Event event) {
  if (auto* data = std::get_if<ApplicationData>(&event)) {
    received.insert(received.end(), data->bytes.begin(), data->bytes.end());
    events.push_back("ApplicationData " + std::to_string(data->bytes.size()));
  } else if (auto* early_data = std::get_if<EarlyData>(&event)) {
    early.insert(early.end(), early_data->bytes.begin(), early_data->bytes.end());
    events.push_back("EarlyData " + std::to_string(early_data->bytes.size()));
  } else if (std::holds_alternative<EarlyDataRejected>(event)) {
    events.emplace_back("EarlyDataRejected");
  } else if (std::holds_alternative<HandshakeComplete>(event)) {
    complete = true;
    events.emplace_back("HandshakeComplete");
  } else if (std::holds_alternative<PeerClosed>(event)) {
    peer_closed = true;
    events.emplace_back("PeerClosed");
  } else if (auto* received_session = std::get_if<SessionReceived>(&event)) {
    events.emplace_back("SessionReceived");
    sessions.push_back(std::move(received_session->session));
  } else if (auto* failure = std::get_if<Failed>(&event)) {
    events.push_back("Failed " + std::string(failure->error.rule->code));
    failed = std::move(*failure);
  } else {
    questions.push_back(std::move(event));
    if (answers_at_once) answer(questions.size() - 1);
  }
}

void End::answer(std::size_t index) {
  const Event question = std::move(questions.at(index));
  questions.erase(questions.begin() + static_cast<std::ptrdiff_t>(index));
  if (const auto* wanted = std::get_if<CryptoWanted>(&question)) {
    (void)answer_at_once(connection, *wanted, provider());  // a refusal is also a Failed event
  } else if (const auto* certificate = std::get_if<CertificateWanted>(&question)) {
    (void)connection.answer(certificate->id, credential);
  } else if (const auto* chain = std::get_if<ChainVerificationWanted>(&question)) {
    (void)connection.answer(chain->id, proof);
  } else if (const auto* early_data = std::get_if<EarlyDataWanted>(&question)) {
    const bool take = early_data_store == nullptr || early_data_store->use(early_data->ticket, now);
    (void)connection.answer(early_data->id, take ? EarlyDataAnswer::take : EarlyDataAnswer::refuse);
  } else {
    std::abort();
  }
}

std::vector<std::uint8_t> End::take_output() {
  std::vector<std::uint8_t> taken;
  while (!connection.output().empty()) {
    const Bytes output = connection.output();
    taken.insert(taken.end(), output.begin(), output.end());
    connection.output_sent(output.size());
  }
  return taken;
}

void exchange(End& client, End& server) {
  while (true) {
    client.pump();
    const auto to_server = client.take_output();
    server.deliver(to_server);
    const auto to_client = server.take_output();
    client.deliver(to_client);
    if (to_server.empty() && to_client.empty()) return;
  }
}

}  // namespace padlock::tls::testing
