#include "padlock/certs/redis_connection.h"

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/base/text.h"
#include "padlock/certs/limits.h"
#include "padlock/certs/redis_rules.h"
#include "padlock/client/chain_judge.h"
#include "padlock/net/asio_endpoint.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/connect.h"
#include "padlock/net/plain_stream.h"
#include "padlock/net/resolver.h"
#include "padlock/net/resources.h"
#include "padlock/net/tls_stream.h"

namespace padlock::certs {
namespace {

constexpr std::size_t most_password = 1024;

/// The text of a file without the line feed at its end.
Result<SecretBytes> read_password(const std::filesystem::path& file) {
  const SecretBytes bytes = PADLOCK_TRY(net::read_private_file(file, most_password));
  Bytes text = bytes.reveal();
  if (!text.empty() && text.back() == '\n') text = text.first(text.size() - 1);
  if (text.empty() || std::ranges::find(text, std::uint8_t{'\n'}) != text.end())
    return broken(redis_rules::password_unusable, escaped(file.native()) + " is empty, or has several lines");
  return SecretBytes({text.begin(), text.end()});
}

/// AUTH [USER] PASSWORD, and nothing of it left elsewhere.
SecretBytes greeting_of(const std::string& user, const SecretBytes& password) {
  std::vector<std::string> command{"AUTH"};
  if (!user.empty()) command.push_back(user);
  command.emplace_back(as_text(password.reveal()));
  SecretBytes bytes(write_resp_command(command));
  wipe(std::as_writable_bytes(std::span(command.back())));
  return bytes;
}

}  // namespace

std::string to_string(const RedisSettings& settings) {
  const bool ipv6 = settings.host.find(':') != std::string::npos;
  return std::string(settings.tls ? "rediss" : "redis") + "://" + (ipv6 ? "[" : "") + escaped(settings.host) +
         (ipv6 ? "]" : "") + ":" + std::to_string(settings.port) + "/" + std::to_string(settings.database);
}

/// One connection. What verifies its chain lives as long as its stream.
struct RedisConnection::Open {
  client::FetchOptions options{};
  std::unique_ptr<client::ChainJudge> judge{};
  std::unique_ptr<net::Stream> stream{};
  RespReader replies{{.bytes = max_redis_reply, .elements = max_redis_elements}};
};

// ---- turns ----------------------------------------------------------------------------------------------------------

class RedisConnection::Pass {
 public:
  explicit Pass(std::shared_ptr<Turns> turns) : turns_(std::move(turns)) {}
  Pass(const Pass&) = delete;
  Pass& operator=(const Pass&) = delete;
  /// The next one has it.
  ~Pass() {
    turns_->taken = false;
    if (turns_->waiting.empty()) return;
    turns_->waiting.front()->cancel();
    turns_->waiting.pop_front();
  }

