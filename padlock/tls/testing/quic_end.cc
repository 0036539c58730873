#include "padlock/tls/testing/quic_end.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <variant>

#include "padlock/tls/rules.h"

namespace padlock::tls::testing {

namespace {

Instant a_second_later() { return later(std::chrono::seconds(1)); }

}  // namespace

void QuicEnd::take(const QuicParcel& parcel, std::size_t piece) {
  const auto& [level, bytes] = parcel;
  Bytes rest = bytes;
  while (!rest.empty() && !failed) {
    const Bytes part = rest.first(std::min(piece, rest.size()));
    heard[level].insert(heard[level].end(), part.begin(), part.end());
    const bool taken = connection.receive(level, part, a_second_later()).has_value();
    drain();
    if (!taken && !failed) std::abort();  // an error is also yielded
    rest = rest.subspan(part.size());
  }
}

void QuicEnd::drain() {
  while (auto event = connection.next_event()) {
    if (auto* data = std::get_if<QuicCryptoData>(&*event)) {
      said[data->level].insert(said[data->level].end(), data->bytes.begin(), data->bytes.end());
      parcels.emplace_back(data->level, std::move(data->bytes));
    } else if (const auto* secret = std::get_if<QuicSecret>(&*event)) {
      const Bytes bytes = secret->secret.reveal();
      (secret->for_reading ? reading : writing)[secret->level] = {bytes.begin(), bytes.end()};
      order.push_back(std::string(secret->for_reading ? "read " : "write ") + std::string(name_of(secret->level)));
    } else if (auto* parameters = std::get_if<QuicTransportParameters>(&*event)) {
      peers_parameters = std::move(parameters->bytes);
    } else {
      on_event(std::get<Event>(*std::move(event)));
    }
  }
}

void QuicEnd::on_event(Event event) {
  if (std::holds_alternative<HandshakeComplete>(event)) {
    order.emplace_back("complete");
  } else if (auto* received = std::get_if<SessionReceived>(&event)) {
    sessions.push_back(std::move(received->session));
  } else if (auto* failure = std::get_if<Failed>(&event)) {
    failed = std::move(*failure);
    order.emplace_back("failed");
  } else if (!std::holds_alternative<EarlyDataRejected>(event)) {
    questions.push_back(std::move(event));
    if (answers_at_once) answer(questions.size() - 1);
  }
}

void QuicEnd::answer(std::size_t index) {
  const Event question = std::move(questions.at(index));
  questions.erase(questions.begin() + static_cast<std::ptrdiff_t>(index));
  if (const auto* wanted = std::get_if<CryptoWanted>(&question)) {
    (void)connection.answer(wanted->id, provider().answer_one(wanted->question));  // a refusal is also a Failed event
  } else if (const auto* certificate = std::get_if<CertificateWanted>(&question)) {
    (void)connection.answer(certificate->id, credential);
  } else if (const auto* chain = std::get_if<ChainVerificationWanted>(&question)) {
    if (declines) {
      (void)connection.decline(chain->id, {&rules::signature_wrong, "not this one"});
    } else {
      (void)connection.answer(chain->id, PeerVerified::by_caller());
    }
  } else if (const auto* early_data = std::get_if<EarlyDataWanted>(&question)) {
    (void)connection.answer(early_data->id, EarlyDataAnswer::take);
  } else {
    std::abort();
  }
}

bool QuicEnd::complete() const { return std::ranges::count(order, "complete") == 1; }

QuicPair::QuicPair(const ClientConfig& client_config, const ServerConfig& server_config, SessionPtr session)
    : client(QuicConnection::client(client_config, "server.test", {1, 2, 3}, provider(), nullptr, nullptr,
                                    {std::move(session), a_second_later()})),
      server(QuicConnection::server(server_config, {4, 5}, provider())) {}

void QuicPair::exchange(std::size_t piece) {
  while (!client.parcels.empty() || !server.parcels.empty()) {
    for (const QuicParcel& parcel : std::exchange(client.parcels, {})) server.take(parcel, piece);
    for (const QuicParcel& parcel : std::exchange(server.parcels, {})) client.take(parcel, piece);
  }
}

}  // namespace padlock::tls::testing
