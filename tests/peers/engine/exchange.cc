#include "tests/peers/engine/exchange.h"

#include <poll.h>

#include <array>
#include <span>
#include <utility>
#include <variant>

#include <asio/buffer.hpp>
#include <asio/write.hpp>

#include "padlock/net/clock.h"
#include "padlock/x509/verify.h"

namespace padlock::engine_peer {

Exchange::Exchange(End& end, tls::Connection connection, asio::ip::tcp::socket& socket)
    : end_(end), connection_(std::move(connection)), socket_(socket) {
  const std::scoped_lock lock(end_.mutex);
  drain();
}

bool Exchange::step() {
  flush();
  if (ended_) return false;
  std::array<std::uint8_t, 16384> piece{};
  std::error_code failed;
  const std::size_t count = socket_.read_some(asio::buffer(piece), failed);
  const std::scoped_lock lock(end_.mutex);
  const auto read = std::span(piece).first(count);
  inbox_.insert(inbox_.end(), read.begin(), read.end());
  if (failed) connection_.input_ended();
  for (bool moved = true; moved;) {
    moved = drain();
    const auto taken = connection_.feed(inbox_, net::now());
    moved = (taken && *taken > 0) || moved;
    moved = drain() || moved;  // before the bytes go: events look into them
    if (taken) inbox_.erase(inbox_.begin(), inbox_.begin() + static_cast<std::ptrdiff_t>(*taken));
  }
  if (failed) ended_ = true;
  return true;
}

Result<void> Exchange::send(std::string_view text) {
  const std::scoped_lock lock(end_.mutex);
  return connection_.send(as_bytes(text));
}

void Exchange::close() {
  {
    const std::scoped_lock lock(end_.mutex);
    connection_.close();
  }
  flush();
}

bool Exchange::drain() {
  bool any = false;
  while (auto event = connection_.next_event()) {
    std::visit([&](const auto& one) { on(one); }, *event);
    any = true;
  }
  return any;
}

/// A peer that is gone is noticed by the next read.
void Exchange::flush() {
  if (early_data_comes()) return;
  std::vector<std::uint8_t> output;
  {
    const std::scoped_lock lock(end_.mutex);
    while (!connection_.output().empty()) {
      const Bytes piece = connection_.output();
      output.insert(output.end(), piece.begin(), piece.end());
      connection_.output_sent(piece.size());
    }
  }
  std::error_code ignored;
  asio::write(socket_, asio::buffer(output), ignored);
}

/// A server that takes early data holds its answer back until there is some: on one machine the answer is often faster
/// than the client's request. Not for ever: a client that offers early data may have nothing to say yet.
bool Exchange::early_data_comes() {
  constexpr int patience_milliseconds = 1000;
  const tls::ConnectionInfo& info = connection_.info();
  if (!info.server || info.early_data != tls::EarlyDataStatus::accepted || complete || ended_) return false;
  if (!early.empty() || waited_) return false;
  pollfd readable{.fd = socket_.native_handle(), .events = POLLIN, .revents = 0};
  waited_ = ::poll(&readable, 1, patience_milliseconds) == 0;
  return !waited_;
}

// An answer to a question that is gone changes nothing, and a refusal is also a Failed event.

void Exchange::on(const tls::CertificateWanted& wanted) { (void)connection_.answer(wanted.id, end_.credential); }

void Exchange::on(const tls::CryptoWanted& wanted) { (void)tls::answer_at_once(connection_, wanted, end_.provider); }

void Exchange::on(const tls::ChainVerificationWanted& wanted) {
  const bool of_client = connection_.info().server;
  const auto verdict =
      x509::verify_chain({.chain = wanted.chain,
                          .leaf = wanted.leaf,
                          .server_name = wanted.server_name,
                          .purpose = of_client ? x509::Purpose::client_auth : x509::Purpose::server_auth,
                          .now = net::now().wall,
                          .key_usage = wanted.key_usage},
                         end_.trust->store, end_.provider);
  if (!verdict.trusted) {
    (void)connection_.decline(wanted.id, *verdict.error);
    return;
  }
  if (of_client) client = verdict.good_path()->certificates.front()->subject.common_name();
  (void)connection_.answer(wanted.id, tls::PeerVerified::by_caller());
}

void Exchange::on(const tls::EarlyDataWanted& wanted) {
  const bool first = end_.early_data_store->use(wanted.ticket, net::now());
  (void)connection_.answer(wanted.id, first ? tls::EarlyDataAnswer::take : tls::EarlyDataAnswer::refuse);
}

void Exchange::on(const tls::SessionReceived& event) {
  if (session == nullptr) session = event.session;
}

void Exchange::on(const tls::Failed& failed) {
  error = failed.error;
  ended_ = true;
}

}  // namespace padlock::engine_peer
