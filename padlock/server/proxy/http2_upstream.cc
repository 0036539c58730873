#include "padlock/server/proxy/http2_upstream.h"

#include <deque>
#include <utility>
#include <variant>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/http/h2/rules.h"
#include "padlock/net/clock.h"
#include "padlock/net/rules.h"
#include "padlock/server/http2_output.h"
#include "padlock/server/limits.h"
#include "padlock/tls/rules.h"

namespace padlock::server {

using http::h2::ErrorCode;
using http::h2::StreamId;

/// One stream.
class Http2Upstream::Exchange final : public UpstreamExchange {
 public:
  explicit Exchange(std::shared_ptr<Http2Upstream> upstream)
      : upstream_(std::move(upstream)), reused_(upstream_->served_++ > 0) {
    ++upstream_->begun_;
  }
  ~Exchange() override {
    --upstream_->begun_;
    if (upstream_->leaving_) upstream_->leave();
    if (stream_ == 0) return;
    upstream_->exchanges_.erase(stream_);
    if (gone_ || (request_sent_ && response_whole_)) return;
    upstream_->http_.reset(stream_, ErrorCode::CANCEL);
    upstream_->kick();
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  bool reused() const override { return reused_; }

  Result<void> send_head(const http::Request& request, const http::BodyFraming& framing,
                         std::string_view protocol) override {
    if (upstream_->failure_) return std::unexpected(*upstream_->failure_);
    if (protocol.empty()) {
      stream_ = PADLOCK_TRY(upstream_->http_.send_request(request, framing));
    } else {
      http::Request connect = request;
      connect.method = "CONNECT";
      connect.fields.remove("Sec-WebSocket-Key");  // RFC 8441, section 5: the stream itself is the proof
      stream_ = PADLOCK_TRY(upstream_->http_.send_request(connect, http::UnknownLength{}, protocol));
      in_tunnel_ = true;
    }
    upstream_->exchanges_[stream_] = this;
    return {};
  }

  net::Awaitable<Result<void>> send_body(Bytes bytes) override {
    for (;;) {
      if (failure_) co_return std::unexpected(*failure_);
      const auto taken = upstream_->http_.send_body(stream_, bytes);
      if (!taken) co_return std::unexpected(taken.error());
      upstream_->kick();
      bytes = bytes.subspan(*taken);
      if (bytes.empty()) co_return Result<void>{};
      if (!co_await writable_.wait(net::deadline_in(limits::write_time)))
        co_return broken(net::rules::deadline_passed, "the upstream takes nothing of the request");
    }
  }

  /// In the next turn of the loop: the connection never waits for one of its streams.
  Result<bool> flush_now() override {
    upstream_->kick();
    return true;
  }

  net::Awaitable<Result<void>> flush() override {
    upstream_->kick();
    co_return Result<void>{};
  }

  net::Awaitable<Result<void>> end(const http::Fields& trailers) override {
    auto ended = upstream_->http_.end_message(stream_, trailers);
    upstream_->kick();
    co_return ended;
  }

  std::optional<Result<News>> next_now() override {
    if (news_.empty()) {
      if (failure_) return std::unexpected(*failure_);
      return std::nullopt;
    }
    Item item = std::move(news_.front());
    news_.pop_front();
    if (auto* bytes = std::get_if<std::vector<std::uint8_t>>(&item)) {
      lent_ = std::move(*bytes);
      upstream_->http_.consumed(stream_, lent_.size());
      upstream_->kick();
      return News(Bytes(lent_));
    }
    if (auto* head = std::get_if<Head>(&item)) return News(std::move(*head));
    return News(std::get<End>(std::move(item)));
  }

  net::Awaitable<Result<void>> wait(net::Deadline deadline) override {
    if (!news_.empty() || failure_) co_return Result<void>{};
    const bool came = co_await came_.wait(deadline);
    if (!came) co_return broken(net::rules::deadline_passed, "the upstream says nothing");
    co_return Result<void>{};
  }

  void done() override {}
  void cancel() override { failed({&net::rules::cancelled, "the exchange was given up"}); }

  // ---- what the connection tells it

  void take(http::Response response) {
    const bool switched = in_tunnel_ && response.status == 200;
    put(Head{std::move(response), switched});
  }
  void take(Bytes bytes) {
    auto* const last = news_.empty() ? nullptr : std::get_if<std::vector<std::uint8_t>>(&news_.back());
    if (last != nullptr) {
      last->insert(last->end(), bytes.begin(), bytes.end());
      return came_.notify();
    }
    put(std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
  }
  void take(End end) {
    response_whole_ = true;
    put(std::move(end));
  }
  void sent() { request_sent_ = true; }
  void writable() { writable_.notify(); }
  void failed(Error error) {
    if (!failure_) failure_ = std::move(error);
    came_.notify();
    writable_.notify();
  }
  void gone() { gone_ = true; }

 private:
  /// At most the stream's window of bytes (http/limits.h).
  using Item = std::variant<Head, std::vector<std::uint8_t>, End>;
  void put(Item item) {
    news_.push_back(std::move(item));
    came_.notify();
  }

  std::shared_ptr<Http2Upstream> upstream_;
  bool reused_;
  bool in_tunnel_ = false;
  StreamId stream_ = 0;
  std::deque<Item> news_;
  std::vector<std::uint8_t> lent_;
  std::optional<Error> failure_;
  net::Signal came_, writable_;
  bool request_sent_ = false;
  bool response_whole_ = false;
  bool gone_ = false;  ///< the stream has ended
};

std::shared_ptr<Http2Upstream> Http2Upstream::start(std::unique_ptr<UpstreamConnection> connection,
                                                    const asio::any_io_executor& executor) {
  auto upstream = std::make_shared<Http2Upstream>(std::move(connection), executor);
  asio::co_spawn(executor, run(upstream), asio::detached);
  return upstream;
}

Http2Upstream::Http2Upstream(std::unique_ptr<UpstreamConnection> connection, const asio::any_io_executor& executor)
    : connection_(std::move(connection)), executor_(executor) {}

bool Http2Upstream::has_room() const {
  return !ended_ && !failure_ && http_.free_streams() > begun_ - exchanges_.size();
}

std::unique_ptr<UpstreamExchange> Http2Upstream::begin() { return std::make_unique<Exchange>(shared_from_this()); }

void Http2Upstream::leave() {
  leaving_ = true;
  if (begun_ == 0) connection_->stream().cancel();
}

net::Awaitable<void> Http2Upstream::run(std::shared_ptr<Http2Upstream> self) {
  auto done = co_await self->converse();
  self->ended_ = true;
  self->fail_all(done ? Error{&net::rules::closed_early, "the upstream closed the connection"} : done.error());
  const auto closed = co_await self->connection_->stream().close(net::deadline_in(std::chrono::seconds(0)));
  static_cast<void>(closed);  // nothing more is wanted of it
}

net::Awaitable<Result<void>> Http2Upstream::converse() {
  net::Stream& stream = connection_->stream();
  kick();  // the preface
  for (;;) {
    const auto bytes = co_await stream.read(net::deadline_in(limits::idle_upstream_time));
    const bool idle = !bytes && bytes.error().rule == &net::rules::deadline_passed;
    if (idle && begun_ > 0) continue;
    if (idle) co_return Result<void>{};
    if (!bytes && bytes.error().rule != &tls::rules::truncated) co_return std::unexpected(bytes.error());
    if (!bytes || bytes->empty()) {
      http_.input_ended();
      while (auto event = http_.next_event()) handle(*event);
      co_return Result<void>{};
    }
    for (Bytes rest = *bytes; !rest.empty();) {
      const auto taken = http_.feed(rest, net::now());
      while (auto event = http_.next_event()) handle(*event);
      if (!taken) co_return std::unexpected(taken.error());
      rest = rest.subspan(*taken);
      if (*taken > 0 || rest.empty()) continue;
      kick();  // it has to say something first
      while (kicked_) co_await filled_.wait();
      if (failure_) co_return std::unexpected(*failure_);
    }
    kick();
    if (http_.finished()) co_return Result<void>{};
  }
}

void Http2Upstream::handle(http::h2::Event& event) {
  if (auto* head = std::get_if<http::h2::ResponseHead>(&event)) {
    Exchange* const exchange = find(head->stream);
    if (exchange != nullptr && !head->interim) exchange->take(std::move(head->response));
  } else if (const auto* data = std::get_if<http::h2::BodyData>(&event)) {
    if (Exchange* const exchange = find(data->stream)) {
      exchange->take(data->bytes);
    } else {
      http_.consumed(data->stream, data->bytes.size());
    }
  } else if (auto* end = std::get_if<http::h2::MessageEnd>(&event)) {
    if (Exchange* const exchange = find(end->stream)) exchange->take(UpstreamExchange::End{std::move(end->trailers)});
  } else if (const auto* writable = std::get_if<http::h2::Writable>(&event)) {
    if (Exchange* const exchange = find(writable->stream)) exchange->writable();
  } else if (const auto* sent = std::get_if<http::h2::MessageSent>(&event)) {
    if (Exchange* const exchange = find(sent->stream)) exchange->sent();
  } else if (auto* reset = std::get_if<http::h2::StreamReset>(&event)) {
    if (Exchange* const exchange = find(reset->stream)) {
      exchange->gone();
      exchange->failed(reset->error.value_or(Error{&http::rules::h2_stream_gone, "the upstream reset the stream"}));
    }
  } else if (auto* failed = std::get_if<http::Failed>(&event)) {
    failure_ = std::move(failed->error);
  }
}

Http2Upstream::Exchange* Http2Upstream::find(StreamId stream) {
  const auto found = exchanges_.find(stream);
  return found == exchanges_.end() ? nullptr : found->second;
}

void Http2Upstream::fail_all(const Error& error) {
  if (!failure_) failure_ = error;
  for (const auto& [stream, exchange] : exchanges_) {
    exchange->gone();
    exchange->failed(*failure_);
  }
}

// ---- output ---------------------------------------------------------------------------------------------------------

/// In the next turn of the loop, with what else comes up until then.
void Http2Upstream::kick() {
  if (std::exchange(kicked_, true)) return;
  asio::co_spawn(executor_, send(shared_from_this()), asio::detached);
}

net::Awaitable<void> Http2Upstream::send(std::shared_ptr<Http2Upstream> self) {
  co_await asio::post(self->executor_, asio::use_awaitable);
  const auto sent = co_await self->fill();
  self->kicked_ = false;
  self->filled_.notify();
  if (sent) co_return;
  self->connection_->stream().cancel();  // the reader learns it
  self->fail_all(sent.error());
}

net::Awaitable<Result<void>> Http2Upstream::fill() {
  for (;;) {
    auto more = queue_output(http_, connection_->stream());
    PADLOCK_CO_TRY(more);
    while (auto event = http_.next_event()) handle(*event);
    if (connection_->stream().queued() == 0) co_return Result<void>{};
    auto flushed = co_await connection_->stream().flush(net::deadline_in(limits::write_time));
    PADLOCK_CO_TRY(flushed);
  }
}

}  // namespace padlock::server
