#include "padlock/server/proxy/proxy_handler.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/this_coro.hpp>

#include "padlock/base/text.h"
#include "padlock/http/message/checks.h"
#include "padlock/http/message/path.h"
#include "padlock/net/clock.h"
#include "padlock/net/resources.h"
#include "padlock/net/rules.h"
#include "padlock/net/signal.h"
#include "padlock/server/exchange.h"
#include "padlock/server/proxy/forwarding.h"
#include "padlock/server/proxy/health_check.h"
#include "padlock/server/proxy/upstream_pool.h"
#include "padlock/server/proxy/websocket.h"
#include "padlock/server/route/client_address.h"
#include "padlock/server/rules.h"

namespace padlock::server {
namespace {

/// Fields of a response that hold for its status, whatever its page says.
bool is_about_an_error(std::string_view name) {
  constexpr std::array<std::string_view, 5> names{"Retry-After", "WWW-Authenticate", "Allow", "Set-Cookie",
                                                  "Cache-Control"};
  return std::ranges::any_of(names, [&](std::string_view one) { return equal_ignoring_ascii_case(name, one); });
}

/// One try to have an upstream answer: the request goes up while the response comes down.
class Passage {
 public:
  /// All outlive it.
  Passage(Exchange& exchange, const http::Request& request, std::shared_ptr<const UpstreamGroup> group,
          Upstream& upstream, const UpstreamChanges& changes)
      : exchange_(exchange),
        request_(request),
        group_(std::move(group)),
        upstream_(upstream),
        changes_(changes),
        at_work_(upstream) {}

  net::Awaitable<Result<void>> run(bool fresh) {
    auto& pool = UpstreamPool::of(co_await asio::this_coro::executor);
    if (!fresh) to_ = pool.begin_on_kept(upstream_);
    if (!to_) {
      auto begun = co_await pool.begin_anew(group_, upstream_);
      if (!begun) {
        note_failure();
        co_return std::unexpected(std::move(begun).error());
      }
      to_ = std::move(*begun);
    }
    connected_ = true;
    auto passed = co_await pass();
    exchange_.when_gone({});
    if (upload_runs_) {
      to_->cancel();
      exchange_.stop_reading();
      while (upload_runs_) co_await upload_ended_.wait();
    }
    if (upload_error_ && !passed) co_return std::unexpected(*upload_error_);
    co_return passed;
  }

  /// Another try does no harm: the upstream has not seen the request, or may see it twice.
  bool can_be_repeated() const {
    if (exchange_.status() != 0 || body_touched_ || client_gone_) return false;
    return !connected_ || http::is_idempotent(exchange_.request().method);
  }
  /// The connection had been kept, and its upstream had ended it.
  bool was_stale() const { return connected_ && to_->reused() && !heard_; }

 private:
  net::Awaitable<Result<void>> pass() {
    const auto queued = to_->send_head(request_, framing_of_request(), exchange_.protocol());
    if (!queued) co_return failed(queued.error());
    if (exchange_.has_body() && exchange_.protocol().empty()) {
      body_touched_ = true;
      begin_upload();
    } else {
      const auto left = to_->flush_now();
      if (!left) co_return failed(left.error());
      if (!*left) {
        auto sent = co_await to_->flush();
        if (!sent) co_return failed(sent.error());
      }
    }
    net::Deadline deadline = net::no_deadline;
    for (;;) {
      auto news = to_->next_now();
      if (!news) {
        const auto left = exchange_.status() == 0 ? true : exchange_.flush_now();  // what the client can have already
        PADLOCK_CO_TRY(left);
        if (!*left) {
          auto flushed = co_await exchange_.flush();
          PADLOCK_CO_TRY(flushed);
        }
        if (deadline == net::no_deadline) deadline = net::deadline_in(patience());
        const auto ready = co_await wait(deadline);
        if (!ready) co_return failed(ready.error());
        continue;
      }
      deadline = net::no_deadline;
      if (!*news) co_return failed(news->error());
      if (auto* head = std::get_if<UpstreamExchange::Head>(&**news)) {
        if (exchange_.has_page_for_upstreams(head->response.status)) co_return co_await send_page(*head);
        auto taken = take_head(*head);
        PADLOCK_CO_TRY(taken);
      } else if (const auto* bytes = std::get_if<Bytes>(&**news)) {
        const auto taken = exchange_.take_body(*bytes);
        PADLOCK_CO_TRY(taken);
        if (*taken < bytes->size()) {
          auto sent = co_await exchange_.send_body(bytes->subspan(*taken));
          PADLOCK_CO_TRY(sent);
        }
      } else {
        const auto left = end(std::get<UpstreamExchange::End>(**news));
        PADLOCK_CO_TRY(left);
        if (*left) co_return Result<void>{};
        if (exchange_.ended()) co_return co_await exchange_.flush();
        co_return co_await exchange_.leave();
      }
    }
  }

  http::BodyFraming framing_of_request() const {
    if (!exchange_.has_body() || !exchange_.protocol().empty()) return http::NoBody{};
    const auto length = http::content_length_of(exchange_.request().fields);
    return length && *length ? http::BodyFraming(http::KnownLength{**length}) : http::UnknownLength{};
  }

