#include "padlock/certs/dns_update.h"

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/base/text.h"
#include "padlock/certs/limits.h"
#include "padlock/certs/rules.h"
#include "padlock/dns/message.h"
#include "padlock/dns/update.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/clock.h"
#include "padlock/net/name_server.h"
#include "padlock/net/resolver.h"

namespace padlock::certs {
namespace {

/// For one question or update.
constexpr std::chrono::seconds server_patience{10};
/// Between two looks whether the zone's servers show a record.
constexpr std::chrono::seconds look_again{1};
/// As long as a CA may need to see it; whoever asks later shall not see an old one.
constexpr std::uint32_t record_ttl = 60;
/// Of `_acme-challenge`: an alias that leads to another one to a third is more than anybody has.
constexpr int most_aliases = 8;

Result<dns::TsigKey> read_key(const std::string& file) {
  const SecretBytes text = PADLOCK_TRY(net::read_private_file(file, max_value_bytes));
  auto key = dns::parse_tsig_key(as_text(text.reveal()));
  if (!key) return broken(*key.error().rule, escaped(file) + ": " + key.error().what);
  return key;
}

net::Awaitable<Result<net::Endpoint>> address_of(std::string server) {
  const auto named = net::parse_host_and_port(server, net::dns_port);
  if (!named) co_return broken(rules::dns_zone_unknown, escaped(server) + " is no name server");
  auto found = co_await net::resolve(named->host, named->port, net::deadline_in(server_patience));
  PADLOCK_CO_TRY(found);
  co_return found->front();
}

bool shows(const Result<dns::Message>& answer, const dns::Name& name, std::string_view value) {
  if (!answer) return false;
  return std::ranges::any_of(answer->find(name, dns::Type::TXT), [&](const dns::Record* record) {
    const auto text = dns::parse_txt(record->data);
    return text && *text == value;
  });
}

}  // namespace

net::Awaitable<Result<dns::Message>> DnsUpdateAnswers::ask(net::Endpoint server, dns::Name name, dns::Type type,
                                                           bool recursion) {
  dns::Question question{std::move(name), type};
  auto answer = co_await net::ask_name_server(server, std::move(question), recursion, *provider_,
                                              net::deadline_in(server_patience));
  co_return answer;
}

// ---- where a record goes --------------------------------------------------------------------------------------------

/// The primary knows of aliases in its zones; of others whom this machine asks.
net::Awaitable<Result<std::optional<dns::Name>>> DnsUpdateAnswers::alias_of(net::Endpoint server, dns::Name name) {
  std::vector<net::Endpoint> asked{server};
  std::ranges::copy(net::system_name_servers(), std::back_inserter(asked));
  bool recursion = false;
  for (const net::Endpoint& one : asked) {
    const auto answer = co_await ask(one, name, dns::Type::CNAME, recursion);
    if (!answer && !recursion) co_return std::unexpected(answer.error());
    const bool knows = answer && (recursion || answer->authoritative) &&
                       (answer->code == dns::ResponseCode::NoError || answer->code == dns::ResponseCode::NXDomain);
    recursion = true;
    if (!knows) continue;
    const auto found = answer->find(name, dns::Type::CNAME);
    co_return found.empty() ? std::nullopt : std::optional(found.front()->target);
  }
  co_return std::nullopt;
}

net::Awaitable<Result<dns::Name>> DnsUpdateAnswers::end_of_aliases(net::Endpoint server, dns::Name name) {
  for (int count = 0; count < most_aliases; ++count) {
    auto alias = co_await alias_of(server, name);
    PADLOCK_CO_TRY(alias);
    if (!*alias) co_return name;
    name = **std::move(alias);
  }
  co_return broken(rules::dns_zone_unknown, "the aliases of " + name.to_string() + " do not end");
}

/// The SOA record beside an answer is that of the zone (RFC 2308, section 2.1 and 2.2).
net::Awaitable<Result<dns::Name>> DnsUpdateAnswers::find_zone(net::Endpoint server, dns::Name name) {
  if (!settings_.zone.empty()) {
    auto zone = dns::Name::parse(settings_.zone);
    if (zone && !name.is_at_or_below(*zone))
      co_return broken(rules::dns_zone_unknown, name.to_string() + " does not lie in the zone " + zone->to_string());
    co_return zone;
  }
  const auto answer = co_await ask(server, name, dns::Type::SOA, false);
  PADLOCK_CO_TRY(answer);
  for (const auto* const section : {&answer->answers, &answer->authorities}) {
    for (const dns::Record& one : *section) {
      if (answer->authoritative && one.type == dns::Type::SOA && name.is_at_or_below(one.name)) co_return one.name;
    }
  }
  co_return broken(rules::dns_zone_unknown, "the name server " + net::to_string(server) + " answers " +
                                                dns::name_of(answer->code) + " to a question for the zone of " +
                                                name.to_string());
}

net::Awaitable<Result<DnsUpdateAnswers::Place>> DnsUpdateAnswers::find_place(dns::Name name) {
  const auto server = co_await address_of(settings_.server);
  PADLOCK_CO_TRY(server);
  auto end = co_await end_of_aliases(*server, std::move(name));
  PADLOCK_CO_TRY(end);
  auto zone = co_await find_zone(*server, *end);
  PADLOCK_CO_TRY(zone);
  co_return Place{*server, *std::move(zone), *std::move(end)};
}

// ---- records --------------------------------------------------------------------------------------------------------

net::Awaitable<Result<void>> DnsUpdateAnswers::update(const Added& record, bool addition) {
  const auto key = read_key(settings_.key_file);
  PADLOCK_CO_TRY(key);
  std::array<std::uint8_t, 2> number{};
  if (const auto drawn = provider_->random(number); !drawn) co_return std::unexpected(drawn.error());
  const auto id = static_cast<std::uint16_t>(number[0] << 8 | number[1]);
  const Place& place = record.place;
  auto message = addition ? dns::write_txt_addition(id, place.zone, place.name, record.value, record_ttl)
                          : dns::write_txt_removal(id, place.zone, place.name, record.value);
  const auto mac = dns::sign(message, *key, net::now().wall);
  const auto bytes = co_await net::exchange_by_tcp(place.server, std::move(message), net::deadline_in(server_patience));
  PADLOCK_CO_TRY(bytes);
  const auto verified = dns::verify_answer(*bytes, *key, mac, net::now().wall);
  PADLOCK_CO_TRY(verified);
  const auto answer = dns::parse_message(*bytes);
  PADLOCK_CO_TRY(answer);
  co_return dns::check_update(*answer, id, place.zone, place.name);
}

/// It is noted before it is sent: a server may do what we never hear of.
net::Awaitable<Result<void>> DnsUpdateAnswers::add(const acme::ChallengeAnswer& answer) {
  auto name = dns::Name::parse(acme::dns_01_name(answer.identifier));
  PADLOCK_CO_TRY(name);
  auto place = co_await find_place(*std::move(name));
  PADLOCK_CO_TRY(place);
  const Added record{*std::move(place), answer.identifier, acme::dns_01_value(answer.key_authorization)};
  added_.push_back(record);
  auto done = co_await update(record, true);
  co_return done;
}

std::vector<DnsUpdateAnswers::Added>::iterator DnsUpdateAnswers::find_added(const acme::ChallengeAnswer& answer) {
  const std::string value = acme::dns_01_value(answer.key_authorization);
  return std::ranges::find_if(
      added_, [&](const Added& one) { return one.identifier == answer.identifier && one.value == value; });
}

net::Awaitable<void> DnsUpdateAnswers::remove(const acme::ChallengeAnswer& answer) {
  const auto found = find_added(answer);
  if (found == added_.end()) co_return;
  const Added record = std::move(*found);
  added_.erase(found);
  const auto done = co_await update(record, false);
  static_cast<void>(done);  // see the header
}

// ---- until they are seen --------------------------------------------------------------------------------------------

/// Those that the zone names; an address of each. The primary, if there is none of them.
net::Awaitable<std::vector<net::Endpoint>> DnsUpdateAnswers::servers_of(const Place& place) {
  std::vector<std::string> names = settings_.authoritative;
  if (names.empty()) {
    const auto answer = co_await ask(place.server, place.zone, dns::Type::NS, false);
    if (answer) {
      for (const dns::Record* const one : answer->find(place.zone, dns::Type::NS))
        names.push_back(one->target.to_string());
    }
  }
  std::vector<net::Endpoint> servers;
  for (const std::string& one : names) {
    const auto address = co_await address_of(one);
    if (address) servers.push_back(*address);
  }
  if (servers.empty()) servers.push_back(place.server);
  co_return servers;
}

/// A server that does not answer us may not answer the CA either, which then asks another; one that answers must show
/// it.
net::Awaitable<Result<void>> DnsUpdateAnswers::wait_until_shown(const Added& record) {
  const auto servers = co_await servers_of(record.place);
  const auto end = net::deadline_in(settings_.patience);
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (;;) {
    std::string lacking;
    std::size_t shown = 0;
    for (const net::Endpoint& server : servers) {
      const auto answer = co_await ask(server, record.place.name, dns::Type::TXT, false);
      if (shows(answer, record.place.name, record.value)) {
        ++shown;
      } else if (answer || servers.size() == 1) {
        lacking += (lacking.empty() ? "" : ", ") + net::to_string(server);
      }
    }
    if (shown > 0 && lacking.empty()) co_return Result<void>();
    if (std::chrono::steady_clock::now() + look_again >= end)
      co_return broken(rules::dns_not_shown,
                       "the record of " + record.place.name.to_string() + " was set at " +
                           net::to_string(record.place.server) + ", and after " +
                           std::to_string(settings_.patience.count()) + " s it is not shown by " +
                           (lacking.empty() ? "any server of the zone " + record.place.zone.to_string() : lacking));
    timer.expires_after(look_again);
    std::error_code woken;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
}

/// Those of other orders are not waited for: they may be taken away meanwhile.
net::Awaitable<Result<void>> DnsUpdateAnswers::settle(std::span<const acme::ChallengeAnswer> added) {
  std::vector<Added> records;
  records.reserve(added.size());
  for (const acme::ChallengeAnswer& answer : added) {
    if (const auto found = find_added(answer); found != added_.end()) records.push_back(*found);
  }
  for (const Added& one : records) {
    auto shown = co_await wait_until_shown(one);
    PADLOCK_CO_TRY(shown);
  }
  co_return Result<void>();
}

}  // namespace padlock::certs
