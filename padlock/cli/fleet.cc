#include "padlock/cli/fleet.h"

#include <algorithm>
#include <array>
#include <set>
#include <system_error>
#include <utility>

#include "padlock/base/take_until.h"
#include "padlock/base/text.h"
#include "padlock/certs/certificate_entry.h"
#include "padlock/certs/redis_rules.h"
#include "padlock/certs/rules.h"
#include "padlock/cli/command.h"
#include "padlock/cli/rules.h"
#include "padlock/crypto/hash.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/clock.h"
#include "padlock/net/rules.h"
#include "padlock/server/config/read_config.h"
#include "padlock/server/limits.h"

namespace padlock::cli {
namespace {

constexpr std::string_view agreed_magic = "padlock-fleet 1 ";
certs::StoreKey key_of_tickets() { return {certs::Kind::ticket, "fleet", "root"}; }
constexpr std::size_t most_agreed = std::size_t{16} * 1024 * 1024;

std::string digest_of(std::string_view text) {
  return to_hex(crypto::hash_of(crypto::HashAlgorithm::sha256, as_bytes(text)));
}

}  // namespace

// ---- what to do, as a calculation -----------------------------------------------------------------------------------

std::string write_agreed(const AgreedServices& agreed) {
  std::string text = std::string(agreed_magic) + agreed.epoch + "\n";
  for (const auto& [name, one] : agreed.services)
    text += name + " " + std::to_string(one.version) + " " + one.digest + "\n";
  return text;
}

std::optional<AgreedServices> parse_agreed(std::string_view text) {
  AgreedServices agreed;
  if (!text.starts_with(agreed_magic) || !text.ends_with('\n')) return std::nullopt;
  text.remove_prefix(agreed_magic.size());
  agreed.epoch = take_until(text, '\n');
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    const std::string name(take_until(line, ' '));
    const auto version = parse_decimal(take_until(line, ' '));
    if (name.empty() || !version) return std::nullopt;
    agreed.services[name] = {*version, std::string(line)};
  }
  return agreed;
}

ServiceSteps plan_services(const AgreedServices& agreed, const std::map<std::string, std::string>& here,
                           const std::map<std::string, std::uint64_t>& there) {
  ServiceSteps steps;
  for (const auto& [name, version] : there) {
    const auto known = agreed.services.find(name);
    const auto own = here.find(name);
    if (known == agreed.services.end() || known->second.version != version) {
      steps.fetch.push_back(name);
    } else if (own == here.end()) {
      if (!known->second.digest.empty()) steps.retract.push_back(name);
    } else if (own->second != known->second.digest) {
      steps.publish.push_back(name);
    }
  }
  for (const auto& [name, digest] : here) {
    if (there.contains(name)) continue;
    const auto known = agreed.services.find(name);
    const bool unchanged = known != agreed.services.end() && known->second.digest == digest;
    (unchanged ? steps.drop : steps.publish).push_back(name);
  }
  return steps;
}

// ---- looking --------------------------------------------------------------------------------------------------------

Fleet::Fleet(certs::RedisStore store, const std::filesystem::path& state, crypto::Provider& provider)
    : store_(std::move(store)), folder_(state), agreed_file_(state / "fleet"), provider_(&provider) {
  std::array<std::uint8_t, 8> node{};
  static_cast<void>(provider.random(node));  // without randomness there is no handshake either
  node_ = to_hex(node);
  const auto text = net::read_private_file(agreed_file_, most_agreed);
  auto agreed = text ? parse_agreed(as_text(text->reveal())) : std::nullopt;
  if (agreed) agreed_ = *std::move(agreed);  // without it all services count as new
}

Result<std::unique_ptr<Fleet>> Fleet::open(const certs::RedisSettings& settings, const std::filesystem::path& state,
                                           crypto::Provider& provider) {
  auto store = PADLOCK_TRY(certs::RedisStore::open(settings, provider));
  return std::unique_ptr<Fleet>(new Fleet(std::move(store), state, provider));  // the constructor is private
}

void Fleet::show_challenges(std::shared_ptr<certs::ChallengeBoard> board) {
  if (board_ == board) return;
  challenges_.reset();
  board_ = std::move(board);
  if (board_) challenges_.emplace(store_, *board_);
}