  std::chrono::nanoseconds patience() const {
    return tunnel_ ? std::chrono::nanoseconds(limits::tunnel_idle_time) : group_->target().response;
  }

  /// Waits for the upstream. A wait that takes longer looks whether the client is still there.
  net::Awaitable<Result<void>> wait(net::Deadline deadline) {
    if (!watched_) {
      auto soon = co_await to_->wait(std::min(deadline, net::deadline_in(limits::watch_after)));
      const bool late = !soon && soon.error().rule == &net::rules::deadline_passed;
      if (!late) co_return soon;
      watched_ = true;
      exchange_.when_gone([this] {
        client_gone_ = true;
        to_->cancel();
      });
    }
    for (;;) {
      auto ready = co_await to_->wait(deadline);
      const bool late = !ready && ready.error().rule == &net::rules::deadline_passed;
      // An upstream may wait for a request that is still coming, at the client's pace.
      if (!late || !upload_runs_) co_return ready;
      const auto left = patience() - (net::now().monotonic - upload_progress_);
      if (left <= std::chrono::nanoseconds(0)) co_return ready;
      deadline = net::deadline_in(left);
    }
  }

  Result<void> take_head(UpstreamExchange::Head& head) {
    heard_ = true;
    upstream_.succeeded();
    if (head.switched) {
      PADLOCK_TRY(check_accept(head.response));
      http::Fields fields = client_response(std::move(head.response)).fields;
      fields.remove("Sec-WebSocket-Accept");
      if (const auto key = exchange_.request().fields.find("Sec-WebSocket-Key"))
        fields.add("Sec-WebSocket-Accept", websocket_accept(*key));
      PADLOCK_TRY(exchange_.accept(fields));
      tunnel_ = true;
      begin_upload();
      return {};
    }
    undo_prefix(head.response.fields);
    const int status = head.response.status;
    const auto length = http::content_length_of(head.response.fields);
    const bool never = status == 204 || status == 304;
    const bool known = length && *length;
    const auto framing = never   ? http::BodyFraming(http::NoBody{})
                         : known ? http::BodyFraming(http::KnownLength{**length})
                                 : http::BodyFraming(http::UnknownLength{});
    auto queued = exchange_.send_head(client_response(std::move(head.response)), framing);
    return queued ? queued : failed(queued.error());
  }

  /// A path that the upstream sends its clients to is one of ours only with what was taken off it, unless it has read
  /// X-Forwarded-Prefix and knows.
  void undo_prefix(http::Fields& fields) const {
    if (!changes_.path) return;
    const auto location = fields.find("Location");
    const bool is_path = location && location->starts_with('/') && !location->starts_with("//");
    if (is_path && !changes_.path->from.holds(literal_path(*location)))
      fields.set("Location", changes_.path->undone(std::string(*location)));
  }

  /// The site's own page for an error of its upstream, with what the head says besides of the error.
  net::Awaitable<Result<void>> send_page(UpstreamExchange::Head& head) {
    heard_ = true;
    upstream_.succeeded();
    to_->cancel();  // nobody reads its page
    Answer answer{plan_response(head.response.status, net::now().wall)};
    const http::Response response = client_response(std::move(head.response));
    for (const http::FieldView& field : response.fields.all()) {
      if (is_about_an_error(field.name)) answer.plan.response.fields.add(field.name, field.value);
    }
    co_return co_await exchange_.send(std::move(answer));
  }

  /// RFC 6455, section 4.1: over HTTP/1.1 an upstream proves that it has understood. Over HTTP/2 nothing is asked.
  Result<void> check_accept(const http::Response& response) {
    if (response.status != 101) return {};
    const auto key = request_.fields.find("Sec-WebSocket-Key");
    if (key && response.fields.find("Sec-WebSocket-Accept") == websocket_accept(*key)) return {};
    return failed({&rules::upstream_failed, "its Sec-WebSocket-Accept does not fit"});
  }

  /// True: the response has left.
  Result<bool> end(const UpstreamExchange::End& end) {
    exchange_.when_gone({});         // whose connection may be another request's soon
    if (!upload_runs_) to_->done();  // before the client can ask again
    return exchange_.ended() ? exchange_.flush_now() : exchange_.end_now(end.trailers);
  }

  // ---- the request's body

  void begin_upload() {
    upload_runs_ = true;
    upload_progress_ = net::now().monotonic;
    asio::co_spawn(exchange_.executor(), upload(this), asio::detached);
  }

  static net::Awaitable<void> upload(Passage* self) {
    const auto done = co_await self->send_all();
    static_cast<void>(done);  // an upstream that takes no more may have answered already
    if (self->upload_error_) self->to_->cancel();
    self->upload_runs_ = false;
    self->upload_ended_.notify();
  }

