#include "padlock/certs/redis_store.h"

#include <algorithm>
#include <array>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/certs/redis_rules.h"
#include "padlock/certs/rules.h"
#include "padlock/net/clock.h"

namespace padlock::certs {
namespace {

// ---- scripts --------------------------------------------------------------------------------------------------------
// Each runs alone and as a whole on the server (Redis, "EVAL"), by one clock: the server's.

/// KEYS: lock. ARGV: life, the longest there is, in milliseconds. Gives {number, end}, or {0, end of the other's}. The
/// number begins at the time, in seconds: even if Redis has lost it, it does not go back. A lease longer than there are
/// was written before the clock was set back.
constexpr std::string_view lock_script = R"(
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local held = tonumber(redis.call('HGET', KEYS[1], 'until') or '0')
if now < held and held <= now + tonumber(ARGV[2]) then return {0, held} end
local fence = math.max(tonumber(redis.call('HGET', KEYS[1], 'fence') or '0') + 1, tonumber(t[1]))
redis.call('HSET', KEYS[1], 'fence', string.format('%.0f', fence), 'until', string.format('%.0f', now + ARGV[1]))
return {fence, now + ARGV[1]}
)";

/// KEYS: lock. ARGV: number, life (0: it ends). Gives {1, end}, or {0, the number that counts}.
constexpr std::string_view renew_script = R"(
local fence = redis.call('HGET', KEYS[1], 'fence') or '0'
if fence ~= ARGV[1] then return {0, tonumber(fence)} end
local t = redis.call('TIME')
local till = 0
if ARGV[2] ~= '0' then till = t[1] * 1000 + math.floor(t[2] / 1000) + tonumber(ARGV[2]) end
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', till))
return {1, till}
)";

/// KEYS: value, index, changes, lock. ARGV: field, version before, version, sealed value, number of the lease or "".
/// Gives {0, 0}; {1, the number that counts}; {2, the version that is there}.
constexpr std::string_view put_script = R"(
if ARGV[5] ~= '' then
  local fence = redis.call('HGET', KEYS[4], 'fence') or '0'
  if fence ~= ARGV[5] then return {1, tonumber(fence)} end
end
local version = redis.call('HGET', KEYS[2], ARGV[1]) or '0'
if version ~= ARGV[2] then return {2, tonumber(version)} end
redis.call('SET', KEYS[1], ARGV[4])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
redis.call('INCR', KEYS[3])
return {0, 0}
)";

/// KEYS: as above. ARGV: field, number of the lease or "". Gives {0, how many there were}; {1, the number that counts}.
constexpr std::string_view remove_script = R"(
if ARGV[2] ~= '' then
  local fence = redis.call('HGET', KEYS[4], 'fence') or '0'
  if fence ~= ARGV[2] then return {1, tonumber(fence)} end
end
local there = redis.call('DEL', KEYS[1])
if redis.call('HDEL', KEYS[2], ARGV[1]) + there > 0 then redis.call('INCR', KEYS[3]) end
return {0, there}
)";

/// KEYS: lock, claim. ARGV: number, life of the claim in seconds. Gives {0, 0}; {1, the number that counts}, also of a
/// lease that has run out; {2, 0}: it is claimed.
constexpr std::string_view claim_script = R"(
local fence = redis.call('HGET', KEYS[1], 'fence') or '0'
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if fence ~= ARGV[1] or now >= tonumber(redis.call('HGET', KEYS[1], 'until') or '0') then return {1, tonumber(fence)} end
if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'EX', ARGV[2]) then return {2, 0} end
return {0, 0}
)";

/// KEYS: epoch, changes, nodes. ARGV: an epoch, in case there is none; node or "", change that it has seen; how many
/// seconds a node counts that is not heard of. Gives {epoch, changes, change that all have seen}.
constexpr std::string_view pulse_script = R"(
redis.call('SET', KEYS[1], ARGV[1], 'NX')
local changes = tonumber(redis.call('GET', KEYS[2]) or '0')
local now = tonumber(redis.call('TIME')[1])
if ARGV[2] ~= '' then redis.call('HSET', KEYS[3], ARGV[2], string.format('%.0f %s', now, ARGV[3])) end
local least = changes
local nodes = redis.call('HGETALL', KEYS[3])
for at = 1, #nodes, 2 do
  local here, seen = string.match(nodes[at + 1], '^(%d+) (%d+)$')
  if not here or tonumber(here) + tonumber(ARGV[4]) < now then
    redis.call('HDEL', KEYS[3], nodes[at])
  else
    least = math.min(least, tonumber(seen))
  end
