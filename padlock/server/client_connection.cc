#include "padlock/server/client_connection.h"

#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/base/text.h"
#include "padlock/net/clock.h"
#include "padlock/net/plain_stream.h"
#include "padlock/net/resources.h"
#include "padlock/server/http1_session.h"
#include "padlock/server/http2_session.h"
#include "padlock/server/limits.h"
#include "padlock/server/rules.h"
#include "padlock/tls/rules.h"

namespace padlock::server {
namespace {

/// A method's first letter: no TLS record begins so (RFC 8446, section 5.1).
bool begins_a_request(std::uint8_t byte) { return byte >= 'A' && byte <= 'Z'; }

constexpr std::chrono::milliseconds farewell_step{20};

}  // namespace

ClientConnection::ClientConnection(std::shared_ptr<Frontend> frontend, net::SocketIo socket, Protocol protocol,
                                   Admission::Place place)
    : frontend_(std::move(frontend)), snapshot_(frontend_->snapshot()), protocol_(protocol), place_(std::move(place)) {
  socket_.emplace(std::move(socket));
  frontend_->joined(*this);
}

ClientConnection::~ClientConnection() { frontend_->left(*this); }

net::Awaitable<void> ClientConnection::run(std::shared_ptr<ClientConnection> self) {
  self->place_.when_shed([connection = self->weak_from_this(), &context = self->frontend_->context()] {
    asio::post(context, [connection] {
      if (const auto found = connection.lock()) found->shed();
    });
  });
  if (self->protocol_ == Protocol::http) {
    self->open_plain(std::make_unique<PlainRouter>(self->snapshot_));
  } else if (!co_await self->open(net::deadline_in(self->snapshot_->timers.handshake))) {
    co_return;
  }
  self->place_.established();
  self->session_ = self->make_session();
  if (self->finishing_) self->session_->finish_up();
  co_await self->session_->run();
  self->session_.reset();
}

net::Awaitable<bool> ClientConnection::open(net::Deadline deadline) {
  const auto first = co_await socket_->peek(deadline);
  if (!first || !*first) co_return false;  // a port scan, or a browser's spare connection: nothing was said
  if (!begins_a_request(**first)) co_return co_await open_tls(deadline);
  open_plain(std::make_unique<WrongPortRouter>(snapshot_));
  co_return true;
}

void ClientConnection::open_plain(std::unique_ptr<const Router> router) {
  stream_ = std::make_unique<net::PlainStream>(*std::move(socket_));
  socket_.reset();
  router_ = std::move(router);
}

net::Awaitable<bool> ClientConnection::open_tls(net::Deadline deadline) {
  const auto& config = frontend_->tls().for_address(socket_->local().address);
  auto tls = tls::Connection::server(config, net::Resources::of(frontend_->context()).provider());
  auto owned = std::make_unique<net::TlsStream>(*std::move(socket_), std::move(tls), *this);
  socket_.reset();
  net::TlsStream& stream = *owned;
  stream_ = std::move(owned);
  const auto shaken = co_await stream.handshake(deadline);
  if (shaken && is_challenge()) {  // it has seen what it wanted: nothing is said over this connection
    const auto closed = co_await stream.close(net::deadline_in(snapshot_->timers.linger));
    static_cast<void>(closed);
    co_return false;
  }
  if (shaken) {
    frontend_->log().counters().handshake_done(*stream.tls_info());
    router_ = std::make_unique<HttpsRouter>(snapshot_, *choice_);
    co_return true;
  }
  if (shed_) co_return false;  // the log has it
  frontend_->log().counters().handshake_failures.add(shaken.error().rule);
  frontend_->log().failure(net::to_string(stream.remote()), shaken.error());
  const auto closed = co_await stream.close(net::deadline_in(snapshot_->timers.linger));  // so that the alert arrives
  static_cast<void>(closed);
  co_return false;
}

/// By ALPN; without it HTTP/1.1 is spoken (RFC 9113, section 3.2).
std::unique_ptr<Session> ClientConnection::make_session() {
  const tls::ConnectionInfo* const tls = stream_->tls_info();
  if (tls != nullptr && tls->alpn == "h2")
    return std::make_unique<Http2Session>(*stream_, *router_, snapshot_->timers, frontend_->log(), frontend_->load());
  const std::string_view scheme = tls != nullptr ? "https" : "http";
  return std::make_unique<Http1Session>(*stream_, scheme, *router_, snapshot_->timers, frontend_->log(),
                                        frontend_->load());
}

/// An ACME server offers its protocol alone (RFC 8737, section 3).
bool ClientConnection::is_challenge() const {
  const auto& alpn = stream_->tls_info()->alpn;
  return alpn && *alpn == acme::acme_tls_protocol;
}

Result<std::shared_ptr<const tls::Credential>> ClientConnection::answer_challenge(
    const tls::CertificateWanted& question) const {
  auto credential = snapshot_->challenges->certificate_for(question.server_name.value_or(""));
  if (credential) return credential;
  return broken(rules::no_challenge, "an ACME server looks at " + escaped(question.server_name.value_or("no name")));
}

net::NowOrLater<std::shared_ptr<const tls::Credential>> ClientConnection::certificate_for(
    const tls::CertificateWanted& question) {
  if (is_challenge()) return answer_challenge(question);
  auto choice = snapshot_->sites->choose(question.server_name, stream_->local().address, question.schemes);
  if (!choice && snapshot_->on_demand && question.server_name) {
    if (const Site* const site = snapshot_->sites->on_demand(*question.server_name))
      return certificate_on_demand(*site, *question.server_name);
  }
  if (!choice) return Result<std::shared_ptr<const tls::Credential>>(std::unexpected(std::move(choice).error()));
  choice_ = *std::move(choice);
  return Result<std::shared_ptr<const tls::Credential>>(choice_->credential->credential);
}

net::NowOrLater<std::shared_ptr<const tls::Credential>> ClientConnection::certificate_on_demand(
    const Site& site, const std::string& name) {
  using Found = Result<std::shared_ptr<const tls::Credential>>;
  if (auto credential = snapshot_->on_demand->find(name)) {
    choice_ = Sites::Choice{&site, std::move(credential)};
    return Found(choice_->credential->credential);
  }
  auto place = snapshot_->on_demand->enter(name, stream_->remote().address);
  if (!place) return Found(std::unexpected(std::move(place).error()));
  return wait_for_certificate(site, name, *std::move(place));
}

net::Awaitable<Result<std::shared_ptr<const tls::Credential>>> ClientConnection::wait_for_certificate(
    const Site& site, std::string name, OnDemandCertificates::Place place) {
  auto credential = co_await snapshot_->on_demand->wait(std::move(name), std::move(place));
  PADLOCK_CO_TRY(credential);
  choice_ = Sites::Choice{&site, *std::move(credential)};
  co_return choice_->credential->credential;
}

/// What the client shows, or a session of its holds, by the rules of the site that it came to.
net::NowOrLater<tls::PeerVerified> ClientConnection::verify(const tls::ChainVerificationWanted& question) {
  auto& provider = net::Resources::of(frontend_->context()).provider();
  const auto judged = choice_->credential->clients->judge(question, net::now().wall, provider);
  if (!judged) return Result<tls::PeerVerified>(std::unexpected(judged.error()));
  return Result<tls::PeerVerified>(tls::PeerVerified::by_caller());
}

/// A copy that comes to this server again is refused here; the first is a question to the fleet, where there is one.
net::NowOrLater<tls::EarlyDataAnswer> ClientConnection::take_early_data(const tls::EarlyDataWanted& question) {
  if (!frontend_->early_data().use(question.ticket, net::now()))
    return Result<tls::EarlyDataAnswer>(tls::EarlyDataAnswer::refuse);
  if (frontend_->marks() != nullptr) return ask_fleet(question.ticket);
  return Result<tls::EarlyDataAnswer>(tls::EarlyDataAnswer::take);
}

net::Awaitable<Result<tls::EarlyDataAnswer>> ClientConnection::ask_fleet(std::vector<std::uint8_t> ticket) {
  const bool first = co_await frontend_->marks()->use(std::move(ticket));
  co_return first ? tls::EarlyDataAnswer::take : tls::EarlyDataAnswer::refuse;
}

void ClientConnection::shed() {
  if (session_) return;  // it was done in the meantime
  shed_ = true;
  frontend_->log().counters().connections_shed.add();
  const net::Endpoint& client = stream_ ? stream_->remote() : socket_->remote();
  frontend_->log().failure(net::to_string(client), {&rules::shed, "its handshake was the oldest of too many"});
  cancel();
}

void ClientConnection::finish_up() {
  finishing_ = true;
  if (!stream_) return asio::co_spawn(frontend_->context(), leave_if_silent(shared_from_this()), asio::detached);
  if (!session_) return;  // the handshake goes on, and one request is served
  // Its first request may be on its way, from a client that could not know; a later one is asked again by its client.
  const bool expected = session_->fresh() && session_->idle();
  if (expected) return asio::co_spawn(frontend_->context(), end_session_soon(shared_from_this()), asio::detached);
  end_session();
}

void ClientConnection::end_session() {
  const bool idle = session_->idle();
  session_->finish_up();
  if (idle) return asio::co_spawn(frontend_->context(), say_farewell(shared_from_this()), asio::detached);
  const bool has_news = stream_->queued() > 0 && !session_->sending();
  if (has_news) asio::co_spawn(frontend_->context(), flush(shared_from_this()), asio::detached);
}

/// Nothing was said yet: what a client has sent before it could know that we end is answered.
net::Awaitable<void> ClientConnection::leave_if_silent(std::shared_ptr<ClientConnection> self) {
  asio::steady_timer timer(self->frontend_->context(), self->snapshot_->timers.linger);
  std::error_code woken;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  if (!self->stream_) self->cancel();
}

net::Awaitable<void> ClientConnection::end_session_soon(std::shared_ptr<ClientConnection> self) {
  asio::steady_timer timer(self->frontend_->context(), self->snapshot_->timers.linger);
  std::error_code woken;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  if (self->session_) self->end_session();
}

/// Tells a client that is at work that no more of it is taken.
net::Awaitable<void> ClientConnection::flush(std::shared_ptr<ClientConnection> self) {
  const auto sent = co_await self->session_->flush();
  static_cast<void>(sent);  // its session sees it too
}

/// Tells an idle client that we end. It has a moment to end too, then the read that waits for it is cancelled.
net::Awaitable<void> ClientConnection::say_farewell(std::shared_ptr<ClientConnection> self) {
  const auto ended = co_await self->stream_->end_output(net::deadline_in(self->snapshot_->timers.linger));
  static_cast<void>(ended);  // it is cancelled in any case
  asio::steady_timer timer(self->frontend_->context());
  for (auto rounds = self->snapshot_->timers.linger / farewell_step; self->session_ && rounds > 0; --rounds) {
    timer.expires_after(farewell_step);
    std::error_code woken;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  self->cancel();
}

void ClientConnection::cancel() {
  if (stream_) {
    stream_->cancel();
  } else if (socket_) {
    socket_->cancel();
  }
}

}  // namespace padlock::server