  net::Awaitable<Result<void>> send_all() {
    for (;;) {
      const auto bytes = co_await exchange_.read_body();
      if (!bytes) {
        if (!exchange_.ended()) upload_error_ = bytes.error();  // the client's fault, or its end
        co_return std::unexpected(bytes.error());
      }
      if (bytes->empty()) break;
      auto sent = co_await to_->send_body(*bytes);
      PADLOCK_CO_TRY(sent);
      upload_progress_ = net::now().monotonic;
    }
    http::Fields trailers = upstream_trailers(exchange_.trailers(), request_.fields);
    for (const std::string& name : changes_.fields.remove) trailers.remove(name);
    auto ended = co_await to_->end(trailers);
    if (ended && tunnel_) to_->cancel();  // one side of a tunnel alone is of no use
    co_return ended;
  }

  // ---- failures

  void note_failure() { upstream_.failed(net::now().monotonic); }

  /// What the client is told of an upstream that failed.
  std::unexpected<Error> failed(const Error& error) {
    if (client_gone_ || upload_error_ || tunnel_) return std::unexpected(error);
    note_failure();
    const bool late = error.rule == &net::rules::deadline_passed;
    return broken(late ? rules::upstream_late : rules::upstream_failed,
                  upstream_.url().origin() + ": " + error.what + " (" + std::string(error.rule->code) + ")");
  }

  Exchange& exchange_;
  const http::Request& request_;
  std::shared_ptr<const UpstreamGroup> group_;
  Upstream& upstream_;
  const UpstreamChanges& changes_;
  Upstream::AtWork at_work_;
  std::unique_ptr<UpstreamExchange> to_;
  bool connected_ = false;
  bool heard_ = false;    ///< a head has come
  bool tunnel_ = false;   ///< both have gone on to another protocol
  bool watched_ = false;  ///< the client's end is looked for
  bool client_gone_ = false;
  bool body_touched_ = false;  ///< some of it may have been read
  bool upload_runs_ = false;
  net::Signal upload_ended_;
  std::chrono::nanoseconds upload_progress_{};
  std::optional<Error> upload_error_;
};

/// What an application behind must write before its paths: nothing where they are others altogether.
std::string stripped_prefix(const PathMap& map) {
  return map.to == PathPrefix() ? http::encode_path(map.from.text()) : std::string();
}

}  // namespace

void ProxyHandler::supersede(std::shared_ptr<const ProxyHandler> next) const {
  next_ = std::move(next);
  next_now_.store(next_.get(), std::memory_order_release);
}

std::uint32_t ProxyHandler::at_work() const {
  std::uint32_t sum = 0;
  for (const auto& upstream : group_->all()) sum += upstream->at_work();
  return sum;
}

/// Each is kept by the one before it, and the first by whoever asks.
net::Awaitable<Result<void>> ProxyHandler::handle(Exchange& exchange) const {
  const ProxyHandler* now = this;
  while (const ProxyHandler* const next = now->next_now_.load(std::memory_order_acquire)) now = next;
  return now->pass_on(exchange);
}

net::Awaitable<Result<void>> ProxyHandler::pass_on(Exchange& exchange) const {
  if (passages(exchange.request()) >= limits::passages)
    co_return broken(rules::proxy_loop, "a request that has passed here many times already");
  const ProxyTarget& target = group_->target();
  const tls::ConnectionInfo* const tls = exchange.client().tls_info();
  const std::string prefix = changes_.path ? stripped_prefix(*changes_.path) : std::string();
  http::Request request = upstream_request(exchange.request(),
                                           {.client = exchange.client().remote(),
                                            .local = exchange.client().local(),
                                            .version = exchange.version(),
                                            .trusted_proxies = target.trusted_proxies,
                                            .client_certificates = tls ? tls->peer_chain : tls::CertificateChain(),
                                            .with_chain = target.client_certificate_chain,
                                            .early = exchange.client().is_early(),
                                            .prefix = prefix},
                                           target.host, !exchange.protocol().empty());
  if (changes_.path) request.target = changes_.path->literal(request.target);
  changes_.fields.apply(request.fields);
  if (!exchange.protocol().empty() && !request.fields.find("Sec-WebSocket-Key")) {  // HTTP/2 has none
    auto key = make_websocket_key(net::Resources::of(exchange.executor()).provider());
    PADLOCK_CO_TRY(key);
    request.fields.add("Sec-WebSocket-Key", *key);
  }
  const auto& peer = exchange.client().remote().address;
  const auto client = client_address(peer, exchange.request().fields, target.trusted_proxies).value_or(peer);
  std::vector<const Upstream*> tried;
  bool fresh = false;
  for (std::size_t tries = 1;; ++tries) {
    Upstream* const upstream = group_->pick(client, tried, exchange.began().monotonic);
    if (upstream == nullptr) co_return broken(rules::no_upstream, "no upstream for " + exchange.request().authority);
    Passage passage(exchange, request, group_, *upstream, changes_);
    auto done = co_await passage.run(fresh);
    if (done || tries >= limits::upstream_tries || !passage.can_be_repeated()) co_return done;
    fresh = passage.was_stale();
    if (fresh) continue;
    if (group_->all().size() == 1) co_return done;
    tried.push_back(upstream);
  }
}

void ProxyHandler::start(const asio::any_io_executor& executor) const {
  if (group_->target().health && !started_.exchange(true)) begin_health_checks(group_, executor);
}

}  // namespace padlock::server