end
return {redis.call('GET', KEYS[1]), changes, least}
)";

constexpr std::chrono::seconds node_life{5}, claim_life = std::chrono::days(7);
constexpr std::string_view list_page = "256";

std::string text_of(std::chrono::milliseconds time) { return std::to_string(time.count()); }

/// "CA/NAME", as the index has it.
std::string field_of(const StoreKey& key) { return key.ca + "/" + key.name; }

/// Nothing: it is none of ours.
std::optional<StoreKey> key_of(Kind kind, std::string_view field) {
  const std::size_t slash = field.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  StoreKey key{kind, std::string(field.substr(0, slash)), std::string(field.substr(slash + 1))};
  return folder_of(key) ? std::optional(std::move(key)) : std::nullopt;
}

std::unexpected<Error> unexpected_reply(std::string_view to) {
  return broken(redis_rules::malformed_reply, "the reply to " + std::string(to) + " is of another kind");
}

/// What a script gives: two numbers.
Result<std::array<std::int64_t, 2>> pair_of(const RespReply& reply) {
  const bool good = reply.type == RespReply::Type::array && reply.elements.size() == 2 &&
                    std::ranges::all_of(reply.elements, [](const RespReply& one) {
                      return one.type == RespReply::Type::integer && one.integer >= 0;
                    });
  if (!good) return unexpected_reply("a script");
  return std::array{reply.elements[0].integer, reply.elements[1].integer};
}

WallTime wall_time(std::int64_t milliseconds) {
  return WallTime(std::chrono::floor<std::chrono::seconds>(std::chrono::milliseconds(milliseconds)));
}

}  // namespace

Result<RedisStore> RedisStore::open(const RedisSettings& settings, crypto::Provider& provider) {
  auto keys = PADLOCK_TRY(SealKeys::load(settings.seal_key, settings.older_keys));
  auto connection = PADLOCK_TRY(RedisConnection::make(settings, provider));
  return RedisStore(std::move(connection), std::move(keys), settings.prefix, provider);
}

net::Awaitable<Result<RespReply>> RedisStore::run(std::string_view script, std::vector<std::string> keys,
                                                  std::vector<std::string> arguments) {
  std::vector<std::string> command{"EVAL", std::string(script), std::to_string(keys.size())};
  command.reserve(command.size() + keys.size() + arguments.size());
  std::ranges::move(keys, std::back_inserter(command));
  std::ranges::move(arguments, std::back_inserter(command));
  co_return co_await connection_.call(std::move(command));
}

Error RedisStore::lost(const Lease& lease, std::int64_t now) {
  return {&rules::lease_lost, "the lock on " + to_string(lease.key) + " is number " +
                                  (now == 0 ? std::string("none") : std::to_string(now)) + " now, not " +
                                  std::to_string(lease.fence) + ", or has run out"};
}

// ---- values ---------------------------------------------------------------------------------------------------------

net::Awaitable<Result<std::optional<Unsealed>>> RedisStore::get_versioned(const StoreKey& key) {
  const auto good = folder_of(key);
  if (!good) co_return std::unexpected(good.error());
  std::vector<std::string> command{"GET", value_key(key)};
  const auto reply = co_await connection_.call(std::move(command));
  PADLOCK_CO_TRY(reply);
  if (reply->type == RespReply::Type::nil) co_return std::optional<Unsealed>();
  if (reply->type != RespReply::Type::text) co_return unexpected_reply("GET");
  co_return keys_.open(key, as_bytes(reply->text), *provider_);
}

net::Awaitable<Result<std::optional<SecretBytes>>> RedisStore::get(const StoreKey& key) {
  auto found = co_await get_versioned(key);
  PADLOCK_CO_TRY(found);
  if (!*found) co_return std::optional<SecretBytes>();
  co_return std::optional<SecretBytes>(std::move((*found)->value));
}

net::Awaitable<Result<std::uint64_t>> RedisStore::version_of(const StoreKey& key) {
  std::vector<std::string> command{"HGET", index_key(key.kind), field_of(key)};
  const auto reply = co_await connection_.call(std::move(command));
  PADLOCK_CO_TRY(reply);
  if (reply->type == RespReply::Type::nil) co_return std::uint64_t{0};
  if (reply->type != RespReply::Type::text) co_return unexpected_reply("HGET");
  const auto version = parse_decimal(reply->text);
  if (!version) co_return unexpected_reply("HGET");
  co_return *version;
}

