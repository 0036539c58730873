#include "padlock/certs/shared_marks.h"

#include <exception>
#include <string_view>
#include <system_error>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/base/text.h"
#include "padlock/crypto/hash.h"
#include "padlock/net/clock.h"

namespace padlock::certs {
namespace {

/// KEYS: mark, since. ARGV: life of a mark, the node's time, how far clocks may lie apart, all in milliseconds. Gives
/// 0: it is the first; 1: it is not; 2: Redis has not seen enough yet; 3: the clocks lie apart; 4: it may evict marks.
/// A run of Redis is told from another one by its run_id, so that one that has lost the last second begins anew.
constexpr std::string_view mark_script = R"(
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if math.abs(now - tonumber(ARGV[2])) > tonumber(ARGV[3]) then return 3 end
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local known, since = string.match(redis.call('GET', KEYS[2]) or '', '^(%w+) (%d+)$')
if known ~= run then
  local memory = redis.call('INFO', 'memory')
  local keeps = string.find(memory, 'maxmemory_policy:noeviction', 1, true)
  if not keeps and not string.find(memory, 'maxmemory:0\r\n', 1, true) then return 4 end
  redis.call('SET', KEYS[2], string.format('%s %.0f', run, now))
  return 2
end
if now - tonumber(since) < tonumber(ARGV[1]) then return 2 end
if redis.call('SET', KEYS[1], '', 'NX', 'PX', ARGV[1]) then return 0 end
return 1
)";

std::string text_in_milliseconds(std::chrono::nanoseconds time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

}  // namespace

Result<std::vector<std::shared_ptr<SharedMarks>>> SharedMarks::open(const RedisSettings& settings,
                                                                    std::size_t workers) {
  std::vector<std::shared_ptr<SharedMarks>> all;
  all.reserve(workers);
  for (std::size_t at = 0; at < workers; ++at) {
    auto provider = crypto::make_provider();
    auto connection = PADLOCK_TRY(RedisConnection::make(settings, *provider));
    std::shared_ptr<SharedMarks> marks(  // the constructor is private
        new SharedMarks(std::move(provider), std::move(connection), settings.prefix));
    all.push_back(std::move(marks));
  }
  return all;
}

/// The question goes on where the handshake does not: what is under way on a connection cannot be taken back.
net::Awaitable<bool> SharedMarks::use(std::vector<std::uint8_t> ticket, std::chrono::nanoseconds patience) {
  if (waiting_ == most_waiting_marks) co_return false;
  const auto executor = co_await asio::this_coro::executor;
  const auto asked = std::make_shared<Asked>(executor, net::deadline_in(patience));
  const auto self = shared_from_this();
  ++waiting_;
  // Where memory is refused, nobody is told, and the time runs out.
  asio::co_spawn(executor, ask(self, std::move(ticket), asked),
                 [self](const std::exception_ptr&) { --self->waiting_; });
  std::error_code woken;
  co_await asked->timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  co_return asked->first;
}

net::Awaitable<void> SharedMarks::ask(std::shared_ptr<SharedMarks> self, std::vector<std::uint8_t> ticket,
                                      std::shared_ptr<Asked> asked) {
  const auto name = crypto::hash_of(crypto::HashAlgorithm::sha256, ticket);
  std::vector<std::string> command{"EVAL",
                                   std::string(mark_script),
                                   "2",
                                   self->prefix_ + ":early/" + to_hex(name),
                                   self->prefix_ + ":early:since",
                                   text_in_milliseconds(mark_life),
                                   text_in_milliseconds(std::chrono::system_clock::now().time_since_epoch()),
                                   text_in_milliseconds(clock_skew)};
  const auto reply = co_await self->connection_.call(std::move(command), asked->deadline);
  const bool first = reply && reply->type == RespReply::Type::integer && reply->integer == 0;
  asked->first = first && std::chrono::steady_clock::now() < asked->deadline;
  asked->timer.cancel();
}

}  // namespace padlock::certs
