#include "padlock/server/config/read_client_certificates.h"

#include <array>
#include <string>
#include <string_view>

#include "padlock/base/nearest.h"

namespace padlock::server {
namespace {

std::vector<std::filesystem::path> files(ConfigTable& table, std::string_view key,
                                         const std::filesystem::path& folder) {
  const auto texts = table.texts(key);
  std::vector<std::filesystem::path> all;
  all.reserve(texts.size());
  for (const std::string& text : texts) all.push_back(folder / text);
  return all;
}

void read_mode(ConfigTable& table, ClientCertificatesConfig& config) {
  constexpr std::array<std::string_view, 2> modes{"required", "optional"};
  const auto mode = table.text("mode");
  if (!mode) return;
  config.required = *mode == modes[0];
  if (!config.required && *mode != modes[1])
    table.problem("mode", "there is no mode " + in_quotes(*mode), suggestion(*mode, modes));
}

}  // namespace

std::optional<ClientCertificatesConfig> read_client_certificates(ConfigTable& table,
                                                                 const std::filesystem::path& folder) {
  ClientCertificatesConfig config{.authorities = files(table, "ca", folder),
                                  .revocation_lists = files(table, "crl", folder)};
  read_mode(table, config);
  if (config.authorities.empty() && !table.has("ca"))
    table.problem("", "nothing says whose certificates clients may show", R"(add ca = "/path/to/clients-ca.pem")");
  else if (config.authorities.empty())
    table.problem("ca", "there is no file", R"(write ca = "/path/to/clients-ca.pem")");
  table.finish();
  if (config.authorities.empty()) return std::nullopt;
  return config;
}

}  // namespace padlock::server