net::Awaitable<bool> Fleet::look() {
  const auto pulse = co_await store_.pulse(node_, changes_);
  if (!pulse) {
    trouble_ = pulse.error();
    co_return false;
  }
  const bool all_was_lost = pulse->epoch != epoch_;
  if (!all_was_lost && pulse->changes == changes_ && !services_changed_ && !tickets_are_due()) {
    trouble_.reset();
    co_return false;
  }
  if (all_was_lost) seen_.clear();
  services_changed_ = false;
  auto done = co_await take_in(all_was_lost);
  if (done) done = co_await look_at_tickets();
  if (done) done = co_await look_at_services(pulse->epoch);
  if (!done) {
    trouble_ = done.error();
    services_changed_ = true;
    co_return true;
  }
  trouble_.reset();
  epoch_ = pulse->epoch;
  changes_ = pulse->changes;
  const auto told = co_await store_.pulse(node_, changes_);
  static_cast<void>(told);  // the next look says it too
  co_return true;
}

/// Challenges come first: somebody waits for them.
net::Awaitable<Result<void>> Fleet::take_in(bool all_was_lost) {
  if (challenges_) {
    auto looked = co_await challenges_->look();
    PADLOCK_CO_TRY(looked);
  }
  for (const certs::Kind kind : {certs::Kind::certificate, certs::Kind::account, certs::Kind::order}) {
    auto looked = co_await look_at(kind, all_was_lost);
    PADLOCK_CO_TRY(looked);
  }
  co_return Result<void>();
}

net::Awaitable<Result<void>> Fleet::look_at(certs::Kind kind, bool all_was_lost) {
  const auto entries = co_await store_.versions(kind);
  PADLOCK_CO_TRY(entries);
  std::set<std::string> there;
  for (const certs::RedisStore::Entry& entry : *entries) {
    there.insert(to_string(entry.key));
    const auto seen = seen_.find(to_string(entry.key));
    if (seen != seen_.end() && seen->second == entry.version) continue;
    auto taken = co_await take(entry);
    PADLOCK_CO_TRY(taken);
    seen_[to_string(entry.key)] = entry.version;
  }
  if (!all_was_lost) co_return Result<void>();
  const auto here = folder_.list(kind);
  PADLOCK_CO_TRY(here);
  for (const certs::StoreKey& key : *here) {
    if (there.contains(to_string(key))) continue;
    auto published = co_await publish(key);
    PADLOCK_CO_TRY(published);
  }
  co_return Result<void>();
}

/// What cannot be opened is no value: whoever wrote it may have another key, or it was altered.
net::Awaitable<Result<void>> Fleet::take(const certs::RedisStore::Entry& entry) {
  const std::string name = to_string(entry.key);
  const auto theirs = co_await store_.get_versioned(entry.key);
  PADLOCK_CO_TRY(theirs);
  const bool unreadable = !*theirs || (entry.key.kind == certs::Kind::certificate &&
                                       !certs::parse_entry((*theirs)->value.reveal(), *provider_));
  if (unreadable) {
    complaints_.insert_or_assign(name, Error{&rules::fleet_value_unreadable, escaped(name) + " in the store is none"});
    co_return Result<void>();
  }
  complaints_.erase(name);
  const auto ours = folder_.get(entry.key);
  PADLOCK_CO_TRY(ours);
  const Bytes there = (*theirs)->value.reveal();
  if (*ours && equal_constant_time((*ours)->reveal(), there)) co_return Result<void>();
  if (*ours && is_older(entry.key, (*ours)->reveal(), there)) co_return co_await publish(entry.key);
  const auto put = folder_.put(entry.key, there);
  PADLOCK_CO_TRY(put);
  if (server_.reread) server_.reread(entry.key);
  co_return Result<void>();
}

/// Whether the store's certificate is older than this node's, which it has had while the store was away.
bool Fleet::is_older(const certs::StoreKey& key, Bytes here, Bytes there) const {
  if (key.kind != certs::Kind::certificate) return false;
  const auto ours = certs::parse_entry(here, *provider_), theirs = certs::parse_entry(there, *provider_);
  if (!ours || !theirs || ours->issuer != theirs->issuer) return false;
  const auto our_leaf = certs::leaf_of(*ours), their_leaf = certs::leaf_of(*theirs);
  return our_leaf && their_leaf && (*their_leaf)->not_after < (*our_leaf)->not_after;
}

