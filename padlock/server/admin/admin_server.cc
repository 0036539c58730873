#include "padlock/server/admin/admin_server.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>
#include <variant>
#include <vector>

#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include "padlock/http/h1/connection.h"
#include "padlock/http/message/authority.h"
#include "padlock/http/message/date.h"
#include "padlock/net/clock.h"
#include "padlock/net/limits.h"
#include "padlock/net/listener.h"
#include "padlock/server/limits.h"
#include "padlock/server/rules.h"

namespace padlock::server {

// ---- who may ask for what -------------------------------------------------------------------------------------------

const Rule* refuse_on_loopback(const http::Request& request) {
  constexpr std::array<std::string_view, 2> pages{"/metrics", "/healthz"};
  // A browser says where a request to another origin comes from, and it says the name by which it found us: a name
  // whose owner made it lead here (DNS rebinding) is none of ours.
  if (request.fields.find("Origin")) return &rules::admin_origin;
  const auto host = http::parse_authority(request.authority);
  const bool ours = host && (host->ipv6 || http::is_ipv4_address(host->host) || host->host == "localhost");
  if (!ours) return &rules::admin_host;
  if (std::ranges::find(pages, request.target) == pages.end()) return &rules::admin_not_here;
  return request.method == "GET" ? nullptr : &rules::admin_method;
}

bool may_administer(const net::PeerIdentity& peer, uid_t server, std::optional<gid_t> group) {
  if (peer.user == 0 || peer.user == server) return true;
  return group && std::ranges::find(peer.groups, *group) != peer.groups.end();
}

// ---- listening ------------------------------------------------------------------------------------------------------

/// One administrator's connection.
struct AdminServer::Talk {
  Talk(asio::generic::stream_protocol::socket socket_, const Rule* refused_, bool loopback_)
      : socket(std::move(socket_)), patience(socket.get_executor()), refused(refused_), loopback(loopback_) {}

