#include "padlock/server/config/read_acme.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "padlock/acme/objects.h"
#include "padlock/base/nearest.h"
#include "padlock/base/text.h"

namespace padlock::server {
namespace {

constexpr std::array<std::string_view, 3> challenge_names{"tls-alpn-01", "http-01", "dns-01"};

void read_challenges(ConfigTable& table, certs::AcmeSettings& settings) {
  const auto texts = table.texts("challenge");
  if (!texts.empty()) settings.challenges.clear();
  if (texts.empty() && !settings.acme_dns_file.empty()) settings.challenges.push_back(acme::ChallengeType::dns_01);
  for (const std::string& text : texts) {
    const auto type = acme::find_challenge_type(text);
    if (type)
      settings.challenges.push_back(*type);
    else
      table.problem("challenge", "there is no challenge " + in_quotes(text), suggestion(text, challenge_names));
  }
}

void read_eab(ConfigTable& table, certs::AcmeSettings& settings) {
  settings.eab_key_identifier = table.text("key_id").value_or("");
  settings.eab_mac_key = table.text("mac_key").value_or("");
  if (settings.eab_key_identifier.empty() || settings.eab_mac_key.empty())
    table.problem("", "an external account has two parts",
                  R"(add key_id = "..." and mac_key = "...", as the CA shows them)");
  table.finish();
}

}  // namespace

std::optional<certs::AcmeSettings> read_acme(ConfigTable& table, const std::filesystem::path& folder) {
  certs::AcmeSettings settings{.directory = table.text("directory").value_or("")};
  settings.email = table.text("email").value_or("");
  settings.agree = table.flag("agree").value_or(false);
  for (const std::string& file : table.texts("ca_file")) settings.ca_files.push_back((folder / file).native());
  if (const auto file = table.text("acme_dns")) settings.acme_dns_file = (folder / *file).native();
  read_challenges(table, settings);
  const bool by_dns = std::ranges::find(settings.challenges, acme::ChallengeType::dns_01) != settings.challenges.end();
  if (by_dns && settings.acme_dns_file.empty())
    table.problem("challenge", "nothing says where the records of dns-01 go", R"(add acme_dns = "acme-dns.json")");
  settings.profile = table.text("profile").value_or("");
  settings.preferred_root = table.text("root").value_or("");
  if (auto eab = table.table("eab")) read_eab(*eab, settings);
  const bool good = acme::Origin::of(settings.directory).has_value();
  if (!good)
    table.problem(table.has("directory") ? "directory" : "", "the CA's directory is no https URL",
                  R"(write directory = "https://acme-v02.api.letsencrypt.org/directory")");
  table.finish();
  return good ? std::optional(std::move(settings)) : std::nullopt;
}

}  // namespace padlock::server