/// The version is part of what is sealed, so it is chosen here and compared there. It begins at the time, in
/// microseconds, so that it does not go back if Redis has lost it.
net::Awaitable<Result<std::uint64_t>> RedisStore::put_versioned(const StoreKey& key, Bytes value, const Lease* held) {
  const auto good = folder_of(key);
  if (!good) co_return std::unexpected(good.error());
  if (value.size() > max_value_bytes)
    co_return broken(rules::value_too_large, to_string(key) + ": " + std::to_string(value.size()) + " bytes");
  for (int tries = 0; tries < redis_write_tries; ++tries) {
    const auto before = co_await version_of(key);
    PADLOCK_CO_TRY(before);
    const auto now =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch());
    const std::uint64_t version =
        std::max(*before + 1, static_cast<std::uint64_t>(std::max<std::int64_t>(0, now.count())));
    const auto sealed = keys_.seal(key, version, value, *provider_);
    PADLOCK_CO_TRY(sealed);
    std::vector<std::string> names{value_key(key), index_key(key.kind), changes_key(),
                                   lock_key(held != nullptr ? held->key : key)};
    std::vector<std::string> arguments{field_of(key), std::to_string(*before), std::to_string(version),
                                       std::string(as_text(*sealed)),
                                       held != nullptr ? std::to_string(held->fence) : ""};
    const auto reply = co_await run(put_script, std::move(names), std::move(arguments));
    PADLOCK_CO_TRY(reply);
    const auto outcome = pair_of(*reply);
    PADLOCK_CO_TRY(outcome);
    if ((*outcome)[0] == 0) co_return version;
    if ((*outcome)[0] == 1 && held != nullptr) co_return std::unexpected(lost(*held, (*outcome)[1]));
  }
  co_return broken(redis_rules::changed_meanwhile, to_string(key) + " was not written");
}

net::Awaitable<Result<void>> RedisStore::put(const StoreKey& key, Bytes value, const Lease* held) {
  const auto version = co_await put_versioned(key, value, held);
  PADLOCK_CO_TRY(version);
  co_return Result<void>();
}

net::Awaitable<Result<bool>> RedisStore::remove(const StoreKey& key, const Lease* held) {
  const auto good = folder_of(key);
  if (!good) co_return std::unexpected(good.error());
  std::vector<std::string> names{value_key(key), index_key(key.kind), changes_key(),
                                 lock_key(held != nullptr ? held->key : key)};
  std::vector<std::string> arguments{field_of(key), held != nullptr ? std::to_string(held->fence) : ""};
  const auto reply = co_await run(remove_script, std::move(names), std::move(arguments));
  PADLOCK_CO_TRY(reply);
  const auto outcome = pair_of(*reply);
  PADLOCK_CO_TRY(outcome);
  if ((*outcome)[0] == 1 && held != nullptr) co_return std::unexpected(lost(*held, (*outcome)[1]));
  co_return (*outcome)[1] > 0;
}

/// In pages: a list of a hundred thousand is no one reply.
net::Awaitable<Result<std::vector<RedisStore::Entry>>> RedisStore::versions(Kind kind) {
  std::vector<Entry> all;
  std::string cursor = "0";
  do {
    std::vector<std::string> command{"HSCAN", index_key(kind), cursor, "COUNT", std::string(list_page)};
    const auto reply = co_await connection_.call(std::move(command));
    PADLOCK_CO_TRY(reply);
    const bool good = reply->type == RespReply::Type::array && reply->elements.size() == 2 &&
                      reply->elements[0].type == RespReply::Type::text &&
                      reply->elements[1].type == RespReply::Type::array;
    if (!good) co_return unexpected_reply("HSCAN");
    cursor = reply->elements[0].text;
    const auto& page = reply->elements[1].elements;
    for (std::size_t at = 0; at + 1 < page.size() && all.size() < max_listed; at += 2) {
      auto key = key_of(kind, page[at].text);
      const auto version = parse_decimal(page[at + 1].text);
      if (key && version) all.push_back({*std::move(key), *version});
    }
  } while (cursor != "0" && all.size() < max_listed);
  // A page may come twice while the hash grows (Redis, "SCAN").
  const auto by_name = [](const Entry& one) { return std::pair(one.key.ca, one.key.name); };
  std::ranges::sort(all, {}, by_name);
  const auto doubled = std::ranges::unique(all, {}, by_name);
  all.erase(doubled.begin(), doubled.end());
  co_return all;
}