 private:
  std::shared_ptr<Turns> turns_;
};

net::Awaitable<std::shared_ptr<RedisConnection::Pass>> RedisConnection::enter(std::shared_ptr<Turns> turns) {
  while (turns->taken) {
    auto timer = std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor, net::no_deadline);
    turns->waiting.push_back(timer);
    std::error_code woken;
    co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  turns->taken = true;
  co_return std::make_shared<Pass>(std::move(turns));
}

// ---- calls ----------------------------------------------------------------------------------------------------------

Result<RedisConnection> RedisConnection::make(RedisSettings settings, crypto::Provider& provider) {
  RedisConnection made(std::move(settings), provider);
  const RedisSettings& own = made.settings_;
  if (!own.password_file.empty()) made.greeting_ = greeting_of(own.user, PADLOCK_TRY(read_password(own.password_file)));
  if (own.tls) {
    client::TrustOptions trust;
    trust.ca_files = own.ca_files;
    made.trust_ = PADLOCK_TRY(client::load_trust(trust, provider));
  }
  return made;
}

net::Awaitable<Result<RespReply>> RedisConnection::call(std::vector<std::string> command, net::Deadline not_after) {
  const auto pass = co_await enter(turns_);
  if (std::chrono::steady_clock::now() >= not_after)
    co_return broken(redis_rules::away, name() + " is busy with what was asked before");
  co_return co_await call_in_turn(command);
}

net::Awaitable<Result<RespReply>> RedisConnection::call_in_turn(const std::vector<std::string>& command) {
  if (!open_) {
    if (std::chrono::steady_clock::now() < not_before_)
      co_return broken(redis_rules::away, name() + " is away: " + reason_);
    auto opened = co_await connect();
    if (!opened) co_return std::unexpected(note_failure(opened.error()));
    open_ = *std::move(opened);
  }
  const std::shared_ptr<Open> open = open_;
  const std::vector<std::uint8_t> bytes = write_resp_command(command);
  auto reply = co_await ask(*open, bytes, net::deadline_in(settings_.patience));
  if (!reply) {
    open->stream->cancel();
    if (open_ == open) open_.reset();  // a late answer would be taken for the next one
    co_return std::unexpected(note_failure(reply.error()));
  }
  failures_ = 0;
  if (reply->type == RespReply::Type::error)
    co_return broken(redis_rules::refused,
                     name() + " answers " + escaped(command.front()) + " with: " + escaped(reply->text));
  co_return reply;
}

/// The pause grows from 50 ms to two seconds; half of it by chance, so that a fleet does not come back all at once.
Error RedisConnection::note_failure(const Error& why) {
  constexpr std::chrono::milliseconds first{50}, last{2000};
  constexpr unsigned most_doublings = 6;
  const auto pause = std::min(first * (1U << std::min(failures_, most_doublings)), last);
  ++failures_;
  std::array<std::uint8_t, 1> chance{};
  static_cast<void>(provider_->random(chance));  // without it there is less of a spread
  not_before_ = std::chrono::steady_clock::now() + pause / 2 + pause / 2 * chance.front() / 256;
  reason_ = why.what;
  if (why.rule == &redis_rules::refused || why.rule == &redis_rules::malformed_reply ||
      why.rule == &redis_rules::reply_too_large)
    return why;
  return {&redis_rules::away, name() + " is away: " + why.what};
}

net::Awaitable<Result<RespReply>> RedisConnection::ask(Open& open, Bytes command, net::Deadline deadline) {
  const std::array<Bytes, 1> pieces{command};
  auto written = co_await open.stream->write(pieces, deadline);
  PADLOCK_CO_TRY(written);
  for (;;) {
    auto reply = open.replies.next();
    PADLOCK_CO_TRY(reply);
    if (*reply) co_return **std::move(reply);
    const auto bytes = co_await open.stream->read(deadline);
    PADLOCK_CO_TRY(bytes);
    if (bytes->empty()) co_return broken(redis_rules::away, "it has closed the connection");
    auto fed = open.replies.feed(*bytes);
    PADLOCK_CO_TRY(fed);
  }
}

net::Awaitable<Result<std::shared_ptr<RedisConnection::Open>>> RedisConnection::connect() const {
  const net::Deadline deadline = net::deadline_in(std::max(settings_.patience, redis_connect_patience));
  auto addresses = co_await net::resolve(settings_.host, settings_.port, deadline);
  PADLOCK_CO_TRY(addresses);
  auto socket = co_await net::connect(settings_.host, std::move(*addresses), deadline);
  PADLOCK_CO_TRY(socket);
  auto open = std::make_shared<Open>();
  if (settings_.tls) {
    auto& provider = net::Resources::of(co_await asio::this_coro::executor).provider();
    open->options.revocation.fetch = false;
    std::error_code gone;  // a socket that has died already ends the handshake soon
    open->judge = std::make_unique<client::ChainJudge>(trust_, provider, open->options, name(),
                                                       net::from_asio(socket->remote_endpoint(gone)), nullptr);
    auto config = std::make_shared<tls::ClientConfig>();
    config->policy = open->options.policy;
    config->resumption = false;
    auto tls = tls::Connection::client(std::move(config), settings_.host, provider);
    auto stream = std::make_unique<net::TlsStream>(std::move(*socket), std::move(tls), *open->judge);
    const auto shaken = co_await stream->handshake(deadline);
    PADLOCK_CO_TRY(shaken);
    open->stream = std::move(stream);
  } else {
    open->stream = std::make_unique<net::PlainStream>(std::move(*socket), net::Sender::client);
  }
  auto introduced = co_await introduce(*open);
  PADLOCK_CO_TRY(introduced);
  co_return open;
}

/// Who we are, and which database is meant.
net::Awaitable<Result<void>> RedisConnection::introduce(Open& open) const {
  const auto expect_fine = [&](const char* what, const Result<RespReply>& reply) -> Result<void> {
    if (!reply) return std::unexpected(reply.error());
    if (reply->type != RespReply::Type::error) return {};
    return broken(redis_rules::refused, name() + " answers " + what + " with: " + escaped(reply->text));
  };
  if (!greeting_.reveal().empty()) {
    const auto reply = co_await ask(open, greeting_.reveal(), net::deadline_in(redis_connect_patience));
    auto fine = expect_fine("AUTH", reply);
    PADLOCK_CO_TRY(fine);
  }
  if (settings_.database != 0) {
    const std::vector<std::string> command{"SELECT", std::to_string(settings_.database)};
    const auto bytes = write_resp_command(command);
    const auto reply = co_await ask(open, bytes, net::deadline_in(redis_connect_patience));
    auto fine = expect_fine("SELECT", reply);
    PADLOCK_CO_TRY(fine);
  }
  co_return Result<void>();
}

}  // namespace padlock::certs