net::Awaitable<Result<void>> Fleet::publish(const certs::StoreKey& key) {
  const auto ours = folder_.get(key);
  PADLOCK_CO_TRY(ours);
  if (!*ours) co_return Result<void>();
  const auto put = co_await store_.put_versioned(key, (*ours)->reveal(), nullptr);
  PADLOCK_CO_TRY(put);
  seen_[to_string(key)] = *put;
  co_return Result<void>();
}

// ---- tickets --------------------------------------------------------------------------------------------------------

bool Fleet::tickets_are_due() const {
  return !tickets_ || tls::advanced_to(tickets_->duplicate(), net::now().wall).period != tickets_->period;
}

void Fleet::use_kept_tickets() {
  const auto kept = folder_.get(key_of_tickets());
  auto root = kept && *kept ? tls::parse_ticket_root((*kept)->reveal()) : std::nullopt;
  if (!root) return;
  tickets_ = tls::advanced_to(*std::move(root), net::now().wall);
  if (server_.use_tickets) server_.use_tickets(*tickets_);
}

/// One node takes the root forward, so that what is stored opens no ticket of long ago; the others go with the time and
/// come to the same.
net::Awaitable<Result<void>> Fleet::look_at_tickets() {
  const certs::StoreKey key = key_of_tickets();
  const auto theirs = co_await store_.get(key);
  PADLOCK_CO_TRY(theirs);
  auto root = *theirs ? tls::parse_ticket_root((*theirs)->reveal()) : std::nullopt;
  const bool due = !root || tls::advanced_to(root->duplicate(), net::now().wall).period != root->period;
  if (!due) co_return take_tickets(*std::move(root));
  const auto lease = co_await store_.lock(key, certs::lease_life);
  if (!lease && lease.error().rule == &certs::rules::lock_held) co_return Result<void>();  // looked at again soon
  PADLOCK_CO_TRY(lease);
  auto renewed = co_await renew_tickets(*lease);
  const auto unlocked = co_await store_.unlock(*lease);
  static_cast<void>(unlocked);  // it ends by itself
  PADLOCK_CO_TRY(renewed);
  co_return take_tickets(*std::move(renewed));
}

/// Where the store has lost it, what this node has goes on.
net::Awaitable<Result<tls::TicketRoot>> Fleet::renew_tickets(const certs::Lease& lease) {
  const certs::StoreKey key = key_of_tickets();
  const auto theirs = co_await store_.get(key);
  PADLOCK_CO_TRY(theirs);
  auto root = *theirs ? tls::parse_ticket_root((*theirs)->reveal()) : std::nullopt;
  if (!root && tickets_) root = tickets_->duplicate();
  if (!root) {
    auto made = tls::make_ticket_root(*provider_, net::now().wall);
    PADLOCK_CO_TRY(made);
    root = *std::move(made);
  }
  tls::TicketRoot next = tls::advanced_to(*std::move(root), net::now().wall);
  const SecretBytes bytes = tls::write_ticket_root(next);
  const auto put = co_await store_.put(key, bytes.reveal(), &lease);
  PADLOCK_CO_TRY(put);
  co_return next;
}

Result<void> Fleet::take_tickets(tls::TicketRoot root) {
  const bool other_family = !tickets_ || tickets_->family != root.family;
  if (!other_family && tickets_->period == root.period) return {};
  PADLOCK_TRY(folder_.put(key_of_tickets(), tls::write_ticket_root(root).reveal()));
  if (other_family && server_.use_tickets) server_.use_tickets(root);  // its workers go forward by themselves
  tickets_ = std::move(root);
  return {};
}

std::vector<Error> Fleet::complaints() const {
  std::vector<Error> all;
  all.reserve(complaints_.size());
  for (const auto& [name, error] : complaints_) all.push_back(error);
  return all;
}

// ---- services -------------------------------------------------------------------------------------------------------

Result<std::map<std::string, std::string>> Fleet::services_here() const {
  server::ConfigProblems problems;
  std::map<std::string, std::string> texts;
  for (const server::ConfigText& one : server::read_services(server_.services, problems)) {
    std::string name = one.file.stem().native();
    // A file that is named after none is left out where it is served, too.
    if (server::parse_service_name(name, server_.domain) == name) texts[std::move(name)] = one.text;
  }
  if (!problems.empty()) return broken(net::rules::file_unreadable, server::to_string(problems.front()));
  return texts;
}

