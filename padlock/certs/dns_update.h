#pragma once

#include <optional>
#include <string>
#include <vector>

#include "padlock/certs/acme_settings.h"
#include "padlock/certs/dns_answers.h"
#include "padlock/crypto/provider.h"
#include "padlock/dns/message.h"
#include "padlock/dns/tsig.h"
#include "padlock/net/address.h"

namespace padlock::certs {

/// Answers of dns-01 as TXT records that updates put into a zone (RFC 2136), signed by a shared key (RFC 8945). The CA
/// looks when all servers of the zone show them, and what is taken away is what was added, however many others the name
/// has. Where `_acme-challenge` is an alias, the record is set at its end.
class DnsUpdateAnswers final : public DnsAnswers {
 public:
  /// `provider` and `others` outlive it. The key is read for each order.
  DnsUpdateAnswers(DnsUpdateSettings settings, crypto::Provider& provider, ChallengeAnswers& others)
      : DnsAnswers(others), settings_(std::move(settings)), provider_(&provider) {}

 protected:
  /// Errors: those of files and of dns, `rules::dns_zone_unknown`.
  net::Awaitable<Result<void>> add(const acme::ChallengeAnswer& answer) override;
  /// Error: `rules::dns_not_shown`.
  net::Awaitable<Result<void>> settle(std::span<const acme::ChallengeAnswer> added) override;
  /// What goes wrong leaves a record that does no harm: the CA takes each once.
  net::Awaitable<void> remove(const acme::ChallengeAnswer& answer) override;

 private:
  /// Where a name's record goes.
  struct Place {
    net::Endpoint server;  ///< the primary
    dns::Name zone, name;
  };
  struct Added {
    Place place;
    acme::Identifier identifier;
    std::string value;
  };

  std::vector<Added>::iterator find_added(const acme::ChallengeAnswer& answer);
  net::Awaitable<Result<Place>> find_place(dns::Name name);
  net::Awaitable<Result<dns::Name>> end_of_aliases(net::Endpoint server, dns::Name name);
  net::Awaitable<Result<std::optional<dns::Name>>> alias_of(net::Endpoint server, dns::Name name);
  net::Awaitable<Result<dns::Name>> find_zone(net::Endpoint server, dns::Name name);
  net::Awaitable<Result<void>> update(const Added& record, bool addition);
  net::Awaitable<std::vector<net::Endpoint>> servers_of(const Place& place);
  net::Awaitable<Result<void>> wait_until_shown(const Added& record);
  net::Awaitable<Result<dns::Message>> ask(net::Endpoint server, dns::Name name, dns::Type type, bool recursion);

  DnsUpdateSettings settings_;
  crypto::Provider* provider_;
  std::vector<Added> added_;
};

}  // namespace padlock::certs