net::Awaitable<Result<std::vector<StoreKey>>> RedisStore::list(Kind kind) {
  auto entries = co_await versions(kind);
  PADLOCK_CO_TRY(entries);
  std::vector<StoreKey> keys;
  keys.reserve(entries->size());
  for (Entry& one : *entries) keys.push_back(std::move(one.key));
  co_return keys;
}

// ---- locks ----------------------------------------------------------------------------------------------------------

net::Awaitable<Result<Lease>> RedisStore::lock(const StoreKey& key, std::chrono::seconds life) {
  const auto good = folder_of(key);
  if (!good) co_return std::unexpected(good.error());
  std::vector<std::string> names{lock_key(key)};
  std::vector<std::string> arguments{text_of(std::min(life, max_lease_life)), text_of(max_lease_life)};
  const auto reply = co_await run(lock_script, std::move(names), std::move(arguments));
  PADLOCK_CO_TRY(reply);
  const auto outcome = pair_of(*reply);
  PADLOCK_CO_TRY(outcome);
  const WallTime until = wall_time((*outcome)[1]);
  if ((*outcome)[0] == 0)
    co_return broken(rules::lock_held, to_string(key) + " is locked until " + padlock::to_string(until));
  co_return Lease{key, static_cast<std::uint64_t>((*outcome)[0]), until};
}

net::Awaitable<Result<void>> RedisStore::renew(Lease& lease, std::chrono::seconds life) {
  std::vector<std::string> names{lock_key(lease.key)};
  std::vector<std::string> arguments{std::to_string(lease.fence), text_of(std::min(life, max_lease_life))};
  const auto reply = co_await run(renew_script, std::move(names), std::move(arguments));
  PADLOCK_CO_TRY(reply);
  const auto outcome = pair_of(*reply);
  PADLOCK_CO_TRY(outcome);
  if ((*outcome)[0] == 0) co_return std::unexpected(lost(lease, (*outcome)[1]));
  lease.until = wall_time((*outcome)[1]);
  co_return Result<void>();
}

net::Awaitable<Result<void>> RedisStore::unlock(const Lease& lease) {
  std::vector<std::string> names{lock_key(lease.key)};
  std::vector<std::string> arguments{std::to_string(lease.fence), "0"};
  const auto reply = co_await run(renew_script, std::move(names), std::move(arguments));
  PADLOCK_CO_TRY(reply);
  co_return Result<void>();  // one that was lost already is no error
}

net::Awaitable<Result<void>> RedisStore::claim(const Lease& lease, std::string_view what) {
  std::vector<std::string> names{lock_key(lease.key), prefix_ + ":once:" + std::string(what)};
  std::vector<std::string> arguments{std::to_string(lease.fence), std::to_string(claim_life.count())};
  const auto reply = co_await run(claim_script, std::move(names), std::move(arguments));
  PADLOCK_CO_TRY(reply);
  const auto outcome = pair_of(*reply);
  PADLOCK_CO_TRY(outcome);
  if ((*outcome)[0] == 1) co_return std::unexpected(lost(lease, (*outcome)[1]));
  if ((*outcome)[0] == 2) co_return broken(redis_rules::already_claimed, escaped(what) + " is done already");
  co_return Result<void>();
}

// ---- the fleet ------------------------------------------------------------------------------------------------------

net::Awaitable<Result<RedisStore::Pulse>> RedisStore::pulse(std::string_view node, std::uint64_t seen) {
  std::array<std::uint8_t, 8> epoch{};
  const auto drawn = provider_->random(epoch);
  PADLOCK_CO_TRY(drawn);
  std::vector<std::string> names{prefix_ + ":epoch", changes_key(), prefix_ + ":nodes"};
  std::vector<std::string> arguments{to_hex(epoch), std::string(node), std::to_string(seen),
                                     std::to_string(node_life.count())};
  const auto reply = co_await run(pulse_script, std::move(names), std::move(arguments));
  PADLOCK_CO_TRY(reply);
  using Type = RespReply::Type;
  const auto& parts = reply->elements;
  const bool good = reply->type == Type::array && parts.size() == 3 && parts[0].type == Type::text &&
                    parts[1].type == Type::integer && parts[2].type == Type::integer;
  if (!good) co_return unexpected_reply("a script");
  co_return Pulse{parts[0].text, static_cast<std::uint64_t>(parts[1].integer),
                  static_cast<std::uint64_t>(parts[2].integer)};
}

}  // namespace padlock::certs