/// Where all was lost since, nothing counts as agreed on: what nodes have comes together again.
net::Awaitable<Result<void>> Fleet::look_at_services(const std::string& epoch) {
  if (server_.domain.empty()) co_return Result<void>();
  const AgreedServices before = agreed_;
  if (agreed_.epoch != epoch) agreed_ = {epoch, {}};
  const auto entries = co_await store_.versions(certs::Kind::service);
  PADLOCK_CO_TRY(entries);
  const auto texts = services_here();
  PADLOCK_CO_TRY(texts);
  std::map<std::string, std::string> here;
  for (const auto& [name, text] : *texts) here[name] = digest_of(text);
  std::map<std::string, std::uint64_t> there;
  for (const certs::RedisStore::Entry& one : *entries) {
    if (one.key.ca == server_.domain) there[one.key.name] = one.version;
  }
  const ServiceSteps steps = plan_services(agreed_, here, there);
  std::erase_if(agreed_.services,
                [&](const auto& one) { return !there.contains(one.first) && !here.contains(one.first); });
  for (const std::string& name : steps.publish) {
    auto done = co_await publish_service(name, texts->at(name));
    PADLOCK_CO_TRY(done);
  }
  for (const std::string& name : steps.retract) {
    const certs::StoreKey key = key_of_service(name);
    const auto removed = co_await store_.remove(key, nullptr);
    PADLOCK_CO_TRY(removed);
    agreed_.services.erase(name);
  }
  auto fetched = co_await fetch_services(steps);
  PADLOCK_CO_TRY(fetched);
  if (agreed_ != before) keep_agreed();
  co_return Result<void>();
}

net::Awaitable<Result<void>> Fleet::publish_service(const std::string& name, const std::string& text) {
  const certs::StoreKey key = key_of_service(name);
  const auto version = co_await store_.put_versioned(key, as_bytes(text), nullptr);
  PADLOCK_CO_TRY(version);
  agreed_.services[name] = {*version, digest_of(text)};
  co_return Result<void>();
}

net::Awaitable<Result<void>> Fleet::fetch_services(const ServiceSteps& steps) {
  std::map<std::string, std::optional<std::string>> files;
  const auto texts = services_here();
  PADLOCK_CO_TRY(texts);
  for (const std::string& name : steps.fetch) {
    const certs::StoreKey key = key_of_service(name);
    const auto value = co_await store_.get_versioned(key);
    PADLOCK_CO_TRY(value);
    if (!*value) {
      complaints_.insert_or_assign(
          to_string(key), Error{&rules::fleet_value_unreadable, escaped(to_string(key)) + " in the store is none"});
      continue;
    }
    const std::string text(as_text((*value)->value.reveal()));
    const auto own = texts->find(name);
    const auto known = agreed_.services.find(name);
    // Another node has put there once more what was removed here.
    if (own == texts->end() && known != agreed_.services.end() && known->second.digest == digest_of(text)) {
      const auto removed = co_await store_.remove(key, nullptr);
      PADLOCK_CO_TRY(removed);
      agreed_.services.erase(name);
      continue;
    }
    agreed_.services[name] = {(*value)->version, digest_of(text)};
    if (own == texts->end() || own->second != text) files[name] = text;
  }
  for (const std::string& name : steps.drop) {
    agreed_.services.erase(name);
    files[name] = std::nullopt;
  }
  if (!files.empty()) co_await serve_services(std::move(files));
  co_return Result<void>();
}

/// All at once; if that cannot be, one after the other, so that one which this node cannot serve hinders none.
net::Awaitable<void> Fleet::serve_services(std::map<std::string, std::optional<std::string>> files) {
  if (!server_.serve) co_return;
  const auto all = co_await server_.serve(files);
  for (const auto& [name, text] : files) {
    const std::string key = to_string(key_of_service(name));
    complaints_.erase(key);
    if (all) continue;
    std::map<std::string, std::optional<std::string>> one;
    one.emplace(name, text);
    const auto done = co_await server_.serve(std::move(one));
    if (done) continue;
    complaints_.insert_or_assign(key, Error{&rules::fleet_service_refused,
                                            "this node cannot serve " + escaped(name) + ": " + done.error().what});
    if (text) agreed_.services[name].digest.clear();
  }
}

void Fleet::keep_agreed() {
  const auto written =
      net::write_file_atomically(agreed_file_, as_bytes(write_agreed(agreed_)), net::private_file_mode);
  if (!written) print_error(written.error());
}

}  // namespace padlock::cli