  asio::generic::stream_protocol::socket socket;
  asio::steady_timer patience;
  const Rule* refused;  ///< whatever is asked for; null: it may ask
  bool loopback;
  http::h1::Connection http = http::h1::Connection::server("http");
  std::vector<std::uint8_t> room = std::vector<std::uint8_t>(limits::admin_read_bytes);
  Bytes unread{};
  std::optional<http::Request> request{};
  std::string body{};
  bool body_too_large = false;
};

namespace {

/// Ends a talk whose peer is silent for too long.
template <class Talk>
void expect_progress(const std::shared_ptr<Talk>& talk) {
  talk->patience.expires_after(limits::admin_time);
  talk->patience.async_wait([weak = std::weak_ptr(talk)](std::error_code woken) {
    const auto found = weak.lock();
    std::error_code ignored;  // it is closed whatever it says
    if (found && !woken) found->socket.close(ignored);
  });
}

}  // namespace

template <class Acceptor, class Judge>
net::Awaitable<void> AdminServer::accept(std::shared_ptr<Acceptor> acceptor, Judge judge) {
  while (acceptor->is_open()) {
    std::error_code error;
    auto socket = co_await acceptor->async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (error) {
      asio::steady_timer pause(context_, net::limits::accept_pause);
      co_await pause.async_wait(asio::use_awaitable);
      continue;
    }
    if (talks_ == limits::admin_connections) continue;  // and it is closed
    const auto [refused, loopback] = judge(socket.native_handle());
    auto talk = std::make_shared<Talk>(asio::generic::stream_protocol::socket(std::move(socket)), refused, loopback);
    asio::co_spawn(context_, serve(std::move(talk)), asio::detached);
  }
}

template <class Acceptor, class Judge>
void AdminServer::listen(Acceptor acceptor, Judge judge) {
  auto shared = std::make_shared<Acceptor>(std::move(acceptor));
  closers_.emplace_back([weak = std::weak_ptr(shared)] {
    std::error_code ignored;
    const auto open = weak.lock();
    if (open && open->is_open()) const net::Descriptor closed(open->release(ignored));  // as Listener::close does
  });
  asio::co_spawn(context_, accept(std::move(shared), judge), asio::detached);
}

void AdminServer::close() {
  for (const auto& closer : closers_) closer();
}

void AdminServer::listen_unix(net::Descriptor socket, std::optional<gid_t> group) {
  asio::local::stream_protocol::acceptor acceptor(context_);
  std::error_code error;
  acceptor.assign(asio::local::stream_protocol(), socket.release(), error);
  const auto judge = [group](int peer) -> std::pair<const Rule*, bool> {
    const auto identity = net::peer_identity(peer);
    const bool good = identity && may_administer(*identity, ::geteuid(), group);
    return {good ? nullptr : &rules::admin_stranger, false};
  };
  listen(std::move(acceptor), judge);
}

void AdminServer::listen_loopback(net::Descriptor socket) {
  const bool ipv4 = net::local_endpoint(socket).address.length == 4;
  asio::ip::tcp::acceptor acceptor(context_);
  std::error_code error;
  acceptor.assign(ipv4 ? asio::ip::tcp::v4() : asio::ip::tcp::v6(), socket.release(), error);
  const auto judge = [](int) { return std::pair<const Rule*, bool>(nullptr, true); };
  listen(std::move(acceptor), judge);
}

// ---- a talk ---------------------------------------------------------------------------------------------------------

net::Awaitable<void> AdminServer::serve(std::shared_ptr<Talk> talk) {
  ++talks_;
  for (bool going_on = true; going_on;) {
    going_on = co_await answer_requests(talk) && co_await send(talk) && !talk->http.finished();
    if (going_on) co_await receive(talk);
  }
  --talks_;
}

namespace {

/// Notes what has come. True: a request is whole, or longer than it may be.
template <class Talk>
bool take(Talk& talk, http::h1::Event& event) {
  if (auto* const head = std::get_if<http::h1::RequestHead>(&event)) {
    talk.request = std::move(head->request);
    talk.body.clear();
    if (head->expects_continue) static_cast<void>(talk.http.send_continue());  // its failure is the next event
    return !head->has_body;
  }
  if (const auto* const data = std::get_if<http::h1::BodyData>(&event)) {
    talk.body_too_large = talk.body.size() + data->bytes.size() > limits::admin_body_bytes;
    if (!talk.body_too_large) talk.body += as_text(data->bytes);
    return talk.body_too_large;
  }
  return std::holds_alternative<http::h1::MessageEnd>(event) && talk.request.has_value();
}

Result<void> write_answer(http::h1::Connection& http, const AdminAnswer& answer, bool with_body) {
  http::Response response{.status = answer.status, .fields = {}};
  response.fields.add("Date", http::to_http_date(net::now().wall));
  response.fields.add("Content-Type", answer.content_type);
  response.fields.add("Cache-Control", "no-store");
  response.fields.add("X-Content-Type-Options", "nosniff");
  if (!answer.allow.empty()) response.fields.add("Allow", answer.allow);
  PADLOCK_TRY(http.send_response(response, http::KnownLength{answer.body.size()}));
  if (with_body) PADLOCK_TRY(http.send_body(as_bytes(answer.body)));
  return http.end_message();
}

}  // namespace

net::Awaitable<bool> AdminServer::answer_requests(std::shared_ptr<Talk> talk) {
  while (auto event = talk->http.next_event()) {
    if (!take(*talk, *event)) continue;
    const bool with_body = talk->request->method != "HEAD";
    const AdminAnswer answered = co_await answer(talk);
    talk->request.reset();
    if (!write_answer(talk->http, answered, with_body)) co_return false;
  }
  co_return true;
}

net::Awaitable<AdminAnswer> AdminServer::answer(std::shared_ptr<Talk> talk) {
  talk->patience.cancel();  // what takes long now is ours
  const http::Request& request = *talk->request;
  const Rule* refused = talk->refused;
  if (refused == nullptr && talk->body_too_large) refused = &rules::body_too_large;
  if (refused == nullptr && talk->loopback) refused = refuse_on_loopback(request);
  if (refused != nullptr) co_return admin_error(*refused);
  co_return co_await pages_.answer(std::move(*talk->request), std::move(talk->body));
}

net::Awaitable<bool> AdminServer::send(std::shared_ptr<Talk> talk) {
  std::error_code error;
  while (!error && !talk->http.output().empty()) {
    expect_progress(talk);
    const Bytes output = talk->http.output();
    const std::size_t sent = co_await talk->socket.async_write_some(asio::buffer(output.data(), output.size()),
                                                                    asio::redirect_error(asio::use_awaitable, error));
    talk->http.output_sent(sent);
  }
  co_return !error;
}

net::Awaitable<void> AdminServer::receive(std::shared_ptr<Talk> talk) {
  std::error_code error;
  if (talk->unread.empty()) {
    expect_progress(talk);
    const std::size_t count = co_await talk->socket.async_read_some(asio::buffer(talk->room.data(), talk->room.size()),
                                                                    asio::redirect_error(asio::use_awaitable, error));
    if (error) talk->http.input_ended();
    talk->unread = Bytes(talk->room).first(error ? 0 : count);
  }
  if (talk->unread.empty()) co_return;
  const auto taken = talk->http.feed(talk->unread, net::now());  // an error comes as an event too
  talk->unread = taken ? talk->unread.subspan(*taken) : Bytes{};
}

}  // namespace padlock::server
