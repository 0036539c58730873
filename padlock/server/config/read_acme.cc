#include "padlock/server/config/read_acme.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "padlock/acme/objects.h"
#include "padlock/base/nearest.h"
#include "padlock/base/text.h"
#include "padlock/dns/name.h"
#include "padlock/net/address.h"
#include "padlock/net/name_server.h"
#include "padlock/server/config/check_url.h"
#include "padlock/x509/host_name.h"
#include "padlock/x509/public_suffix.h"

namespace padlock::server {
namespace {

constexpr std::array<std::string_view, 4> challenge_names{"tls-alpn-01", "http-01", "dns-01", "dns-persist-01"};

bool sets_records(const certs::AcmeSettings& settings) {
  return !settings.acme_dns_file.empty() || settings.dns_update || !settings.dns_hook.empty();
}

void read_challenges(ConfigTable& table, certs::AcmeSettings& settings) {
  const auto texts = table.texts("challenge");
  if (!texts.empty()) settings.challenges.clear();
  if (texts.empty() && sets_records(settings)) settings.challenges.push_back(acme::ChallengeType::dns_01);
  for (const std::string& text : texts) {
    const auto type = acme::find_challenge_type(text);
    if (type)
      settings.challenges.push_back(*type);
    else
      table.problem("challenge", "there is no challenge " + in_quotes(text), suggestion(text, challenge_names));
  }
  const bool by_dns = std::ranges::find(settings.challenges, acme::ChallengeType::dns_01) != settings.challenges.end();
  if (by_dns && !sets_records(settings))
    table.problem("challenge", "nothing says where the records of dns-01 go",
                  R"(add [acme.rfc2136] with server and key, exec = "/path/hook" or acme_dns = "acme-dns.json")");
}

/// [acme.rfc2136]. Nothing: it is of no use.
std::optional<certs::DnsUpdateSettings> read_dns_update(ConfigTable& table, const std::filesystem::path& folder) {
  certs::DnsUpdateSettings settings{.server = table.text("server").value_or(""), .key_file = {}};
  if (const auto file = table.text("key")) settings.key_file = (folder / *file).native();
  settings.zone = table.text("zone").value_or("");
  settings.authoritative = table.texts("authoritative");
  if (const auto patience = table.duration("patience"))
    settings.patience = std::chrono::ceil<std::chrono::seconds>(*patience);
  const bool whole = !settings.server.empty() && !settings.key_file.empty();
  if (!whole)
    table.problem("", "updates need the zone's primary and a key",
                  R"(add server = "ns1.example.com" and key = "tsig.key", as tsig-keygen makes one)");
  const auto check_server = [&](std::string_view key, const std::string& text) {
    if (!net::parse_host_and_port(text, net::dns_port))
      table.problem(key, in_quotes(text) + " is no name server", R"(write "ns1.example.com" or "192.0.2.1:53")");
  };
  if (!settings.server.empty()) check_server("server", settings.server);
  for (const std::string& one : settings.authoritative) check_server("authoritative", one);
  if (!settings.zone.empty() && !dns::Name::parse(settings.zone))
    table.problem("zone", in_quotes(settings.zone) + " is no domain name", R"(write "example.com")");
  table.finish();
  return whole ? std::optional(std::move(settings)) : std::nullopt;
}

/// Where records of dns-01 go: one place, or none.
void read_records(ConfigTable& table, const std::filesystem::path& folder, certs::AcmeSettings& settings) {
  if (const auto file = table.text("acme_dns")) settings.acme_dns_file = (folder / *file).native();
  if (const auto program = table.text("exec"))
    settings.dns_hook = std::filesystem::absolute(folder / *program).native();
  if (auto update = table.table("rfc2136")) settings.dns_update = read_dns_update(*update, folder);
  const int places = int{table.has("acme_dns")} + int{table.has("exec")} + int{table.has("rfc2136")};
  if (places > 1)
    table.problem("", "records of dns-01 go to one place alone", "keep one of acme_dns, exec and [acme.rfc2136]");
}

void read_eab(ConfigTable& table, certs::AcmeSettings& settings) {
  settings.eab_key_identifier = table.text("key_id").value_or("");
  settings.eab_mac_key = table.text("mac_key").value_or("");
  if (settings.eab_key_identifier.empty() || settings.eab_mac_key.empty())
    table.problem("", "an external account has two parts",
                  R"(add key_id = "..." and mac_key = "...", as the CA shows them)");
  table.finish();
}

/// What there is to say of each CA. False: it is of no use.
bool read_ca(ConfigTable& table, const std::filesystem::path& folder, certs::AcmeSettings& settings) {
  settings.directory = table.text("directory").value_or("");
  if (auto email = table.text("email")) settings.email = *std::move(email);
  settings.agree = table.flag("agree").value_or(false);
  for (const std::string& file : table.texts("ca_file")) settings.ca_files.push_back((folder / file).native());
  settings.profile = table.text("profile").value_or("");
  settings.preferred_root = table.text("root").value_or("");
  if (auto eab = table.table("eab")) read_eab(*eab, settings);
  if (acme::Origin::of(settings.directory)) return true;
  table.problem(table.has("directory") ? "directory" : "", "the CA's directory is no https URL",
                R"(write directory = "https://acme-v02.api.letsencrypt.org/directory")");
  return false;
}

/// [[acme.fallback]]: CAs with accounts of their own; names are proved to them as to the first.
void read_fallbacks(ConfigTable& table, const std::filesystem::path& folder, certs::AcmeSettings& settings) {
  for (ConfigTable& one : table.tables("fallback")) {
    certs::AcmeSettings other{.directory = {}, .email = settings.email};
    other.challenges = settings.challenges;
    const bool good = read_ca(one, folder, other);
    const bool known =
        other.directory == settings.directory ||
        std::ranges::find(settings.others, other.directory, &certs::AcmeSettings::directory) != settings.others.end();
    if (good && known) one.problem("directory", "this CA is asked already", "name another one, or remove this table");
    one.finish();
    if (good) settings.others.push_back(std::move(other));
  }
}

void check_allowed_name(ConfigTable& table, const std::string& name) {
  const std::string_view host = name.starts_with("*.") ? std::string_view(name).substr(2) : std::string_view(name);
  if (!x509::is_presented_name(name) || x509::parse_ip_address(name))
    table.problem("allow", in_quotes(name) + " is no name that can be allowed",
                  R"(write "shop.example.com" or "*.example.com")");
  else if (host != name && x509::is_public_suffix(host))
    table.problem("allow", in_quotes(name) + " allows the names of everybody", R"(say by ask which of them may)");
}

/// [acme.on_demand]. Nothing: it is of no use.
std::optional<certs::OnDemandSettings> read_on_demand(ConfigTable& table) {
  certs::OnDemandSettings settings{.site = to_lower_ascii(table.text("site").value_or(""))};
  for (const std::string& name : table.texts("allow")) {
    settings.allow.push_back(to_lower_ascii(name));
    check_allowed_name(table, settings.allow.back());
  }
  settings.ask = table.text("ask").value_or("");
  // What it says decides whether a CA is asked, so nobody may change it on its way.
  if (!settings.ask.empty()) check_private_url(table, "ask", settings.ask, "http://127.0.0.1:9000/allowed");
  if (settings.site.empty())
    table.problem("", "nothing says which site has the names on demand", R"(add site = "www.example.com")");
  const bool ruled = !settings.allow.empty() || !settings.ask.empty();
  if (!ruled)
    table.problem("", "nothing says which names may have a certificate: anybody could have the CA asked for any",
                  R"(add allow = ["*.example.com"] or ask = "http://127.0.0.1:9000/allowed")");
  table.finish();
  return ruled && !settings.site.empty() ? std::optional(std::move(settings)) : std::nullopt;
}

}  // namespace

std::optional<certs::AcmeSettings> read_acme(ConfigTable& table, const std::filesystem::path& folder) {
  certs::AcmeSettings settings{.directory = {}};
  const bool good = read_ca(table, folder, settings);
  read_records(table, folder, settings);
  read_challenges(table, settings);
  read_fallbacks(table, folder, settings);
  if (auto on_demand = table.table("on_demand")) settings.on_demand = read_on_demand(*on_demand);
  table.finish();
  return good ? std::optional(std::move(settings)) : std::nullopt;
}

}  // namespace padlock::server
