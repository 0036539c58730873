// `padlock acme`: what is asked of a CA by hand, with the account that `padlock serve` has there: a certificate is
// revoked, the account gets another key, a record is told that allows the account to have certificates.
#include "padlock/cli/acme.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "padlock/acme/timestamp.h"
#include "padlock/base/text.h"
#include "padlock/certs/acme_cas.h"
#include "padlock/certs/redis_store.h"
#include "padlock/certs/rules.h"
#include "padlock/cli/acme_rules.h"
#include "padlock/cli/dns_look.h"
#include "padlock/cli/rules.h"
#include "padlock/cli/serve_flags.h"
#include "padlock/cli/wait_for.h"
#include "padlock/client/trust.h"
#include "padlock/net/clock.h"
#include "padlock/server/config/read_config.h"

namespace padlock::cli {
namespace {

struct Reason {
  std::string_view name;
  acme::RevocationReason value;
};
constexpr std::array reasons{Reason{"unspecified", acme::RevocationReason::unspecified},
                             Reason{"keyCompromise", acme::RevocationReason::keyCompromise},
                             Reason{"affiliationChanged", acme::RevocationReason::affiliationChanged},
                             Reason{"superseded", acme::RevocationReason::superseded},
                             Reason{"cessationOfOperation", acme::RevocationReason::cessationOfOperation}};

/// The CA of a configuration, and the store with our account there. Nothing is served: no challenge can be answered.
struct Account {
  std::unique_ptr<crypto::Provider> provider = crypto::make_provider();
  certs::ChallengeBoard nobody_looks{*provider};
  std::optional<certs::StoreFolder> store;
  std::optional<certs::RedisStore> shared;  ///< where a fleet has one
  std::unique_ptr<certs::AcmeCas> cas;
};

/// Errors: those of the configuration, rules::no_acme, rules::no_state_directory.
Result<std::unique_ptr<Account>> open_account(const std::string& named) {
  const auto file = PADLOCK_TRY(find_config_file(named));
  const auto config = server::read_config(file);
  if (!config) return broken(rules::no_acme, server::to_string(config.error().front()));
  if (!config->acme) return broken(rules::no_acme, escaped(file.native()) + " has no table [acme]");
  const auto directory = client::state_directory();
  if (!directory) return broken(rules::no_state_directory, "there is no place where an account could be");
  auto account = std::make_unique<Account>();
  account->store.emplace(*directory);
  if (config->store) account->shared = PADLOCK_TRY(certs::RedisStore::open(*config->store, *account->provider));
  account->cas =
      PADLOCK_TRY(certs::AcmeCas::make(*config->acme, *account->store, account->nobody_looks, *account->provider));
  return account;
}

/// Other nodes hear of it, and order another one when they start.
net::Awaitable<Result<void>> remove_shared(certs::RedisStore& shared, certs::StoreKey key) {
  const auto removed = co_await shared.remove(key, nullptr);
  shared.close();  // its loop ends with this
  PADLOCK_CO_TRY(removed);
  co_return Result<void>();
}

net::Awaitable<Result<void>> share_account(Account& account, std::string ca) {
  const certs::StoreKey key = certs::account_key_at(std::move(ca));
  const auto ours = account.store->get(key);
  PADLOCK_CO_TRY(ours);
  if (!*ours) co_return Result<void>();
  auto put = co_await account.shared->put(key, (*ours)->reveal(), nullptr);
  account.shared->close();  // its loop ends with this
  co_return put;
}

/// The certificate leaves the store, so that `serve` asks for another one when it starts.
Result<void> revoke(const std::string& named, const std::string& name, acme::RevocationReason reason) {
  const auto account = PADLOCK_TRY(open_account(named));
  bool found = false;
  for (certs::AcmeIssuer* const issuer : account->cas->all()) {
    const certs::StoreKey key{certs::Kind::certificate, issuer->ca(), to_lower_ascii(name)};
    const auto entry = PADLOCK_TRY(certs::find_certificate(*account->store, key, *account->provider));
    if (!entry) continue;
    found = true;
    const auto leaf = PADLOCK_TRY(certs::leaf_of(*entry));
    PADLOCK_TRY(wait_for(issuer->revoke(*leaf, reason)));
    static_cast<void>(PADLOCK_TRY(account->store->remove(key)));  // whoever else did it
    if (account->shared) PADLOCK_TRY(wait_for(remove_shared(*account->shared, key)));
    say("the certificate for " + escaped(name) + " by " + escaped(issuer->ca()) +
        " is revoked; `padlock serve` asks for another when it starts\n");
  }
  if (found) return {};
  return broken(rules::no_acme_certificate,
                "there is no certificate for " + escaped(name) + " by " + escaped(account->cas->first().ca()));
}

/// At each CA of the configuration that has one of ours.
Result<void> roll_key(const std::string& named) {
  const auto account = PADLOCK_TRY(open_account(named));
  const auto all = account->cas->all();
  for (certs::AcmeIssuer* const issuer : all) {
    const certs::StoreKey key{certs::Kind::account, issuer->ca(), "account"};
    const bool is_there = PADLOCK_TRY(account->store->get(key)).has_value();
    if (!is_there && all.size() > 1) continue;
    PADLOCK_TRY(wait_for(issuer->roll_key()));
    if (account->shared) PADLOCK_TRY(wait_for(share_account(*account, issuer->ca())));
    say("the account at " + escaped(issuer->ca()) +
        " has another key; restart `padlock serve`, which knows the old one\n");
  }
  return {};
}

// ---- dns-persist-01 (draft-ietf-acme-dns-persist-01) ----------------------------------------------------------------

struct PersistRecordFlags {
  std::string name, until, dns, config;
};

/// Another node of the fleet may have made it: there is one for all.
net::Awaitable<Result<void>> take_shared_account(Account& account, std::string ca) {
  const certs::StoreKey key = certs::account_key_at(std::move(ca));
  const auto ours = account.store->get(key);
  PADLOCK_CO_TRY(ours);
  if (*ours) co_return Result<void>();
  const auto theirs = co_await account.shared->get(key);
  account.shared->close();  // its loop ends with this
  PADLOCK_CO_TRY(theirs);
  if (!*theirs) co_return Result<void>();
  co_return account.store->put(key, (*theirs)->reveal());
}

Result<std::optional<std::uint64_t>> seconds_of(const std::string& until) {
  if (until.empty()) return std::nullopt;
  constexpr std::size_t date = std::string_view("2027-03-01").size();
  const auto time = acme::parse_timestamp(until.size() == date ? until + "T00:00:00Z" : until);
  if (!time || *time <= net::now().wall)
    return broken(rules::persist_record_option, "--until " + escaped(until) + " is no time to come");
  return static_cast<std::uint64_t>(time->time_since_epoch().count());
}

/// The record on stdout as a zone file has it, and on stderr whether it is there. False: it is not.
Result<bool> tell_record(const PersistRecordFlags& flags, const acme::Identifier& identifier, Account& account,
                         certs::AcmeIssuer& issuer, const std::vector<net::Endpoint>& servers) {
  if (account.shared) PADLOCK_TRY(wait_for(take_shared_account(account, issuer.ca())));
  const auto proof = PADLOCK_TRY(wait_for(issuer.persistent_proof()));
  if (account.shared) PADLOCK_TRY(wait_for(share_account(account, issuer.ca())));
  acme::PersistentRecord record = PADLOCK_TRY(acme::persistent_record_for(identifier, proof));
  record.persist_until = PADLOCK_TRY(seconds_of(flags.until));
  const std::string text = PADLOCK_TRY(acme::write_persistent_record(record));
  say("; whoever has our account at " + issuer.ca() + " may have certificates for " + identifier.value +
      " while this stands\n" + acme::persistent_record_name(identifier) + ". IN TXT " + acme::zone_strings(text) +
      "\n");
  const auto fault = PADLOCK_TRY(look_at_persistent_records(servers, identifier, proof, *account.provider));
  print_error(issuer.ca() + ": the TXT record at " + acme::persistent_record_name(identifier) + " " +
              std::string(acme::words_of(fault)));
  return fault == acme::PersistentFault::none;
}

/// For each CA of the configuration.
Result<int> persist_record(const PersistRecordFlags& flags) {
  const auto identifier = acme::make_identifier(flags.name);
  constexpr auto persistent = acme::ChallengeType::dns_persist_01;
  if (!identifier || !acme::can_prove(persistent, *identifier))
    return broken(rules::persist_record_option, escaped(flags.name) + " cannot be proved by dns-persist-01");
  PADLOCK_TRY(seconds_of(flags.until));
  const auto servers = PADLOCK_TRY(name_servers_of(flags.dns));
  const auto account = PADLOCK_TRY(open_account(flags.config));
  int code = fine;
  for (certs::AcmeIssuer* const issuer : account->cas->all()) {
    if (!PADLOCK_TRY(tell_record(flags, *identifier, *account, *issuer, servers))) code = findings;
  }
  const auto& challenges = account->cas->first().settings().challenges;
  if (std::ranges::find(challenges, persistent) == challenges.end())
    print_error("[acme] does not ask for it: challenge = \"dns-persist-01\" does");
  return code;
}

int exit_code_of(const Result<void>& done) {
  if (done) return fine;
  print_error(done.error());
  const bool wrong_use = done.error().rule == &rules::no_acme || done.error().rule == &rules::no_acme_certificate ||
                         done.error().rule == &rules::no_configuration ||
                         done.error().rule == &rules::persist_record_option ||
                         done.error().rule == &rules::doctor_option;
  return wrong_use ? usage : failed;
}

void add_config_option(CLI::App& command, std::string& file) {
  command.add_option("--config", file,
                     "The configuration with [acme] (default padlock.toml here, else in /etc/padlock)");
}

void add_revoke(CLI::App& command, Run& run) {
  struct Flags {
    std::string name, reason = "unspecified", config;
  };
  auto* revoking = command.add_subcommand("revoke", "Have the CA revoke a certificate of ours");
  const auto flags = std::make_shared<Flags>();
  revoking->add_option("NAME", flags->name, "The site's first name")->required();
  std::vector<std::string> names;
  names.reserve(reasons.size());
  for (const Reason& one : reasons) names.emplace_back(one.name);
  revoking->add_option("--reason", flags->reason, "Why (RFC 5280, section 5.3.1)")->check(CLI::IsMember(names));
  add_config_option(*revoking, flags->config);
  revoking->callback([flags, &run] {
    run = [flags] {
      const auto* const reason = std::ranges::find(reasons, std::string_view(flags->reason), &Reason::name);
      return exit_code_of(revoke(flags->config, flags->name, reason->value));
    };
  });
}

void add_persist_record(CLI::App& command, Run& run) {
  auto* telling = command.add_subcommand(
      "persist-record", "Say which TXT record proves a name by dns-persist-01; exit 3 if it is not there");
  const auto flags = std::make_shared<PersistRecordFlags>();
  telling->add_option("NAME", flags->name, "A host name, perhaps with *. in front")->required();
  telling->add_option("--until", flags->until, "A day or time (UTC) until which the record shall count");
  telling->add_option("--dns", flags->dns,
                      "HOST[:PORT] of the name server that is asked (default those of the system)");
  add_config_option(*telling, flags->config);
  telling->callback([flags, &run] {
    run = [flags] {
      const auto code = persist_record(*flags);
      return code ? *code : exit_code_of(std::unexpected(code.error()));
    };
  });
}

}  // namespace

void add_acme(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("acme", "Ask a CA that speaks ACME by hand");
  command->require_subcommand(1);
  add_revoke(*command, run);
  add_persist_record(*command, run);
  auto* rolling = command->add_subcommand("roll-key", "Give our account at the CA another key");
  const auto file = std::make_shared<std::string>();
  add_config_option(*rolling, *file);
  rolling->callback([file, &run] { run = [file] { return exit_code_of(roll_key(*file)); }; });
}

}  // namespace padlock::cli
